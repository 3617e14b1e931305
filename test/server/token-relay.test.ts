/** Tokens of `signToken` at a running relay: in a client's hands, and in a backend's. */
import { generateKeyPairSync } from "node:crypto";
import { io } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { createRelayClient, type SigningKey, signToken } from "../../src/server.ts";
import { localRelay } from "../support/local-relay.ts";

const secret = "0123456789abcdef0123456789abcdef";
const secrets = `${secret} the-one-before-it-is-on-its-way-out`;
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid: "k1", alg: "ES256" };
const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const relays: [name: string, bindings: Record<string, string>, key: SigningKey][] = [
  ["a secret", { JWT_SECRET: secret }, { secret }],
  ["one of several secrets", { JWT_SECRET: secrets }, { secret: secrets }],
  [
    "a private key",
    { JWT_JWKS: JSON.stringify({ keys: [jwk] }), JWT_ALGORITHM: "ES256" },
    { privateKey, algorithm: "ES256", kid: "k1" },
  ],
];

describe.each(relays)("a token signed with %s", (_, bindings, key) => {
  const relay = localRelay({
    bindings: { ...bindings, ANONYMOUS: "none", JWT_ISSUER: "shop", JWT_AUDIENCE: "relay" },
  });
  const claims = {
    sub: "alice",
    room: ["orders-*"],
    scope: ["read", "write"],
    expiresIn: "1m",
    issuer: "shop",
    audience: "relay",
  } as const;

  it("AUTH-1 lets a client in, for its room and scope", async () => {
    const token = await signToken({ ...claims, ...key });
    const connect = (room: string, auth: object) => {
      const path = `/rooms/${room}/socket.io`;
      const socket = io(relay.url, { path, forceNew: true, auth, reconnection: false });
      relay.release(socket);
      return new Promise((resolve) => {
        socket.on("connect", async () => resolve(await socket.emitWithAck("chat", "hi")));
        socket.on("connect_error", (error) => resolve(error.message));
      });
    };
    expect(await connect("orders-1", { token })).toEqual({
      offset: expect.stringMatching(/-1$/),
      duplicate: false,
    });
    expect(await connect("other", { token })).toEqual(expect.any(String));
    expect(await connect("orders-1", {})).toEqual(expect.any(String));
  });

  it("AUTH-1 does as a key over HTTP, for its room and scope", async () => {
    const client = async (changes: object) =>
      createRelayClient({
        url: relay.url,
        key: await signToken({ ...claims, ...changes, ...key }),
      });
    const writer = await client({});
    await writer.publish("orders-2", { event: "paid" });
    await expect(writer.publish("other", { event: "paid" })).rejects.toMatchObject({ status: 403 });
    const reader = await client({ scope: "read" });
    expect((await reader.info("orders-2")).count).toBe(1);
    await expect(reader.publish("orders-2", { event: "paid" })).rejects.toMatchObject({
      code: "forbidden",
    });
    const stranger = await client({ issuer: "another" });
    await expect(stranger.info("orders-2")).rejects.toMatchObject({ status: 401 });
  });
});
