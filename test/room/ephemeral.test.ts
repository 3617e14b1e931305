import { describe, expect, it } from "vitest";
import { publish } from "../../src/room/publish.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const PATTERNS = ["typing", "cursor:*"];
const claims = { identity: "key:backend", scope: ["write"], rooms: ["*"] } as const;
const receipt = (seq: number) => ({ offset: `${EPOCH}-${seq}`, duplicate: false });

describe.each(LOGS)("ephemeral events of a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog(), ephemeral: PATTERNS });

  it.each([["typing"], ["cursor:"], ["cursor:ada"]])(
    "EMIT-7 %s is sent to the others, acked, and not logged",
    async (name) => {
      const h = room();
      const reader = await h.join();
      const writer = await h.join();
      expect(await writer.ask(name, { x: 1 })).toEqual({ offset: null, ephemeral: true });
      expect(reader.events).toEqual([{ name, args: [{ x: 1 }], offset: `${EPOCH}-0` }]);
      expect(writer.events).toEqual([]);
      expect(h.log.head).toBe(0);
    },
  );

  it.each([["typings"], ["Typing"], ["cursor"]])(
    "EMIT-7 %s is logged as any other",
    async (name) => {
      const h = room();
      const writer = await h.join();
      expect(await writer.ask(name)).toEqual({ offset: `${EPOCH}-1`, duplicate: false });
    },
  );

  it("SUB-8 its last string is how far the reader has come, so it can't lose its place", async () => {
    const h = room();
    h.fill(3);
    const reader = await h.join();
    const writer = await h.join();
    await writer.ask("typing", "not-an-offset");
    await writer.ask("chat");
    await writer.ask("typing");
    expect(reader.events.map(({ name, offset }) => [name, offset])).toEqual([
      ["typing", `${EPOCH}-3`],
      ["chat", `${EPOCH}-4`],
      ["typing", `${EPOCH}-4`],
    ]);
    expect(reader.events[0]?.args).toEqual(["not-an-offset"]);
  });

  it("SUB-8 it does not overtake an event that waits for its turn as an offset", async () => {
    const h = room();
    const reader = await h.join();
    const writer = await h.join();
    writer.emit("chat");
    writer.emit("typing");
    expect(reader.offset).toBe(`${EPOCH}-0`);
    await h.settle();
    expect(reader.seqs).toEqual([0, 1]);
    const again = await h.join({ pid: reader.pid, offset: `${EPOCH}-0` });
    expect(again.seqs).toEqual([1]);
  });

  it("SUB-8 it is not sent into an unfinished replay, nor replayed", async () => {
    const h = room();
    h.fill(1_200);
    const writer = await h.join();
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    // Its first page is on its way, the others wait for their turns.
    while (reader.seqs.length === 0) await h.track(new Promise((done) => setImmediate(done)));
    expect(reader.seqs).toHaveLength(500);
    writer.emit("typing");
    await h.settle();
    expect(reader.seqs).toHaveLength(1_200);
    expect(reader.events.some(({ name }) => name === "typing")).toBe(false);
  });

  it("EMIT-7 stays in its namespace", async () => {
    const h = room();
    const elsewhere = h.websocket();
    elsewhere.send("40/orders,");
    const writer = await h.join();
    await writer.ask("typing");
    expect(elsewhere.events).toEqual([]);
  });

  it("HTTP-2 nothing of a refused batch is sent, ephemeral or not", async () => {
    const h = room();
    const reader = await h.join();
    const base = {
      namespace: "/",
      attachments: [],
      audience: null,
      name: "chat",
      idempotencyKey: "k",
      ephemeral: false,
    };
    const typing = { ...base, name: "typing", data: '["typing"]' };
    const send = async (data: string) => {
      const published = publish(h.room, "lobby", { claims, events: [typing, { ...base, data }] });
      await h.settle();
      return (await published).kind;
    };
    expect(await send('["chat",1]')).toBe("published");
    expect(await send('["chat",2]')).toBe("key_reused");
    expect(reader.events.map(({ name }) => name)).toEqual(["chat", "typing"]);
  });

  it("EMIT-7 HTTP-1 a backend's is ephemeral by its name, or because it says so", async () => {
    const h = room();
    const reader = await h.join();
    const base = { namespace: "/", attachments: [], audience: null, idempotencyKey: null };
    const events = [
      { ...base, name: "typing", data: '["typing"]', ephemeral: false },
      { ...base, name: "chat", data: '["chat"]', ephemeral: false },
      { ...base, name: "blink", data: '["blink"]', ephemeral: true },
    ];
    const published = publish(h.room, "lobby", { claims, events });
    await h.settle();
    expect(await published).toEqual({
      kind: "published",
      events: [
        { offset: null, ephemeral: true },
        { offset: `${EPOCH}-1`, duplicate: false },
        { offset: null, ephemeral: true },
      ],
    });
    expect(reader.events.map(({ name }) => name)).toEqual(["chat", "typing", "blink"]);
    expect(h.log.head).toBe(1);
  });
});

it.each([
  ["becomes ephemeral", [], ["chat"], [receipt(1), receipt(2)]],
  ["is so no longer", ["chat"], [], [{ offset: null, ephemeral: true }, receipt(1)]],
])("EMIT-7 HTTP-13 a name that %s while it waits is what it was", async (_, was, is, told) => {
  const h = new Harness({ ephemeral: was });
  const reader = await h.join();
  const events = ["chat", "paid"].map((name) => ({
    ...{ name, namespace: "/", data: JSON.stringify([name]), attachments: [] },
    ...{ audience: null, idempotencyKey: null, ephemeral: false },
  }));
  const published = publish(h.room, "lobby", { claims, events });
  h.room.configure({ ephemeral: is });
  await h.settle();
  expect(await published).toEqual({ kind: "published", events: told });
  expect(reader.events.map(({ name }) => name).sort()).toEqual(["chat", "paid"]);
});
