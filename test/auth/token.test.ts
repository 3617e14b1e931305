import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Authentication, authenticate, type VerifyToken } from "../../src/auth/access.ts";
import { tokenVerifier } from "../../src/auth/token.ts";
import { readConfig } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import { signToken } from "../../src/server/token.ts";
import { BAD_TOKENS } from "../support/bad-tokens.ts";
import {
  AUDIENCE,
  claimsAt,
  headerOf,
  ISSUER,
  SECRET,
  type SigningKey,
  secretKey,
  sign,
  tokenOf,
} from "../support/tokens.ts";

/** What checks tokens in a deployment with these settings. */
function verifier(variables: Partial<Env>): VerifyToken {
  const { access } = readConfig(variables as Env);
  return (token) => authenticate(token, "", access);
}

const EXPECTED = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };

function pair(alg: "ES256" | "RS256" | "EdDSA", kid: string) {
  const { privateKey, publicKey } =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : alg === "RS256"
        ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
        : generateKeyPairSync("ed25519");
  const key: SigningKey = { alg, kid, jwk: privateKey.export({ format: "jwk" }) };
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  return { key, pem, jwk: { ...publicKey.export({ format: "jwk" }), kid } };
}

const es = pair("ES256", "es-1");
const es2 = pair("ES256", "es-2");
const rs = pair("RS256", "rs-1");
const ed = pair("EdDSA", "ed-1");
const JWT_JWKS = JSON.stringify({ keys: [rs.jwk, es.jwk, ed.jwk, es2.jwk] });

const DEPLOYMENTS: readonly (readonly [SigningKey, Partial<Env>])[] = [
  [secretKey(SECRET), { JWT_SECRET: SECRET }],
  [es.key, { JWT_JWKS, JWT_ALGORITHM: "ES256" }],
  [rs.key, { JWT_JWKS, JWT_ALGORITHM: "RS256" }],
  [ed.key, { JWT_JWKS, JWT_ALGORITHM: "EdDSA" }],
];

describe.each(DEPLOYMENTS)("tokens with $alg", (key, variables) => {
  const now = Date.now();
  let verify: VerifyToken;
  beforeAll(() => {
    verify = verifier({ ...EXPECTED, ...variables });
  });

  it("AUTH-1 a good one gives its own claims", async () => {
    expect(await verify(await tokenOf(key, { room: ["a", "b-*"], scope: "read" }))).toEqual({
      kind: "known",
      claims: {
        identity: "sub:ann",
        scope: ["read"],
        rooms: ["a", "b-*"],
        expiresAt: expect.any(Number),
      },
    });
    // Each time anew.
    expect(await verify(await tokenOf(key))).toMatchObject({ kind: "known" });
  });

  it.each(BAD_TOKENS)("$title: $code", async ({ forge, code }) => {
    const answer = await verify(await forge(key, now));
    expect(codeOf(answer)).toBe(code);
  });

  it("AUTH-1 what signToken of roomlog/server signs is good", async () => {
    const { alg, kid = "", jwk } = key;
    const secret = SECRET;
    const by = alg === "HS256" ? { secret } : { privateKey: { ...jwk }, algorithm: alg, kid };
    const told = { sub: "ann", room: ["a", "b-*"], scope: ["read", "write"] } as const;
    const whom = { issuer: ISSUER, audience: AUDIENCE, expiresIn: "10m" };
    const token = await signToken({ ...told, ...whom, ...by });
    const claims = { identity: "sub:ann", scope: told.scope, rooms: told.room };
    expect(await verify(token)).toMatchObject({ kind: "known", claims });
  });

  it("AUTH-1 a token of another algorithm is refused, although its key is known", async () => {
    for (const [other] of DEPLOYMENTS) {
      const expected = other.alg === key.alg ? "known" : "invalid";
      expect((await verify(await tokenOf(other))).kind).toBe(expected);
    }
  });
});

function codeOf({ kind }: Authentication): string {
  return kind === "expired" ? "token_expired" : `${kind}_token`;
}

describe("secrets", () => {
  it("AUTH-1 a token of 8,192 characters is read", async () => {
    const key = secretKey(SECRET);
    const { length } = await tokenOf(key, { more: "" });
    const token = await tokenOf(key, { more: "x".repeat(Math.floor(((8_192 - length) * 3) / 4)) });
    expect(token.length).toBeGreaterThan(8_188);
    expect(token.length).toBeLessThanOrEqual(8_192);
    expect((await verifier({ JWT_SECRET: SECRET })(token)).kind).toBe("known");
  });

  const another = `${SECRET}-2`;

  it.each([
    ["separated by white space", `${SECRET}\n ${another}\n`],
    ["as a JSON array", JSON.stringify([SECRET, another])],
  ])("AUTH-1 any of several is good, %s", async (_, JWT_SECRET) => {
    const verify = verifier({ JWT_SECRET });
    for (const secret of [SECRET, another]) {
      expect((await verify(await tokenOf(secretKey(secret)))).kind).toBe("known");
    }
    expect((await verify(await tokenOf(secretKey(`${another}3`)))).kind).toBe("invalid");
  });

  it("AUTH-1 a kid is not looked at", async () => {
    const key = secretKey(SECRET);
    const token = await sign(key, { ...headerOf(key), kid: "whatever" }, claimsAt(Date.now()));
    expect((await verifier({ JWT_SECRET: SECRET })(token)).kind).toBe("known");
  });
});

