/** Limits in the real runtime, with small settings (vitest.config.ts), on a clock that stands still. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askUpgrade, Client, socketPath } from "../support/client.ts";
import { pass, stopClock } from "../support/clock.ts";
import { evict } from "../support/evict.ts";
import { bearer } from "../support/keys.ts";
import { Poller, pollPath } from "../support/poller.ts";
import { expectEngineError, expectProblem } from "../support/problem.ts";
import { ask, history, newRoom, stubOf } from "../support/rooms.ts";

let addresses = 0;

/** An address that no other test has. */
const newAddress = () => ({ "cf-connecting-ip": `192.0.2.${++addresses}` });

const publish = (room: string, count: number, headers: Record<string, string>) =>
  ask(`/rooms/${room}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      events: Array.from({ length: count }, (_, n) => ({ event: "e", data: n })),
    }),
  });

const open = (room: string, headers: Record<string, string>) =>
  askUpgrade(socketPath(room), headers);

/** A session that has joined nothing. */
const enter = async (room: string, headers: Record<string, string> = newAddress()) => {
  const { webSocket, status } = await open(room, headers);
  if (webSocket === null) throw new Error(`no WebSocket: ${status}`);
  const client = new Client(webSocket);
  await client.frame();
  return client;
};

const join = async (room: string) => {
  const client = await enter(room);
  client.send("40");
  return { client, answer: await client.frame() };
};

beforeEach(stopClock);
afterEach(() => {
  vi.useRealTimers();
});

describe("emits that are too many", () => {
  it("EMIT-9 BAD-72 are not acked, then close the socket; another is still served", async () => {
    const room = newRoom();
    const { client: bystander } = await join(room);
    const { client: flooder } = await join(room);
    for (let i = 0; i < 10_000; i++) flooder.send(`42${i}["flood",${i}]`);
    expect(await flooder.ended()).toEqual({ code: 1008, reason: "too many packets" });
    const told = flooder.frames.seen.filter((frame) => frame.includes("roomlog:refused"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^42\["roomlog:refused",\{"code":"rate_limited","retryAfter":500\},"[a-z0-9]{8}-\d+"\]$/,
    );
    expect((await bystander.events(20)).map(({ args }) => args[0])).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(await bystander.emit("still here")).toMatchObject({ duplicate: false });
  });

  it("EMIT-9 over HTTP are answered 429, with when to come back", async () => {
    const room = newRoom();
    const address = newAddress();
    expect((await publish(room, 20, address)).status).toBe(201);
    const refused = await publish(room, 5, address);
    expect(refused.headers.get("retry-after")).toBe("3");
    expect(await expectProblem(refused, 429, "rate_limited")).toMatchObject({ retryAfter: 3 });
    await pass(room, 3_000);
    expect((await publish(room, 5, address)).status).toBe(201);
  });
});

describe("an import that is too fast", () => {
  it("HTTP-12 EMIT-9 goes on from the line that it was told, and comes to its end", async () => {
    const room = newRoom();
    const lines = Array.from({ length: 600 }, (_, n) => `{"event":"e","idempotencyKey":"${n}"}`);
    const put = (from: number) =>
      ask(`/rooms/${room}/events`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson", ...newAddress() },
        body: lines.slice(from - 1).join("\n"),
      });
    const refused = await put(1);
    expect(refused.headers.get("retry-after")).toBe("250");
    expect(await expectProblem(refused, 429, "rate_limited")).toMatchObject({
      ...{ line: 501, imported: 500, duplicates: 0 },
    });
    await pass(room, 250_000);
    const rest = await put(501);
    expect(rest.status).toBe(200);
    expect(await rest.json()).toMatchObject({ imported: 100, duplicates: 0 });
  });
});

describe("sockets and sessions that are too many", () => {
  it("ENG-15 a full room refuses, with the session still there to try again", async () => {
    const room = newRoom();
    const [first] = [await join(room), await join(room), await join(room)];
    const fourth = await join(room);
    expect(fourth.answer).toBe('44{"message":"The room is full","data":{"code":"room_full"}}');
    first?.client.send("41");
    await first?.client.settled();
    fourth.client.send("40");
    expect(await fourth.client.frame()).toMatch(/^40\{/);
  });

  it("ENG-15 is as full after a hibernation", async () => {
    const room = newRoom();
    for (let i = 0; i < 3; i++) await join(room);
    await evict(room);
    expect((await join(room)).answer).toContain("room_full");
  });

  it("BAD-38 ENG-14 handshakes of one address: 503, over either transport", async () => {
    const room = newRoom();
    const address = newAddress();
    const first = await enter(room, address);
    expect((await ask(pollPath(room), { headers: address })).status).toBe(200);
    for (const refused of [
      await open(room, address),
      await ask(pollPath(room), { headers: address }),
    ]) {
      expect(refused.headers.get("retry-after")).toBe("5");
      await expectProblem(refused, 503, "overloaded");
    }
    const others = [await enter(room), await enter(room)];
    // The fifth of the room, wherever it comes from.
    expect((await open(room, newAddress())).status).toBe(503);
    expect([first, ...others].map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
    // CONNECT_TIMEOUT ends them all.
    await pass(room, 45_000);
    await enter(room, address);
  });
});

describe("what one may have", () => {
  const bearerOf = (name: "admin" | "watcher") => ({ ...bearer(name), ...newAddress() });
  const put = async (room: string, more: object) =>
    ask(`/rooms/${room}/events`, {
      method: "POST",
      headers: { "content-type": "application/json", ...newAddress() },
      body: JSON.stringify({ event: "e", ...more }),
    });
  const get = async (room: string, path: string) => {
    const response = await ask(`/rooms/${room}${path}`, { headers: bearerOf("watcher") });
    return (await response.json()) as {
      events: unknown[];
      sockets: unknown[];
      next: string | null;
      settings: object;
    };
  };

  it("HTTP-4 are so many events of a page, with where to go on", async () => {
    const room = newRoom();
    await publish(room, 3, newAddress());
    const first = await get(room, "/events?after=0&limit=1000");
    expect(first.events).toHaveLength(2);
    const rest = await get(room, `/events?after=${first.next}`);
    expect([rest.events.length, rest.next]).toEqual([1, null]);
  });

  it("PRES-1 are so many sockets of a page", async () => {
    const room = newRoom();
    for (let i = 0; i < 3; i++) await join(room);
    const first = await get(room, "/sockets?limit=1000");
    expect(first.sockets).toHaveLength(2);
    expect((await get(room, `/sockets?after=${first.next}`)).sockets).toHaveLength(1);
  });

  it("HTTP-3 are so many attachments of an event", async () => {
    const room = newRoom();
    const file = (count: number) => ({
      args: Array.from({ length: count }, (_, num) => ({ _placeholder: true, num })),
      attachments: Array(count).fill("AQI="),
    });
    expect((await put(room, file(2))).status).toBe(201);
    await expectProblem(await put(room, file(3)), 413, "too_large");
    expect((await get(room, "/events?after=0")).events).toHaveLength(1);
  });

  it("PRES-3 are so many rooms of a socket", async () => {
    const room = newRoom();
    const { answer } = await join(room);
    const { sid } = JSON.parse(answer.slice(2));
    const move = (body: object) =>
      ask(`/rooms/${room}/sockets/${sid}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...bearerOf("admin") },
        body: JSON.stringify(body),
      });
    expect((await move({ join: ["a", "b", "c"] })).status).toBe(200);
    await expectProblem(await move({ join: ["d"] }), 422, "too_many_rooms");
    expect(await (await move({ join: ["d"], leave: ["a"] })).json()).toEqual({
      sockets: [{ id: sid, rooms: ["b", "c", "d"] }],
    });
  });

  it("ADDR-4 are so many namespaces of a session; HTTP-5 all is shown", async () => {
    const room = newRoom();
    const { client } = await join(room);
    client.send("40/orders,");
    expect(await client.frame()).toMatch(/^40\/orders,/);
    client.send("40/orders,");
    expect(await client.ended()).toMatchObject({ code: 1002 });
    expect((await get(room, "")).settings).toMatchObject({
      limits: { namespaces: 2, rooms: 3, attachments: 2, page: 2 },
    });
  });
});

