/** AUTH-4, AUTH-8: tokens that run out, in rooms that sleep. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../support/client.ts";
import { alarmOf, pass, stopClock } from "../support/clock.ts";
import { evict } from "../support/evict.ts";
import { until } from "../support/inbox.ts";
import { Poller } from "../support/poller.ts";
import { expectEngineError, expectProblem } from "../support/problem.ts";
import { ask, newRoom, post, stubOf } from "../support/rooms.ts";
import { bearerOf, token } from "../support/tokens.ts";

const INTERVAL = 25_000;

beforeEach(stopClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A token's claims that end it after so many milliseconds. */
const lasting = (ms: number) => ({ exp: (Date.now() + ms) / 1_000 });

async function joinFor(room: string, ms: number, claims: object = {}): Promise<Client> {
  return Client.joined(room, { token: await token({ ...lasting(ms), ...claims }) });
}

async function renew(client: Client, claims: object): Promise<unknown> {
  return client.emit("roomlog:auth", { token: await token(claims) });
}

describe("at its exp", () => {
  it.each(["awake", "asleep"])("AUTH-4 a socket of a room that is %s is closed", async (state) => {
    const room = newRoom();
    const client = await joinFor(room, 15_000);
    const other = await joinFor(room, 3_600_000);
    expect(await alarmOf(room)).toBe(15_000);
    if (state === "asleep") await evict(room);
    await pass(room, 14_999);
    expect(client.isClosed).toBe(false);
    if (state === "asleep") await evict(room);
    await pass(room, 1);
    expect(await client.ended()).toEqual({ code: 3000, reason: "token expired" });
    expect((await other.settled()).filter((frame) => frame !== "2")).toEqual([]);
    expect(other.isClosed).toBe(false);
  });

  it("AUTH-4 that is later than pings are, the pings' alarm carries it", async () => {
    const room = newRoom();
    const client = await joinFor(room, INTERVAL + 20_000);
    expect(await alarmOf(room)).toBe(INTERVAL);
    await pass(room, INTERVAL);
    expect(await client.frame()).toBe("2");
    client.send("3");
    expect(await alarmOf(room)).toBe(20_000);
    await evict(room);
    await pass(room, 20_000);
    expect((await client.ended()).reason).toBe("token expired");
  });

  it("AUTH-4 the runtime itself rings the alarm of a room that sleeps", async () => {
    vi.useRealTimers();
    const room = newRoom();
    const life = 1_500;
    const client = await joinFor(room, life);
    // With so little time left the room would stay awake for it, on a timer.
    await runInDurableObject(stubOf(room), (_, { storage }) => storage.setAlarm(Date.now() + life));
    await evict(room);
    expect((await client.ended()).reason).toBe("token expired");
  });

  it("AUTH-4 an event that comes before the alarm is refused by closing", async () => {
    const room = newRoom();
    const client = await joinFor(room, 15_000);
    await evict(room);
    vi.setSystemTime(Date.now() + 15_000);
    client.send('420["late"]');
    expect((await client.ended()).reason).toBe("token expired");
    const page = await ask(`/rooms/${room}/events`, { headers: await bearerOf() });
    expect(await page.json()).toMatchObject({ events: [] });
  });

  it("AUTH-4 a polling session ends", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room, { token: await token(lasting(15_000)) });
    await pass(room, 15_000);
    await expectEngineError(await poller.get(), 1, "Session ID unknown");
  });

  it("AUTH-4 HTTP is refused", async () => {
    const room = newRoom();
    const headers = await bearerOf(lasting(1_000));
    expect((await post(room, { event: "e" }, headers)).status).toBe(201);
    vi.setSystemTime(Date.now() + 1_000);
    await expectProblem(await post(room, { event: "e" }, headers), 401, "token_expired");
  });

  it("AUTH-4 HTTP-12 an import stops, and says at which line", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const room = newRoom();
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `{"event":"e","idempotencyKey":"${from + i}"}\n`);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const write = (part: string[]) => writer.write(new TextEncoder().encode(part.join("")));
    const headers = {
      "content-type": "application/x-ndjson",
      ...(await bearerOf(lasting(1_000))),
    };
    const answer = ask(`/rooms/${room}/events`, { method: "POST", headers, body: readable });
    const other = await bearerOf();
    const count = async () => {
      const info = await ask(`/rooms/${room}`, { headers: other });
      return (await info.json<{ count: number }>()).count;
    };
    await write(lines(0, 510));
    await until(async () => (await count()) === 500, "the first batch");
    vi.setSystemTime(Date.now() + 1_000);
    await write(lines(510, 520));
    await writer.close();
    expect(await expectProblem(await answer, 401, "token_expired")).toMatchObject({
      ...{ line: 501, imported: 500, duplicates: 0 },
    });
    expect(await count()).toBe(500);
  });
});

describe("roomlog:auth", () => {
  it("AUTH-8 keeps the socket beyond its first token, through sleep", async () => {
    const room = newRoom();
    const client = await joinFor(room, 15_000);
    const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + 20_000;
    expect(await renew(client, { exp: expiresAt / 1_000 })).toEqual({ expiresAt });
    await evict(room);
    await pass(room, 15_000);
    // A room that wakes for anything takes it for the time to ping.
    expect(await client.frame()).toBe("2");
    expect(await renew(client, { ...lasting(60_000), sub: "bob" })).toMatchObject({
      error: { code: "forbidden" },
    });
    await evict(room);
    await pass(room, 5_000);
    expect((await client.ended()).reason).toBe("token expired");
  });

  it("AUTH-8 changes what it may do, at once and after sleep", async () => {
    const room = newRoom();
    const client = await joinFor(room, 15_000);
    await renew(client, { scope: "write" });
    for (const _ of [1, 2]) {
      await post(room, { event: "unseen" }, await bearerOf());
      expect(await client.emit("e")).toMatchObject({ duplicate: false });
      await evict(room);
    }
    await renew(client, {});
    await evict(room);
    await post(room, { event: "seen" }, await bearerOf());
    // What it was not allowed to read comes as well, from where it had been.
    const names = (await client.events(3)).map(({ name }) => name);
    expect(names).toEqual(["unseen", "unseen", "seen"]);
  });

  it("AUTH-8 writes no row", async () => {
    const room = newRoom();
    const client = await joinFor(room, 3_600_000);
    await client.emit("first");
    const written = await runInDurableObject(stubOf(room), (_, { storage }) => [
      vi.spyOn(storage.sql, "exec"),
      vi.spyOn(storage, "setAlarm"),
    ]);
    await renew(client, lasting(7_200_000));
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
  });
});