describe("a token that can't be good", () => {
  it.each([
    ["another alg", { alg: "RS256", kid: "1" }],
    ["no alg", { kid: "1" }],
    ["alg none", { alg: "none" }],
    ["jku", { alg: "HS256", jku: "https://keys.example" }],
    ["crit", { alg: "HS256", crit: ["x"] }],
  ])("BAD-85 is refused before any key is looked for, let alone fetched: %s", async (_, header) => {
    const keysFor = async (): Promise<never> => {
      throw new Error("a key was looked for");
    };
    const verify = tokenVerifier({ algorithm: "HS256", keysFor, now: Date.now });
    const token = await sign(secretKey(SECRET), header, claimsAt(Date.now()));
    expect((await verify(token)).kind).toBe("invalid");
  });
});

describe("public keys", () => {
  const verify = verifier({ JWT_JWKS, JWT_ALGORITHM: "ES256" });
  const withKid = (kid: string | undefined, key = es.key) =>
    sign(key, { ...headerOf(key), kid }, claimsAt(Date.now()));

  it("AUTH-1 the kid names the key", async () => {
    expect((await verify(await withKid("es-1"))).kind).toBe("known");
    expect((await verify(await withKid("es-2", es2.key))).kind).toBe("known");
    expect((await verify(await withKid("es-2"))).kind).toBe("invalid");
  });

  it("AUTH-1 where there is one key, a token need not name it", async () => {
    const { kid: _, ...nameless } = es.jwk;
    for (const key of [es.jwk, nameless]) {
      const keys = [rs.jwk, key, { ...es2.jwk, use: "enc" }];
      const only = verifier({ JWT_JWKS: JSON.stringify({ keys }), JWT_ALGORITHM: "ES256" });
      expect((await only(await withKid(undefined))).kind).toBe("known");
      expect((await only(await withKid("other"))).kind).toBe("invalid");
    }
  });

  it.each([[undefined], ["es-3"], ["rs-1"], [""], ["__proto__"], ["../../key"], ["' OR 1=1 --"]])(
    "BAD-85 a good signature with the kid %j is refused",
    async (kid) => {
      expect((await verify(await withKid(kid))).kind).toBe("invalid");
    },
  );

  it("BAD-83 a public key is no secret, in whatever form", async () => {
    const jwks = verifier({ JWT_JWKS, JWT_ALGORITHM: "RS256" });
    const { n = "" } = rs.jwk;
    for (const secret of [rs.pem, rs.pem.trim(), JSON.stringify(rs.jwk), n, JWT_JWKS]) {
      const key = { ...secretKey(secret), kid: "rs-1" };
      expect((await jwks(await tokenOf(key))).kind).toBe("invalid");
      const asRs = await sign(key, { ...headerOf(key), alg: "RS256" }, claimsAt(Date.now()));
      expect((await jwks(asRs)).kind).toBe("invalid");
    }
  });

  it("AUTH-1 keys that are meant for something else, or are none, don't count", async () => {
    const jwk = es.jwk;
    const keys = [
      { ...jwk, kid: "encrypts", use: "enc" },
      { ...jwk, kid: "other alg", alg: "ES384" },
      { ...jwk, kid: "signs", key_ops: ["sign"] },
      { ...jwk, kid: "off the curve", x: jwk.x?.replace(/^.{4}/, "AAAA") },
      { ...jwk, kid: "of another curve", crv: "P-384" },
      { ...jwk, kid: 7 },
      { ...jwk, kid: "twice" },
      { ...es2.jwk, kid: "twice" },
      null,
      "key",
      { ...jwk, kid: "good", alg: "ES256", use: "sig", key_ops: ["verify"] },
      { ...es.key.jwk, kid: "private" },
    ];
    const check = verifier({ JWT_JWKS: JSON.stringify({ keys }), JWT_ALGORITHM: "ES256" });
    const good = [];
    for (const key of keys) {
      const kid = key !== null && typeof key === "object" ? String(key.kid) : "key";
      if ((await check(await withKid(kid))).kind === "known") good.push(kid);
    }
    // Of a private key only its public part is used.
    expect(good).toEqual(["good", "private"]);
  });
});
