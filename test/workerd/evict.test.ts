/** LIFE-2: the object may be evicted between any two steps, and nothing is lost. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Client, readEvent } from "./support/client.ts";
import { stopClock } from "./support/clock.ts";
import { crash, evict } from "./support/evict.ts";
import { Poller } from "./support/poller.ts";
import { expectEngineError } from "./support/problem.ts";
import { history, instanceOf, newRoom, post, publish, seqOf, stubOf } from "./support/rooms.ts";
import { runStory, STORY } from "./support/story.ts";

describe("a story of all that clients and backends do", () => {
  it("goes well without an eviction", async () => {
    await runStory(() => false);
  });

  it.each(STORY.map(({ name }, k) => [k, name] as const))(
    "evicted after step %d, %s",
    async (k) => {
      await runStory((step) => step === k);
    },
  );

  it("evicted after each step", async () => {
    await runStory(() => true);
  });

  it.each(STORY.map(({ name }, k) => [k, name] as const))(
    "evicted after step %d, %s, and once more later",
    async (k) => {
      for (const gap of [1, 2, 5, 9]) {
        await runStory((step) => step === k || step === k + gap);
      }
    },
  );
});

describe("an eviction", () => {
  afterEach(() => void vi.useRealTimers());

  it("makes a new instance, and keeps epoch, seqs, sockets and keys", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const event = { event: "paid", args: [1], idempotencyKey: "order 1" };
    const { offset } = await (await post(room, event)).json<{ offset: string }>();
    expect((await client.event()).offset).toBe(offset);
    const acked = await client.emit("mine", { idempotencyKey: "k" });
    const before = await instanceOf(room);
    await evict(room);
    expect(await instanceOf(room)).not.toBe(before);

    const retry = await post(room, event);
    expect([retry.status, await retry.json()]).toEqual([200, { offset, duplicate: true }]);
    const other = await post(room, { ...event, args: [2] });
    expect(other.status).toBe(422);
    expect(await client.emit("mine", { idempotencyKey: "k" })).toEqual({
      ...(acked as object),
      duplicate: true,
    });
    const next = await publish(room, "next");
    expect(next).toBe(offset.replace(/1$/, "3"));
    expect((await client.event()).offset).toBe(next);
  });

  it("right after emits: each is in the log at most once, acked ones are, and a retry makes it once", async () => {
    for (let round = 0; round < 10; round++) {
      const room = newRoom();
      const client = await Client.joined(room);
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
      const emits = keys.map((key, i) => `42${i}["e","${key}",{"idempotencyKey":"${key}"}]`);
      client.send(...emits);
      await evict(room);
      // Before the retries: whatever was acked up to here.
      const early = await client.settled();
      const again = emits.map((frame, i) => frame.replace(`42${i}[`, `42${100 + i}[`));
      client.send(...again);
      const frames = await client.frames.until((frame) => frame.startsWith("43119["));
      const answers = new Map(
        [...early, ...frames].map((frame) => {
          const [, id, result] = /^43(\d+)\[(.*)\]$/.exec(frame) ?? [];
          return [Number(id), JSON.parse(String(result)) as { offset: string; duplicate: boolean }];
        }),
      );
      const { events } = await history(room);
      expect(events.map(({ args }) => args[0]).sort()).toEqual([...keys].sort());
      for (const [i, key] of keys.entries()) {
        const { offset } = events.find(({ args }) => args[0] === key) ?? {};
        expect(answers.get(100 + i)?.offset).toBe(offset);
        if (answers.has(i)) expect(answers.get(i)).toEqual({ offset, duplicate: false });
      }
    }
  });

  it("ENG-7 ends polling sessions by the protocol, and their clients resume with nothing lost", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const seen = await publish(room, "seen");
    expect(readEvent(await poller.packet()).offset).toBe(seen);
    const unseen = [await publish(room, "unfetched"), await publish(room, "unfetched")];
    await evict(room);
    await expectEngineError(await poller.get(), 1, "Session ID unknown");
    await expectEngineError(await poller.post('42["a"]'), 1, "Session ID unknown");
    unseen.push(await publish(room, "between"));

    const again = await Poller.joined(room, { pid: poller.me.pid, offset: seen });
    expect(again.me).toEqual(poller.me);
    for (const offset of unseen) expect(readEvent(await again.packet()).offset).toBe(offset);
    expect(readEvent(await again.packet())).toMatchObject({
      name: "roomlog:live",
      args: [{ replayed: 3 }],
    });
  });

  it("ends a pending upgrade: the probe is closed, and the client resumes", async () => {
    stopClock();
    const room = newRoom();
    const poller = await Poller.joined(room);
    const probe = await Client.raw(poller.path.replace("polling", "websocket"));
    probe.send("2probe");
    expect(await probe.frame()).toBe("3probe");
    await evict(room);
    const offset = await publish(room, "a");
    await probe.ended();
    await expectEngineError(await poller.get(), 1, "Session ID unknown");
    const again = await Client.joined(room, { pid: poller.me.pid });
    expect((await again.event()).offset).toBe(offset);
  });

  it("that closes the WebSockets too: all resume, each event once, in order", async () => {
    const room = newRoom();
    const clients = [await Client.joined(room), await Client.joined(room)];
    const offsets = [await publish(room, "a")];
    for (const client of clients) expect((await client.event()).offset).toBe(offsets[0]);
    await evict(room, "close");
    for (const client of clients) await client.ended();
    const missed = [await publish(room, "b"), await publish(room, "c")];
    for (const client of clients) {
      const again = await Client.joined(room, { pid: client.me.pid, offset: offsets[0] });
      expect(again.me).toEqual(client.me);
      expect((await again.events(2)).map(({ offset }) => offset)).toEqual(missed);
      expect((await again.event()).args).toEqual([{ offset: missed[1], replayed: 2 }]);
    }
  });
});

describe("a crash", () => {
  it("loses no acked event, and a retry makes the others exactly once", async () => {
    for (const acked of [0, 1, 10]) {
      const room = newRoom();
      const client = await Client.joined(room, { clientId: "a secret of sixteen" });
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
      client.send(...keys.map((key, i) => `42${i}["e","${key}",{"idempotencyKey":"${key}"}]`));
      const acks: string[] = [];
      while (acks.length < acked) acks.push(await client.frame());
      await crash(room);
      await client.ended();
      const again = await Client.joined(room, { clientId: "a secret of sixteen" });
      for (const key of keys) await again.emit("e", key, { idempotencyKey: key });
      const { events } = await history(room);
      expect(events.map(({ args }) => args[0]).sort()).toEqual([...keys].sort());
      for (const [i, ack] of client.frames.seen.filter((f) => f.startsWith("43")).entries()) {
        const [{ offset }] = JSON.parse(ack.slice(ack.indexOf("[")));
        expect(events.find(({ args }) => args[0] === keys[i])?.offset).toBe(offset);
      }
    }
  });
});

describe("an eviction in the middle of a replay", () => {
  const COUNT = 3_000;
  /** Events that a turn replays. */
  const PAGE = 500;

  afterEach(() => void vi.restoreAllMocks());

  async function longRoom(): Promise<string> {
    const room = newRoom();
    for (let i = 0; i < COUNT / 1_000; i++) {
      const events = Array.from({ length: 1_000 }, () => ({ event: "n" }));
      expect((await post(room, { events })).status).toBe(201);
    }
    return room;
  }

  /**
   * An eviction waits for the room's turns, and would always come after the replay. So let the
   * instance have so many turns, and no more: it stands still in the middle.
   */
  function grantTurns(count: number): void {
    let left = count;
    const wait = scheduler.wait.bind(scheduler);
    // biome-ignore lint/suspicious/noThenProperty: a promise whose `then` never calls.
    const never = { then: () => Promise.resolve() } as unknown as Promise<void>;
    vi.spyOn(scheduler, "wait").mockImplementation((ms) => (left-- > 0 ? wait(ms) : never));
  }

  /** How far the only client's replay has come, by what its WebSocket keeps. */
  async function replayedSoFar(room: string): Promise<unknown> {
    return runInDurableObject(stubOf(room), (_, state) => {
      const [socket] = state.getWebSockets();
      return socket?.deserializeAttachment().sockets[0].replay?.sent;
    });
  }

  const numbers = (end: number) => Array.from({ length: end }, (_, i) => i + 1);

  it.each([0, 1, 2, 3, 4])(
    "after %d more pages: all come, each once, in order, and what is new",
    async (turns) => {
      const room = await longRoom();
      const client = await Client.open(room);
      grantTurns(turns);
      client.send('40{"offset":"0"}');
      await client.frame();
      const events = await client.events((1 + turns) * PAGE);
      expect(await replayedSoFar(room)).toBe((1 + turns) * PAGE);
      await evict(room);
      vi.restoreAllMocks();
      const newest = seqOf(await publish(room, "new"));
      events.push(...(await client.events(newest - events.length)));
      expect(events.map(({ offset }) => seqOf(offset))).toEqual(numbers(newest));
      const live = await client.event();
      expect(live).toMatchObject({ name: "roomlog:live", args: [{ replayed: newest }] });
      expect(await client.emit("done")).toMatchObject({ duplicate: false });
    },
  );

  it("after every single page: all come, each once, in order", async () => {
    const room = await longRoom();
    const client = await Client.open(room);
    grantTurns(0);
    client.send('40{"offset":"0"}');
    await client.frame();
    const events = await client.events(PAGE);
    while (events.length < COUNT) {
      expect(await replayedSoFar(room)).toBe(events.length);
      await evict(room);
      vi.restoreAllMocks();
      grantTurns(1);
      // The alarm is enough to wake it, and that to go on.
      expect(await runDurableObjectAlarm(stubOf(room))).toBe(true);
      events.push(...(await client.events(PAGE)));
    }
    expect(events.map(({ offset }) => seqOf(offset))).toEqual(numbers(COUNT));
    expect(await client.event()).toMatchObject({
      name: "roomlog:live",
      args: [{ replayed: COUNT }],
    });
  });
});