describe("packets that ask for no answer", () => {
  it("BAD-72 ENG-13 close the socket; what was in time is logged", async () => {
    const room = newRoom();
    const { client } = await join(room);
    // The CONNECT was one as well.
    const n = 49;
    for (let i = 0; i < 10_000; i++) client.send("40/nope,");
    expect(await client.ended()).toEqual({ code: 1008, reason: "too many packets" });
    expect(client.frames.seen.filter((frame) => frame.startsWith("44/nope,"))).toHaveLength(n);
  });

  it("BAD-36 ENG-13 pongs of a room that sleeps are the runtime's: answered, and not counted", async () => {
    const room = newRoom();
    const { client } = await join(room);
    for (let i = 0; i < 1_000; i++) client.send("3");
    await client.settled();
    expect(client.frames.seen.filter((frame) => frame === "6")).toHaveLength(1_000);
    expect(client.isClosed).toBe(false);
  });

  it("BAD-36 BAD-19 ENG-13 pongs over polling end the session", async () => {
    const room = newRoom();
    const { client: bystander } = await join(room);
    const poller = await Poller.open(room);
    expect((await poller.post(...Array(100).fill("3"))).status).toBe(400);
    expect((await poller.get()).status).toBe(400);
    expect(await bystander.emit("still here")).toMatchObject({ duplicate: false });
  });
});

