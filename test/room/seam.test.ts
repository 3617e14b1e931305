import { describe, expect, it } from "vitest";
import { EPOCH, Harness, LOGS, nextEventLoopTurn } from "../support/room-harness.ts";

const upTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

/** Events so large that a few hundred of them are more than a reader may have waiting. */
const large = (n: number) => JSON.stringify(["old", n, "x".repeat(2_000)]);

describe.each(LOGS)("the seam between replay and live on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });

  it("SUB-4 events committed while a CONNECT is being checked are neither lost nor doubled", async () => {
    const h = room();
    h.fill(3);
    const writer = await h.join();
    for (const auth of [{ offset: `${EPOCH}-1` }, { offset: "0" }, { rewind: 2 }]) {
      const start = h.log.head;
      const reader = h.websocket();
      reader.connect(auth);
      writer.emit("meanwhile");
      h.turn();
      writer.emit("queued");
      await h.settle();
      expect(h.log.head).toBe(start + 2);
      expect(reader.seqs.slice(-2)).toEqual([start + 1, start + 2]);
      expect(new Set(reader.seqs).size).toBe(reader.seqs.length);
    }
  });

  it("SUB-3 a reader that joins live between queue and commit gets the event once", async () => {
    const h = room();
    const writer = await h.join();
    const reader = h.websocket();
    reader.connect();
    while (reader.id === "") {
      await nextEventLoopTurn();
    }
    writer.emit("queued");
    const late = h.websocket();
    late.connect({ rewind: 5 });
    while (late.id === "") await nextEventLoopTurn();
    expect(h.log.head).toBe(0);
    await h.settle();
    expect([reader.seqs, late.seqs]).toEqual([[1], [1]]);
  });

  it("SUB-4 SUB-11 events committed between the pages of a replay come after them, once", async () => {
    const h = room();
    h.fill(1_300);
    const writer = await h.join();
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    while (reader.id === "") await nextEventLoopTurn();
    expect(reader.seqs).toEqual(upTo(500));
    writer.emit("first");
    h.turn();
    expect(reader.seqs).toEqual(upTo(1_000));
    writer.emit("second");
    await h.settle();
    expect(reader.seqs).toEqual(upTo(1_302));
    expect(reader.notices.map(({ args }) => args)).toEqual([
      [{ offset: `${EPOCH}-1302`, replayed: 1_302 }],
    ]);
    // SUB-7: what comes now is live, behind the notice.
    await writer.ask("third");
    expect(reader.transcript.events.at(-1)?.offset).toBe(`${EPOCH}-1303`);
  });

  it("SUB-4 a reader dropped in mid-replay goes on where it was", async () => {
    const h = room();
    h.fill(1_300);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    while (reader.id === "") await nextEventLoopTurn();
    reader.drop();
    const again = await h.join(reader.resume);
    expect([...reader.seqs, ...again.seqs]).toEqual(upTo(1_300));
    expect(again.pid).toBe(reader.pid);
  });

  it("SUB-4 a poller that does not fetch gets the rest of a replay when it does", async () => {
    const h = room();
    h.fill(1_500, large);
    const reader = await h.joinPolling({ offset: "0" });
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(1_500));
    expect(reader.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it("SUB-4 SUB-11 a poller that can't keep up with what is live misses nothing", async () => {
    const h = room();
    const reader = await h.joinPolling();
    const writer = await h.join();
    for (let n = 1; n <= 1_000; n++) await writer.ask("new", n, "x".repeat(2_000));
    await reader.drain();
    expect(reader.seqs).toEqual(upTo(1_000));
    // It never asked for a replay, so there is no word about one.
    expect(reader.notices).toEqual([]);
    await writer.ask("new", 1_001);
    await reader.held;
    expect(reader.seqs).toEqual(upTo(1_001));
  });

  it.each([
    ["replays", { offset: "0" }, 3_000],
    ["is live", {}, 0],
  ])(
    "SUB-15 what waits for a poller that %s and does not fetch is bounded",
    async (_, auth, old) => {
      const h = room();
      h.fill(old, large);
      const reader = await h.joinPolling(auth);
      const writer = await h.join();
      for (let n = 0; n < 1_000; n++) await writer.ask("new", n, "x".repeat(2_000));
      const probe = h.probe(reader.sid);
      // The upgrade hands over at once all that waited.
      probe.send("2probe", "5");
      const waited = probe.wire.frames.reduce((sum, frame) => sum + frame.length, 0);
      expect(waited).toBeGreaterThan(768 * 1024);
      expect(waited).toBeLessThan(1536 * 1024);
      await h.settle();
      await probe.drain();
      expect(probe.seqs).toEqual(upTo(old + 1_000));
    },
  );

  it("SUB-4 an upgrade in the middle of a replay loses nothing, with nothing else going on", async () => {
    const h = room();
    h.fill(1_500, large);
    const reader = await h.joinPolling({ offset: "0" });
    const probe = h.probe(reader.sid);
    probe.send("2probe");
    await reader.poll();
    await h.settle();
    probe.send("5");
    await h.settle();
    await probe.drain();
    expect([...reader.seqs, ...probe.seqs]).toEqual(upTo(1_500));
    expect(probe.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });
});
