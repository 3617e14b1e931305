/** AUTH-1, AUTH-7: tokens at both doors, over HTTP and at CONNECT. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BAD_TOKENS } from "../../support/bad-tokens.ts";
import { base64url, claimsAt, headerOf, secretKey, sign, tokenOf } from "../../support/tokens.ts";
import { at, bytes } from "../support/binary.ts";
import { Client } from "../support/client.ts";
import { stopClock } from "../support/clock.ts";
import { evict } from "../support/evict.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom, type Page, post, stubOf } from "../support/rooms.ts";
import { bearerOf, KEY, token } from "../support/tokens.ts";

beforeEach(() => {
  vi.spyOn(globalThis, "fetch");
});
afterEach(() => {
  // Whatever a token says, nothing is fetched for it.
  expect(fetch).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const get = (room: string, headers: Record<string, string>) =>
  ask(`/rooms/${room}/events`, { headers });

/** All that can be asked over HTTP. */
async function answers(room: string, headers: Record<string, string>): Promise<Response[]> {
  return [
    await get(room, headers),
    await post(room, { event: "e" }, headers),
    await ask(`/rooms/${room}`, { headers }),
  ];
}

/** What a CONNECT with this is refused with. */
async function refusal(client: Client, auth: object): Promise<unknown> {
  client.send(`40${JSON.stringify(auth)}`);
  const frame = await client.frame();
  expect(frame).toMatch(/^44\{/);
  return JSON.parse(frame.slice(2));
}

function tablesOf(room: string): Promise<unknown[]> {
  return runInDurableObject(stubOf(room), (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_schema WHERE name LIKE 'roomlog%'").toArray(),
  );
}

describe("a good token", () => {
  it("AUTH-1 does over HTTP what it says", async () => {
    const room = newRoom();
    const statuses = async (changes: object) => {
      const headers = await bearerOf(changes);
      return (await answers(room, headers)).map(({ status }) => status);
    };
    expect(await statuses({})).toEqual([200, 201, 200]);
    expect(await statuses({ scope: "read" })).toEqual([200, 403, 200]);
    expect(await statuses({ scope: ["write"] })).toEqual([403, 201, 403]);
    expect(await statuses({ scope: "openid admin" })).toEqual([200, 201, 200]);
    expect(await statuses({ scope: "openid" })).toEqual([403, 403, 403]);
    expect(await statuses({ room: [room] })).toEqual([200, 201, 200]);
    expect(await statuses({ room: "room-*" })).toEqual([200, 201, 200]);
  });

  it("AUTH-1 does over a socket what it says, also when the room has slept", async () => {
    const room = newRoom();
    const reader = await Client.joined(room, { token: await token({ scope: "read", room }) });
    const writer = await Client.joined(room, { token: await token({ scope: "write" }) });
    for (const name of ["a", "b"]) {
      expect(await reader.emit("r")).toMatchObject({ error: { code: "forbidden" } });
      expect(await writer.emit(name)).toMatchObject({ duplicate: false });
      expect((await reader.event()).name).toBe(name);
      expect(await writer.settled()).toEqual([]);
      await evict(room);
    }
  });

  it("EMIT-3 makes its sub the sender, over HTTP and over a socket", async () => {
    const room = newRoom();
    const event = { event: "e", idempotencyKey: "k" };
    expect((await post(room, event, await bearerOf())).status).toBe(201);
    const ann = await Client.joined(room, { token: await token({ room }) });
    expect(await ann.emit("e", { idempotencyKey: "k" })).toMatchObject({ duplicate: true });
    expect((await post(room, event, await bearerOf({ sub: "bob" }))).status).toBe(201);
  });

  it("AUTH-1 is no API key: what is for some only is not shown to it", async () => {
    const room = newRoom();
    await post(room, { event: "secret", to: "somebody" }, await bearerOf());
    await post(room, { event: "public" }, await bearerOf({ sub: "key:backend" }));
    const page = await (await get(room, await bearerOf({ sub: "key:backend" }))).json<Page>();
    expect(page.events.map(({ event }) => event)).toEqual(["public"]);
  });
});

describe("a bad token", () => {
  it.each(BAD_TOKENS)("$title: $code at both doors", async ({ forge, code }) => {
    const bad = await forge(KEY, Date.now());
    const before = await listDurableObjectIds(env.ROOMS);
    const room = newRoom();
    const expected = code === "invalid_token" ? "unauthorized" : code;
    for (const response of await answers(room, { authorization: `Bearer ${header(bad)}` })) {
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      await expectProblem(response, 401, expected);
    }
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);

    const client = await Client.open(room);
    expect(await refusal(client, { token: bad, offset: "0" })).toEqual({
      message: expect.any(String),
      data: { code },
    });
    expect(await client.settled()).toEqual([]);
    expect(client.isClosed).toBe(false);
    expect(await tablesOf(room)).toEqual([]);
  });

  it("BAD-83 a public key is no secret", async () => {
    const { n = "" } = KEY.jwk;
    const jwk = { kty: "RSA", e: "AQAB", n };
    for (const secret of [n, JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]) {
      const key = { ...secretKey(secret || "x".repeat(32)), kid: "rs-1" };
      for (const alg of ["HS256", "RS256"]) {
        const forged = await sign(key, { ...headerOf(key), alg }, claimsAt(Date.now()));
        const headers = { authorization: `Bearer ${forged}` };
        await expectProblem(await get(newRoom(), headers), 401, "unauthorized");
      }
    }
  });

  it.each([[123], [{}], [[]], [true], [""]])("BAD-44 auth.token %j", async (bad) => {
    const client = await Client.open(newRoom());
    expect(await refusal(client, { token: bad })).toMatchObject({
      data: { code: "invalid_token" },
    });
    expect(client.isClosed).toBe(false);
  });

  it("BAD-86 of room A is refused in room B, and makes no object there", async () => {
    const [a, b] = [newRoom(), newRoom()];
    const before = await listDurableObjectIds(env.ROOMS);
    for (const room of [a, `${b}x`, `x${b}`, "*x"]) {
      for (const response of await answers(b, await bearerOf({ room }))) {
        await expectProblem(response, 403, "forbidden");
      }
    }
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
    const client = await Client.open(b);
    const refused = await refusal(client, { token: await token({ room: a }) });
    expect(refused).toMatchObject({ data: { code: "forbidden" } });
    // The session goes on, and may join with another one.
    await client.join({ token: await token({ room: b }) });
    expect(await client.emit("e")).toMatchObject({ duplicate: false });
  });

  it("AUTH-6 none, where one is needed, is refused", async () => {
    for (const response of await answers(newRoom(), {})) {
      await expectProblem(response, 401, "unauthorized");
    }
    const client = await Client.open(newRoom());
    expect(await refusal(client, {})).toMatchObject({ data: { code: "unauthorized" } });
  });

  it("AUTH-7 a refusal does not say what the token holds", async () => {
    const headers = await bearerOf({ iss: "s3cret", sub: "s3cret", room: ["s3cret/"] });
    const response = await get(newRoom(), headers);
    expect(await response.text()).not.toContain("s3cret");
  });
});

describe("a session with as much to keep as there can be", () => {
  // The timer of a packet in parts would hold up an eviction.
  beforeEach(stopClock);
  afterEach(() => {
    vi.clearAllTimers();
    vi.useRealTimers();
  });

  const room = "r".repeat(128);
  const names = Array.from({ length: 16 }, (_, i) => `/${"n".repeat(126)}${i + 10}`);

  /** Its CONNECTs to so many namespaces, to each with another token. */
  async function connects(count: number, auth: object = {}): Promise<string[]> {
    const frames = names.slice(0, count).map(async (name, i) => {
      // Of two bytes a character, once it is kept.
      const sub = `${i + 10}`.padEnd(256, "я");
      return `40${name},${JSON.stringify({ token: await token({ sub, room }), ...auth })}`;
    });
    return Promise.all(frames);
  }

  async function joined(count: number): Promise<Client> {
    const client = await Client.open(room);
    client.send(...(await connects(count)));
    for (let i = 0; i < count; i++) expect(await client.frame()).toMatch(/^40/);
    return client;
  }

  it("AUTH-1 ADDR-4 sleeps and wakes", async () => {
    const client = await joined(16);
    await evict(room);
    for (const name of names) {
      client.send(`42${name},7["e"]`);
      await client.frames.until((frame) => frame.startsWith(`43${name},7[{"offset"`));
    }
  });

  it("ADDR-4 ends with 1009 before it has more to keep than can be kept", async () => {
    // Two bytes for each character of what others see, too.
    const data = `${"x".repeat(180)}я`;
    const client = await Client.open(room);
    client.send(...(await connects(16, { data })));
    expect(await client.ended()).toMatchObject({ code: 1009, reason: "too much to keep" });
  });

  it.each([
    [1, true],
    [16, false],
  ])("ENG-12 of %i namespaces keeps a packet in parts: %j", async (count, kept) => {
    const client = await joined(count);
    const packet = `451-${names[0]},7["e","${"x".repeat(2_870)}",${at(0)}]`;
    // As much as is kept, if nothing stands against it.
    expect(2 * packet.length).toBeGreaterThan(6_000);
    expect(2 * packet.length).toBeLessThan(6_144);
    client.send(packet);
    await evict(room);
    client.send(bytes(1, 2, 3));
    if (kept) expect(await client.frame()).toContain('7[{"offset"');
    else expect((await client.ended()).code).toBe(1002);
  });
});

/** What a header can hold of it. */
function header(token: string): string {
  return token.replaceAll(/\s/g, " ");
}

it("AUTH-1 the tests' own key is the Worker's", async () => {
  expect((await get(newRoom(), await bearerOf())).status).toBe(200);
  expect(await tokenOf(KEY)).toContain(base64url(JSON.stringify(headerOf(KEY))));
});