describe("a rate limit that is bound", () => {
  it("HTTP-30 sheds an address before a room is woken; others are served", async () => {
    const room = newRoom();
    const address = newAddress();
    const status = async (path: string, headers: Record<string, string>) =>
      (await ask(path, { headers })).status;
    for (let i = 0; i < 5; i++) expect(await status(`/rooms/${room}`, address)).toBe(200);
    const before = await listDurableObjectIds(env.ROOMS);
    for (const path of ["", "/events", "/metrics"]) {
      const refused = await ask(`/rooms/${newRoom()}${path}`, { headers: address });
      expect(refused.headers.get("retry-after")).toBe("10");
      await expectProblem(refused, 429, "rate_limited");
    }
    expect((await open(newRoom(), address)).status).toBe(429);
    expect(await listDurableObjectIds(env.ROOMS)).toHaveLength(before.length);
    expect(await status("/healthz", address)).toBe(200);
    expect(await status(`/rooms/${room}`, newAddress())).toBe(200);
  });

  it("HTTP-30 what only looks like a session's request counts", async () => {
    const room = newRoom();
    const address = newAddress();
    const status = async (path: string, headers = {}) =>
      (await ask(path, { headers: { ...address, ...headers } })).status;
    const sid = "A".repeat(20);
    const wrong = { authorization: "Bearer all.wrong" };
    expect(await status(`/rooms/${room}?sid`)).toBe(400);
    expect(await status(`/rooms/${room}/events?sid=${sid}`)).toBe(400);
    expect(await status(`/rooms/${room}/events?sid=${sid}`, wrong)).toBe(401);
    expect(await status(`${pollPath(room)}&sid`)).toBe(400);
    expect(await status(`${pollPath(room)}&sid=${sid}&sid=${sid}`)).toBe(400);
    for (const path of [`/rooms/${room}?sid=${sid}`, `${pollPath(room)}&sid=short`]) {
      expect(await status(path)).toBe(429);
      expect(await status(path, wrong)).toBe(429);
    }
  });

  it("HTTP-30 a session that never was costs its room no row", async () => {
    const room = newRoom();
    const address = newAddress();
    for (let i = 0; i < 10; i++) {
      const path = `${pollPath(room)}&sid=${String(i).repeat(20)}`;
      await expectEngineError(await ask(path, { headers: address }), 1, "Session ID unknown");
    }
    const stored = await runInDurableObject(stubOf(room), async (_, { storage }) => [
      storage.sql.exec("SELECT name FROM sqlite_schema WHERE name LIKE 'roomlog%'").toArray(),
      await storage.getAlarm(),
    ]);
    expect(stored).toEqual([[], null]);
  });

  it("HTTP-30 leaves a session's own requests alone", async () => {
    const room = newRoom();
    const address = newAddress();
    const handshake = await (await ask(pollPath(room), { headers: address })).text();
    const { sid } = JSON.parse(handshake.slice(1));
    const poller = new Poller(room, sid);
    const post = (body: string) => ask(poller.path, { method: "POST", headers: address, body });
    expect((await post("40")).status).toBe(200);
    await poller.packet();
    for (let i = 0; i < 20; i++) expect((await post(`42${i}["e"]`)).status).toBe(200);
    for (let i = 0; i < 20; i++) expect(await poller.packet()).toMatch(/^43/);
    expect((await history(room)).head).toMatch(/-20$/);
  });
});
