/** Time: one alarm for a room, pings, and what is closed for silence. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "./support/client.ts";
import { alarmOf, pass, stopClock } from "./support/clock.ts";
import { evict } from "./support/evict.ts";
import { until } from "./support/inbox.ts";
import { Poller } from "./support/poller.ts";
import { expectEngineError } from "./support/problem.ts";
import { ask, history, newRoom, publish, stubOf, untilSockets } from "./support/rooms.ts";

const INTERVAL = 25_000;
const TIMEOUT = 20_000;
const CONNECT = 45_000;
const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the alarm", () => {
  it("is not set where nobody is connected and nothing is kept", async () => {
    const room = newRoom();
    await history(room);
    await ask(`/rooms/${room}`);
    expect(await alarmOf(room)).toBeNull();
  });

  it("KEEP-1 is set for when the oldest event is too old, and trims it then", async () => {
    const room = newRoom();
    await publish(room, "a");
    await publish(room, "b");
    const due = WEEK + HOUR;
    expect(await alarmOf(room)).toBe(due);
    await evict(room);
    await pass(room, due);
    await until(async () => (await history(room)).first === null, "the log to be empty");
    // Once more, in case that the room had gone before it could trim.
    expect(await alarmOf(room)).toBe(HOUR);
    await pass(room, HOUR);
    expect(await alarmOf(room)).toBeNull();
  });

  it("is set once for many sessions, for the round of pings", async () => {
    const room = newRoom();
    const setAlarm = await runInDurableObject(stubOf(room), (_, { storage }) =>
      vi.spyOn(storage, "setAlarm"),
    );
    const clients = [];
    for (let i = 0; i < 20; i++) clients.push(await Client.joined(room));
    await Poller.joined(room);
    await clients[0]?.emit("a");
    await publish(room, "b");
    expect(setAlarm).toHaveBeenCalledTimes(1);
    expect(await alarmOf(room)).toBe(INTERVAL);
    await pass(room, INTERVAL);
    expect(setAlarm).toHaveBeenCalledTimes(2);
  });

  it("BEAT-2 is left alone by a session that comes later: all are pinged in one round", async () => {
    const room = newRoom();
    const early = await Client.joined(room);
    await pass(room, 20_000);
    const late = await Client.joined(room);
    expect(await alarmOf(room)).toBe(5_000);
    await pass(room, 5_000);
    expect([await early.frame(), await late.frame()]).toEqual(["2", "2"]);
    expect(await alarmOf(room)).toBe(INTERVAL);
  });

  it("is not set again when all have left", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    client.send("1");
    await client.ended();
    await untilSockets(room, 0);
    await runDurableObjectAlarm(stubOf(room));
    expect(await alarmOf(room)).toBeNull();
  });

  it("that rings too often does nothing", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    for (let i = 0; i < 3; i++) {
      await runInDurableObject(stubOf(room), (instance) => instance.alarm());
    }
    expect(await client.settled()).toEqual([]);
    expect(await alarmOf(room)).not.toBeNull();
  });
});

describe("pings", () => {
  it("BEAT-2 are answered by pongs that wake nobody: the runtime takes them", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const message = await runInDurableObject(stubOf(room), (instance) =>
      vi.spyOn(instance, "webSocketMessage"),
    );
    await pass(room, INTERVAL);
    expect(await client.frame()).toBe("2");
    client.send("3");
    expect(await client.frame()).toBe("6");
    expect(message).not.toHaveBeenCalled();
    await client.settled();
    expect(message).toHaveBeenCalledTimes(1);
  });

  it("come every interval, and a client that answers stays", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    for (let round = 0; round < 5; round++) {
      await pass(room, INTERVAL);
      expect(await client.frame()).toBe("2");
      client.send("3");
      // The runtime's own answer; a pong that the room awaits by hand has none.
      expect((await client.settled()).filter((frame) => frame !== "6")).toEqual([]);
    }
    expect(await client.emit("still here")).toMatchObject({ duplicate: false });
  });

  it("LIFE-2 go on after an eviction, and after each one", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    for (let round = 0; round < 5; round++) {
      await evict(room);
      await pass(room, INTERVAL);
      expect(await client.frame()).toBe("2");
      client.send("3");
      expect((await client.settled()).filter((frame) => frame !== "6")).toEqual([]);
    }
    expect(await client.emit("still here")).toMatchObject({ duplicate: false });
  });

  it("LIFE-1 come when the runtime itself rings the alarm and so wakes the room", async () => {
    vi.useRealTimers();
    const room = newRoom();
    const client = await Client.joined(room);
    await runInDurableObject(stubOf(room), (_, { storage }) => storage.setAlarm(Date.now() + 50));
    await evict(room);
    expect(await client.frame()).toBe("2");
    expect(await client.emit("still here")).toMatchObject({ duplicate: false });
    expect(await alarmOf(room)).toBeGreaterThan(0);
  });

  it("go on when the alarm was lost", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    await evict(room);
    await runInDurableObject(stubOf(room), (_, { storage }) => storage.deleteAlarm());
    await evict(room);
    await pass(room, 0);
    await pass(room, INTERVAL);
    expect(await client.frame()).toBe("2");
  });

  it("reach a polling client", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const held = poller.fetched();
    await pass(room, INTERVAL);
    expect(await held).toEqual(["2"]);
    await poller.post("3");
    await pass(room, INTERVAL);
    expect(await poller.fetched()).toEqual(["2"]);
  });
});

describe("silence", () => {
  it("BAD-37 of a client that answers no ping ends its connection, and nobody else's", async () => {
    const room = newRoom();
    const silent = await Client.joined(room);
    const alive = await Client.joined(room);
    let pings = 0;
    for (let waited = 0; !silent.isClosed; waited += INTERVAL) {
      // Said once more than asked for: the runtime's word for the last pong is only a hint.
      expect(waited).toBeLessThanOrEqual(3 * INTERVAL + TIMEOUT);
      await pass(room, INTERVAL);
      await alive.frames.until((frame) => frame === "2", "a ping");
      alive.send("3", '42["here"]');
      await publish(room, "here");
      await alive.frames.until((frame) => frame.startsWith('42["here"'), "an event");
      pings++;
    }
    expect(pings).toBeGreaterThanOrEqual(2);
    expect((await silent.ended()).reason).toBe("ping timeout");
    expect(await alive.emit("still here")).toMatchObject({ duplicate: false });
  });

  it("of a polling client ends its session", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    await pass(room, INTERVAL);
    expect(await poller.fetched()).toEqual(["2"]);
    await pass(room, TIMEOUT);
    await expectEngineError(await poller.get(), 1, "Session ID unknown");
  });

  it("of a polling client counts at its deadline, though no alarm has rung", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    await pass(room, INTERVAL);
    expect(await poller.fetched()).toEqual(["2"]);
    vi.setSystemTime(Date.now() + TIMEOUT);
    expect((await poller.get()).status).toBe(400);
    expect((await poller.post("3")).status).toBe(400);
  });

  it("BAD-38 a session that joins nothing is closed after 45 s, also after an eviction", async () => {
    for (const evicted of [false, true]) {
      const room = newRoom();
      const idle = await Client.open(room);
      const joined = await Client.joined(room);
      if (evicted) await evict(room);
      await pass(room, INTERVAL);
      expect([await idle.frame(), await joined.frame()]).toEqual(["2", "2"]);
      for (const client of [idle, joined]) expect(await client.settled()).toEqual([]);
      if (evicted) await evict(room);
      await pass(room, CONNECT - INTERVAL - 1);
      expect(idle.isClosed).toBe(false);
      await pass(room, 1);
      expect((await idle.ended()).reason).toBe("connect timeout");
      await joined.settled();
      expect(joined.isClosed).toBe(false);
    }
  });

  it("BAD-38 one that was refused, and one that left, has to join within the time as well", async () => {
    const room = newRoom();
    const refused = await Client.open(room);
    refused.send("40/nope,");
    expect(await refused.frame()).toMatch(/^44/);
    await pass(room, INTERVAL);
    expect(await refused.frame()).toBe("2");
    await refused.settled();
    await pass(room, CONNECT - INTERVAL);
    expect((await refused.ended()).reason).toBe("connect timeout");
  });
});
