/** Clients that are slow to read, or have stopped: what waits for them is bounded (SUB-15). */
import { describe, expect, it } from "vitest";
import type { WireClient } from "../support/room-client.ts";
import { EPOCH, EXACT, Harness, LOGS, SETTINGS } from "../support/room-harness.ts";

const KIB = 1024;
const WINDOW = 1024 * KIB;
/** A page may go beyond the window, and an event of the page beyond it. */
const PAGE = 256 * KIB;
const PROOF = SETTINGS.pingInterval + SETTINGS.pingTimeout;

const upTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);
const large = (n: number) => JSON.stringify(["old", n, "x".repeat(2_000)]);
const received = ({ wire }: WireClient) =>
  wire.frames.reduce((sum, frame) => sum + frame.length, 0);
const pings = ({ wire }: WireClient) => wire.frames.filter((frame) => frame === "2").length;

describe.each(LOGS)("a reader that stops reading, on %s", (_, makeLog) => {
  const room = (settings = SETTINGS) => new Harness({ log: makeLog(), settings });

  it("SUB-15 is sent about a window of its replay, and the rest once it reads", async () => {
    const h = room();
    h.fill(3_000, large);
    const reader = await h.join({ offset: "0" });
    expect(received(reader)).toBeGreaterThan(WINDOW - PAGE);
    expect(received(reader)).toBeLessThan(WINDOW + 2 * PAGE);
    const before = reader.seqs.length;
    reader.pong();
    await h.settle();
    expect(reader.seqs.length).toBeGreaterThan(before);
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(3_000));
    expect(reader.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it("SUB-15 is sent about a window of what is live, and the rest from the log, once", async () => {
    const h = room();
    const [reader, writer] = [await h.join(), await h.join()];
    for (let n = 1; n <= 1_500; n++) await writer.ask("new", n, "x".repeat(2_000));
    expect(received(reader)).toBeGreaterThan(WINDOW - PAGE);
    expect(received(reader)).toBeLessThan(WINDOW + 2 * PAGE);
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(1_500));
    // It never asked for a replay, so there is no word about one.
    expect(reader.notices).toEqual([]);
    await writer.ask("new", 1_501);
    expect(reader.seqs).toEqual(upTo(1_501));
  });

  it("SUB-15 a turn that is more than the window goes out in pages", async () => {
    const h = room();
    const [reader, writer] = [await h.join(), await h.join()];
    for (let n = 1; n <= 1_500; n++) writer.emit("new", n, "x".repeat(2_000));
    await h.settle();
    expect(received(reader)).toBeLessThan(WINDOW + 2 * PAGE);
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(1_500));
  });

  it("SUB-15 one event larger than the window arrives", async () => {
    const h = room({ ...SETTINGS, maxPayload: 4 * WINDOW });
    const [reader, writer] = [await h.join(), await h.join()];
    for (let n = 1; n <= 3; n++) await writer.ask("new", n, "x".repeat(1.5 * WINDOW));
    expect(reader.seqs).toEqual([1]);
    await reader.drain();
    expect(reader.seqs).toEqual([1, 2, 3]);
    expect(reader.wire.closed).toBeUndefined();
  });

  it("SUB-15 gets no ephemeral events for later", async () => {
    const h = new Harness({ log: makeLog(), ephemeral: ["typing"] });
    h.fill(3_000, large);
    const [reader, writer] = [await h.join({ offset: "0" }), await h.join()];
    await writer.ask("typing");
    await reader.drain();
    expect(reader.events.some(({ name }) => name === "typing")).toBe(false);
    await writer.ask("typing");
    expect(reader.events.at(-1)?.name).toBe("typing");
  });

  it("SUB-15 is closed when it proves nothing for an interval and a timeout, and resumes", async () => {
    const h = room();
    h.fill(3_000, large);
    const [reader, other] = [await h.join({ offset: "0" }), await h.join()];
    const due = h.now + PROOF;
    h.pass(SETTINGS.pingInterval);
    expect(h.wakes).toContain(due);
    h.pass(SETTINGS.pingTimeout - 1);
    expect(reader.wire.closed).toBeUndefined();
    h.pass(1);
    expect(reader.wire.closed).toEqual({ code: 1013, reason: "too slow" });
    expect(other.wire.closed).toBeUndefined();
    const again = await h.join(reader.resume);
    await again.drain();
    expect([...reader.seqs, ...again.seqs]).toEqual(upTo(3_000));
    expect(again.pid).toBe(reader.pid);
  });

  it("SUB-15 one that reads slowly is not closed", async () => {
    const h = room();
    h.fill(3_000, large);
    const reader = await h.join({ offset: "0" });
    for (let answers = 0; reader.seqs.length < 3_000; answers++) {
      expect(answers).toBeLessThan(100);
      reader.send("3");
      h.now += PROOF - 1;
      await h.settle();
    }
    expect(reader.wire.closed).toBeUndefined();
  });

  it("SUB-15 all that wait in a room share a window", async () => {
    const h = room();
    h.fill(1_000, large);
    const readers: WireClient[] = [];
    for (let n = 0; n < 100; n++) readers.push(await h.join({ offset: "0" }));
    const sum = readers.reduce((total, reader) => total + received(reader), 0);
    expect(sum).toBeLessThan(32 * WINDOW + 100 * PAGE);
    // Those who came when it was full got a page, and go on when they have proved it.
    const last = readers.at(-1);
    expect(received(last as WireClient)).toBeLessThan(2 * PAGE);
    await last?.drain();
    expect(last?.seqs).toEqual(upTo(1_000));
    for (const reader of readers.slice(0, 50)) reader.drop();
    for (const reader of readers.slice(50)) await reader.drain();
    for (const reader of readers.slice(50)) expect(reader.seqs).toEqual(upTo(1_000));
    // Who has left takes no part.
    expect(received(await h.join({ offset: "0" }))).toBeGreaterThan(WINDOW - PAGE);
  });

  it("SUB-15 with an exact heartbeat too", async () => {
    const h = room(EXACT);
    h.fill(3_000, large);
    const reader = await h.join({ offset: "0" });
    expect(received(reader)).toBeLessThan(WINDOW + 2 * PAGE);
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(3_000));
    h.pass(300);
    expect(reader.wire.closed).toBeUndefined();
  });
});

