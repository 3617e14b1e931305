import { describe, expect, it } from "vitest";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.each(LOGS)("joining a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });

  it("SUB-1 every event carries its offset as one more string at the end", async () => {
    const h = room();
    const reader = await h.join();
    const writer = await h.join();
    await writer.ask("chat", "hi", { deep: [1, null] });
    await writer.ask("nothing");
    const frames = reader.wire.frames.slice(2);
    expect(frames).toEqual([
      `42["chat","hi",{"deep":[1,null]},"${EPOCH}-1"]`,
      `42["nothing","${EPOCH}-2"]`,
    ]);
  });

  it("SUB-1 the text of an event goes out as it came in", async () => {
    const h = room();
    const live = await h.join();
    const writer = await h.join();
    const text = '[ "chat" , 1e999,-0,1.0, "\\ud800" ,{"__proto__":{"admin":true},"a":1,"a":2}';
    writer.send(`42${text}]`);
    await h.settle();
    const replayed = await h.join({ offset: "0" });
    const frame = `42${text},"${EPOCH}-1"]`;
    expect(live.wire.frames).toContain(frame);
    expect(replayed.wire.frames).toContain(frame);
  });

  it("SUB-3 without offset and pid a reader is live from head", async () => {
    const h = room();
    h.fill(5);
    const reader = await h.join();
    expect(reader.transcript.events).toEqual([]);
    await (await h.join()).ask("new");
    expect(reader.seqs).toEqual([6]);
  });

  it("SUB-3 rewind gives the last N first, then live", async () => {
    const h = room();
    h.fill(5);
    const reader = await h.join({ rewind: 2 });
    expect(reader.seqs).toEqual([4, 5]);
    await (await h.join()).ask("new");
    expect(reader.seqs).toEqual([4, 5, 6]);
  });

  it("SUB-3 a rewind beyond the beginning gives all, without a gap", async () => {
    const h = room();
    h.fill(5);
    h.log.trim(2, h.now);
    const reader = await h.join({ rewind: 100 });
    expect(reader.seqs).toEqual([3, 4, 5]);
    expect(reader.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it("SUB-3 rewind is bounded", async () => {
    const h = room();
    h.fill(1_200);
    const reader = await h.join({ rewind: 1_000_000 });
    expect(reader.seqs).toEqual(upTo(201, 1_200));
  });

  it.each([[-1], [1.5], ["3"], [{}]])("SUB-3 rewind %j is refused", async (rewind) => {
    const reader = await room().join({ rewind });
    expect(reader.transcript.connected).toBeUndefined();
    expect(reader.transcript.errors).toMatchObject([{ data: { code: "invalid_rewind" } }]);
  });

  it.each([["0"], [0]])("SUB-3 offset %j gives all that is kept, and is no gap", async (offset) => {
    const h = room();
    h.fill(5);
    h.log.trim(2, h.now);
    const reader = await h.join({ offset });
    expect(reader.seqs).toEqual([3, 4, 5]);
    expect(reader.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it.each([[`${EPOCH}-2`], ["2"], [2]])(
    "SUB-4 offset %j gives what came after it",
    async (offset) => {
      const h = room();
      h.fill(5);
      const reader = await h.join({ offset });
      expect(reader.seqs).toEqual([3, 4, 5]);
      await (await h.join()).ask("new");
      expect(reader.seqs).toEqual([3, 4, 5, 6]);
    },
  );

  it("SUB-4 a replay of many pages is complete and in order", async () => {
    const h = room();
    h.fill(1_234);
    const reader = await h.join({ offset: "4" });
    expect(reader.seqs).toEqual(upTo(5, 1_234));
  });

  it("SUB-7 when replay is done the socket hears where it is and how much came", async () => {
    const h = room();
    h.fill(1_234);
    const reader = await h.join({ offset: "4" });
    const offset = `${EPOCH}-1234`;
    expect(reader.transcript.events.at(-1)).toEqual({
      name: "roomlog:live",
      args: [{ offset, replayed: 1_230 }],
      offset,
    });
    expect(reader.notices).toHaveLength(1);
  });

  it("SUB-7 a replay of nothing is done at once", async () => {
    const h = room();
    h.fill(2);
    const reader = await h.join({ offset: `${EPOCH}-2` });
    expect(reader.transcript.events).toEqual([
      {
        name: "roomlog:live",
        args: [{ offset: `${EPOCH}-2`, replayed: 0 }],
        offset: `${EPOCH}-2`,
      },
    ]);
  });

  it("SUB-9 any two readers see their common events in one order", async () => {
    const h = room();
    const readers = [await h.join(), await h.join(), await h.join()];
    for (let n = 0; n < 50; n++) readers[n % 3]?.emit("chat", n);
    await h.settle();
    const text = readers.map(({ events }) => events.map(({ args }) => args[0]));
    for (const [i, seen] of text.entries()) {
      expect(seen).toEqual(upTo(0, 49).filter((n) => n % 3 !== i));
    }
  });

  it("ADDR-4 a namespace that is not open is refused, and the socket stays", async () => {
    const h = room();
    const client = await h.join();
    client.send("40/nope/deep,");
    await h.settle();
    expect(client.wire.frames.at(-1)).toMatch(/^44\/nope\/deep,\{"message":"Invalid namespace"/);
    expect(client.wire.closed).toBeUndefined();
  });
});
