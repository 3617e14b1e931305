/** Tokens as a relay, or anybody with a JWT library, sees them. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { signToken } from "../../src/server.ts";

const secret = "a-secret-of-32-bytes,-and-a-few-more";
const claims = { sub: "alice", room: "orders-*", scope: ["read"], expiresIn: "15m" } as const;

describe("a signed token", () => {
  it("says what it was told, from now until it expires", async () => {
    const before = Math.floor(Date.now() / 1_000);
    const token = await signToken({ ...claims, secret, issuer: "shop", audience: "relay" });
    const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(secret), {
      issuer: "shop",
      audience: "relay",
    });
    expect(protectedHeader).toEqual({ alg: "HS256" });
    const { iat = 0, exp, ...others } = payload;
    expect(others).toEqual({
      sub: "alice",
      room: "orders-*",
      scope: ["read"],
      iss: "shop",
      aud: "relay",
    });
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(exp).toBe(iat + 15 * 60);
  });

  it.each([
    [1, 1],
    [90.5, 90],
    ["30s", 30],
    ["15m", 900],
    ["2h", 7_200],
    ["7d", 604_800],
  ])("lives as long as %s says", async (expiresIn, seconds) => {
    const token = await signToken({ ...claims, expiresIn, secret });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
    expect(Number(payload.exp) - Number(payload.iat)).toBe(seconds);
  });

  const older = "0123456789abcdef0123456789abcdef";
  const spaced = "a secret that has white space in it";
  it.each([
    ["separated by white space", ` ${secret}\n${older} `, secret],
    ["as a JSON array", JSON.stringify([spaced, older]), spaced],
  ])("is signed with the first of several secrets, %s", async (_, several, first) => {
    const token = await signToken({ ...claims, secret: several });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(first));
    expect(payload.sub).toBe("alice");
  });

  it("always has its scopes as a list", async () => {
    const token = await signToken({ ...claims, scope: "read", room: ["a", "b"], secret });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
    expect(payload).toMatchObject({ scope: ["read"], room: ["a", "b"] });
  });

  const pairs = {
    ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
    EdDSA: generateKeyPairSync("ed25519"),
  };

  it.each(["ES256", "RS256", "EdDSA"] as const)(
    "is signed with a private key (%s)",
    async (algorithm) => {
      const { privateKey, publicKey } = pairs[algorithm];
      const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      const jwk = createPrivateKey(pem).export({ format: "jwk" });
      const usages = ["sign"] as const;
      const names = {
        ES256: { name: "ECDSA", namedCurve: "P-256" },
        RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
        EdDSA: { name: "Ed25519" },
      };
      const der = privateKey.export({ type: "pkcs8", format: "der" });
      const native = await crypto.subtle.importKey("pkcs8", der, names[algorithm], false, usages);
      for (const key of [pem, jwk, native]) {
        const token = await signToken({ ...claims, privateKey: key, algorithm, kid: "k1" });
        expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, kid: "k1" });
        expect((await jwtVerify(token, publicKey)).payload).toMatchObject({ sub: "alice" });
      }
    },
  );
});

describe("nonsense is refused, in words that don't hold the secret", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const none = { secret: undefined };
  const sec1 = privateKey.export({ type: "sec1", format: "pem" });
  const cases: [string, object, RegExp][] = [
    ["no sub", { sub: undefined }, /sub/],
    ["an empty sub", { sub: "" }, /sub/],
    ["a sub that is too long", { sub: "x".repeat(257) }, /sub/],
    ["half of a character as sub", { sub: "a\ud800" }, /sub/],
    ["a sub that is a number", { sub: 7 }, /sub/],
    ["no room", { room: undefined }, /room/],
    ["no rooms at all", { room: [] }, /room/],
    ["too many rooms", { room: Array(65).fill("a") }, /room/],
    ["what is no room", { room: ["a", "b/c"] }, /b\/c/],
    ["no scope", { scope: undefined }, /scope/],
    ["an unknown scope", { scope: ["read", "delete"] }, /delete/],
    ["scopes in one text", { scope: "read write" }, /read write/],
    ["no scopes at all", { scope: [] }, /scope/],
    ["no expiry", { expiresIn: undefined }, /expiresIn/],
    ["an expiry that is past", { expiresIn: -1 }, /expiresIn/],
    ["an expiry that never comes", { expiresIn: Number.POSITIVE_INFINITY }, /expiresIn/],
    ["an expiry of no time", { expiresIn: "0m" }, /expiresIn/],
    ["an expiry in weeks", { expiresIn: "2w" }, /expiresIn/],
    ["no secret", { secret: undefined }, /secret/],
    ["a secret that is too short", { secret: "geheim" }, /32 bytes/],
    ["several, one of which is too short", { secret: `${secret} geheim` }, /32 bytes/],
    ["a list that is no JSON", { secret: `["${secret}"` }, /JSON/],
    [
      "an algorithm of the other kind",
      { ...none, privateKey: "x", algorithm: "HS256" },
      /algorithm/,
    ],
    ["a key that is none", { ...none, privateKey: "x", algorithm: "ES256" }, /PKCS #8/],
    ["a key in an older form", { ...none, privateKey: sec1, algorithm: "ES256" }, /PKCS #8/],
    ["a secret beside a key", { privateKey: "x", algorithm: "ES256" }, /can't both be there/],
    ["a key's algorithm for a secret", { algorithm: "ES256" }, /go with privateKey/],
    ["a key's id for a secret", { kid: "k1" }, /go with privateKey/],
    ["an issuer that is no name", { issuer: 5 }, /issuer has to be a string/],
    ["an audience that is no name", { audience: ["a"] }, /audience has to be a string/],
    ["what is no option", { expiresin: "1h" }, /options has no expiresin: it is \{ sub, /],
  ];

  it("no options at all", async () => {
    const sign = signToken as (options?: unknown) => Promise<string>;
    for (const options of [undefined, null, "geheim"]) {
      await expect(sign(options)).rejects.toThrow(/^options has to be \{ sub, /);
    }
  });

  it.each(cases)("%s", async (_, wrong, message) => {
    const options = { ...claims, secret, ...wrong };
    const signed = signToken(options);
    await expect(signed).rejects.toThrow(message);
    await expect(signed).rejects.toThrow(TypeError);
    await expect(signed).rejects.not.toThrow(/geheim|a-secret-of-32-bytes/);
  });
});