describe("a client that asks without reading", () => {
  it.each(["websocket", "polling"] as const)(
    "SUB-15 over %s is closed when too many acks wait for it",
    async (transport) => {
      const h = new Harness({ settings: { ...SETTINGS, maxPayload: 1_000 } });
      const client = transport === "websocket" ? await h.join() : await h.joinPolling();
      const key = "k".repeat(128);
      await client.ask("once", { idempotencyKey: key });
      let asked = 0;
      while (h.room.sessions[Symbol.iterator]().next().value !== undefined) {
        expect(asked++).toBeLessThan(100);
        const packet = `421["once",{"idempotencyKey":"${key}"}]`;
        client.send(...Array.from({ length: 1_000 }, () => packet));
        await h.settle();
      }
      expect(asked).toBeGreaterThan(10);
      expect(h.log.head).toBe(1);
    },
  );
});

describe("the pings between", () => {
  it("SUB-15 nobody is asked for a proof of a little", async () => {
    const h = new Harness();
    const [reader, writer] = [await h.join(), await h.join()];
    for (let n = 0; n < 100; n++) await writer.ask("small", n);
    expect(pings(reader)).toBe(0);
  });

  it("BEAT-2 the runtime lets pongs through while one is awaited, and only then", async () => {
    const h = new Harness();
    h.fill(300, large);
    const reader = await h.join({ offset: "0" });
    expect(pings(reader)).toBeGreaterThan(0);
    expect(h.autoPong).toBe(false);
    await reader.drain();
    expect(h.autoPong).toBe(true);
    const other = await h.join({ offset: "0" });
    expect(h.autoPong).toBe(false);
    other.drop();
    expect(h.autoPong).toBe(true);
  });

  it("SUB-15 a heartbeat's pong in between proves no more than was sent before its ping", async () => {
    const h = new Harness();
    h.fill(3_000, large);
    const reader = await h.join({ offset: "0" });
    const waiting = pings(reader);
    h.pass(SETTINGS.pingInterval);
    expect(pings(reader)).toBe(waiting + 1);
    for (let n = 0; n < waiting; n++) reader.send("3");
    expect(h.autoPong).toBe(false);
    reader.send("3");
    await h.settle();
    await reader.drain();
    expect(h.autoPong).toBe(true);
    expect(reader.seqs).toEqual(upTo(3_000));
  });

  it("SUB-15 the runtime's stamp counts if it took a pong after all", async () => {
    const h = new Harness();
    h.fill(3_000, large);
    const reader = await h.join({ offset: "0" });
    const before = reader.seqs.length;
    reader.wire.pong = h.now + 10;
    h.pass(SETTINGS.pingInterval);
    await h.settle();
    expect(reader.seqs.length).toBeGreaterThan(before);
    expect(reader.offset).toContain(EPOCH);
  });
});
