// Tokens as a user has them: the stock client, a relay, and an issuer whose keys are fetched.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES, type Setting } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";
import { SECRET, type SigningKey, secretKey, tokenOf } from "../support/tokens.ts";

let rooms = 0;
let room = "";
beforeEach(() => {
  room = `tokens-${++rooms}`;
});

/** A token for so many milliseconds from now. */
const lasting = (key: SigningKey, ms: number, claims: object = {}) =>
  tokenOf(key, { exp: (Date.now() + ms) / 1_000, room, ...claims });

const once = (socket: Socket, name: string) =>
  new Promise<unknown[]>((resolve) => {
    socket.once(name, (...args: unknown[]) => resolve(args));
  });

/** The next refusal. */
const refused = async (socket: Socket) => {
  const [error] = await once(socket, "connect_error");
  return error;
};

describe("a relay with a secret", () => {
  const key = secretKey(SECRET);
  const relay = localRelay({ bindings: { JWT_SECRET: SECRET, ANONYMOUS: "none" } });

  /** A client that has a fresh token for each connection. */
  function join(setting: Setting, newToken: () => Promise<string | undefined>): Socket {
    const socket = io(relay.url, {
      ...clientOptions(room, setting),
      auth: (send) => void newToken().then((token) => send({ token })),
    });
    relay.release(socket);
    return socket;
  }

  async function publish(event: string): Promise<void> {
    const response = await fetch(`${relay.url}/rooms/${room}/events`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await lasting(key, 60_000, { sub: "backend" })}`,
      },
      body: JSON.stringify({ event }),
    });
    expect(response.status).toBe(201);
  }

  it.each(SETTING_NAMES)(
    "AUTH-4 a client comes back with its next token and misses nothing (%s)",
    async (setting) => {
      let tokens = 0;
      const lives = [2_000, 60_000];
      const socket = join(setting, () => lasting(key, lives[tokens++] ?? 0));
      const seen: string[] = [];
      socket.onAny((name: string) => seen.push(name));
      await once(socket, "connect");
      const { id } = socket;
      await publish("before");
      await once(socket, "disconnect");
      await publish("meanwhile");
      if (!socket.connected) await once(socket, "connect");
      await publish("after");
      await expect.poll(() => seen.includes("after"), { timeout: 10_000 }).toBe(true);
      expect(seen.filter((name) => !name.startsWith("roomlog:"))).toEqual([
        "before",
        "meanwhile",
        "after",
      ]);
      expect([socket.recovered, socket.id, tokens]).toEqual([true, id, 2]);
    },
  );

  it.each(SETTING_NAMES)(
    "AUTH-8 a client that hands in its next token in time stays (%s)",
    async (setting) => {
      const first = Date.now() + 3_000;
      const socket = join(setting, () => lasting(key, 3_000));
      let disconnects = 0;
      socket.on("disconnect", () => disconnects++);
      await once(socket, "connect");
      // Another, whose token is over no sooner, and which hands in no other.
      const neighbour = join(setting, () => lasting(key, 3_000));
      const over = once(neighbour, "disconnect");
      const token = await lasting(key, 60_000);
      const { expiresAt } = await socket.emitWithAck("roomlog:auth", { token });
      expect(expiresAt).toBeGreaterThan(first);
      await over;
      expect(await socket.emitWithAck("chat")).toMatchObject({ duplicate: false });
      expect(disconnects).toBe(0);
      const wrong = await lasting(key, 60_000, { sub: "bob" });
      const answer = await socket.emitWithAck("roomlog:auth", { token: wrong });
      expect(answer).toMatchObject({ error: { code: "forbidden" } });
    },
  );

  it.each<[string, () => Promise<string | undefined>, string]>([
    ["unauthorized", async () => undefined, "unauthorized"],
    ["invalid_token", async () => "nonsense", "invalid_token"],
    ["token_expired", () => lasting(key, -1_000), "token_expired"],
    ["forbidden", () => lasting(key, 60_000, { room: "elsewhere" }), "forbidden"],
  ])("AUTH-6 a refusal has the code %s, and the client may try again", async (_, bad, code) => {
    let tries = 0;
    const socket = join("websocket", () => (tries++ === 0 ? bad() : lasting(key, 60_000)));
    expect(await refused(socket)).toMatchObject({ data: { code } });
    socket.connect();
    await once(socket, "connect");
  });
});

const pair = generateKeyPairSync("ed25519");
const keys = { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "1" }] };
let isUp = false;
let requests = 0;
const issuer = createServer((_, response) => {
  requests++;
  response.writeHead(isUp ? 200 : 500).end(JSON.stringify(keys));
});
// Its port is needed before any test runs.
await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
const { port } = issuer.address() as AddressInfo;
afterAll(() => {
  issuer.closeAllConnections();
  issuer.close();
});

describe("a relay with the address of keys", () => {
  const jwk = pair.privateKey.export({ format: "jwk" });
  const key: SigningKey = { alg: "EdDSA", kid: "1", jwk };
  const relay = localRelay({
    bindings: {
      JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks.json`,
      JWT_ALGORITHM: "EdDSA",
      ANONYMOUS: "none",
    },
  });

  async function history(token: string): Promise<Response> {
    const headers = { authorization: `Bearer ${token}` };
    return await fetch(`${relay.url}/rooms/${room}/events`, { headers });
  }

  it("AUTH-9 refuses for now while they can't be fetched, and then works", async () => {
    const token = await lasting(key, 60_000);
    const socket = io(relay.url, { ...clientOptions(room, "websocket"), auth: { token } });
    relay.release(socket);
    expect(await refused(socket)).toMatchObject({ data: { code: "unavailable" } });
    const refusal = await history(token);
    expect([refusal.status, await refusal.json()]).toMatchObject([503, { code: "unavailable" }]);
    expect(requests).toBe(1);

    isUp = true;
    const many = async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => history(token)));
      return new Set(answers.map(({ status }) => status));
    };
    await expect.poll(many, { timeout: 15_000, interval: 500 }).toEqual(new Set([200]));
    socket.connect();
    await once(socket, "connect");
    expect(await socket.emitWithAck("chat")).toMatchObject({ duplicate: false });
    // One for all requests of the Worker and all of its objects: they are in one isolate.
    expect(requests).toBe(2);
    const forged = await lasting({ ...key, kid: "2" }, 60_000);
    expect((await history(forged)).status).toBe(401);
    expect(requests).toBe(2);
  });
});
