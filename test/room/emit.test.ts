import { describe, expect, it } from "vitest";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const at = (seq: number, duplicate = false) => ({ offset: `${EPOCH}-${seq}`, duplicate });

describe.each(LOGS)("emitting in a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });
  const texts = (h: Harness) => h.log.read({ limit: 100 }).map(({ data }) => data);

  it("EMIT-1 an emit is logged, sent to all others, and acked with its offset", async () => {
    const h = room();
    const [sender, ...others] = [await h.join(), await h.join(), await h.join()];
    expect(await sender?.ask("chat", "hi")).toEqual(at(1));
    for (const other of others) expect(other.seqs).toEqual([1]);
    expect(sender?.seqs).toEqual([]);
    expect(h.log.read({ limit: 10 })).toMatchObject([
      { data: '["chat","hi"]', sender: sender?.id },
    ]);
  });

  it("EMIT-1 before its append an event is neither acked nor sent", async () => {
    const h = room();
    const reader = await h.join();
    const sender = await h.join();
    const id = sender.emit("chat");
    expect(h.log.head).toBe(0);
    expect([sender.transcript.acksOf(id), reader.seqs]).toEqual([[], []]);
    h.turn();
    expect(h.log.head).toBe(1);
    expect([sender.transcript.acksOf(id), reader.seqs]).toEqual([[at(1)], [1]]);
  });

  it("EMIT-1 an emit without an ack id is logged and not answered", async () => {
    const h = room();
    const sender = await h.join();
    const before = sender.wire.frames.length;
    sender.send('42["chat"]');
    await h.settle();
    expect([h.log.head, sender.wire.frames.length]).toEqual([1, before]);
  });

  it("EMIT-6 events of one connection get rising seqs, in one commit for all", async () => {
    const h = room();
    let transactions = 0;
    const { log } = h;
    const transaction = log.transaction.bind(log);
    log.transaction = (turn) => {
      transactions++;
      return transaction(turn);
    };
    const sender = await h.join();
    const ids = Array.from({ length: 1_500 }, (_, n) => sender.emit("chat", n));
    await h.settle();
    expect(ids.map((id) => sender.transcript.acksOf(id)[0])).toEqual(ids.map((_, i) => at(i + 1)));
    expect(log.read({ limit: 2_000 }).map(({ data }) => data)).toEqual(
      ids.map((_, n) => `["chat",${n}]`),
    );
    expect(transactions).toBe(1);
    expect(sender.wire.closed).toBeUndefined();
  });

  it("EMIT-6 emits that follow CONNECT at once are taken in order", async () => {
    const h = room();
    const sender = h.websocket();
    sender.connect();
    const ids = Array.from({ length: 20 }, (_, n) => sender.emit("chat", n));
    await h.settle();
    expect(ids.map((id) => sender.transcript.acksOf(id))).toEqual(ids.map((_, n) => [at(n + 1)]));
  });

  it("EMIT-5 a commit that fails is not acked and not sent; the retry is logged once", async () => {
    const h = room();
    const reader = await h.join();
    const sender = await h.join();
    const append = h.log.append.bind(h.log);
    h.log.append = (...args) => {
      append(...args);
      throw new Error("disk on fire");
    };
    const id = sender.emit("chat", { idempotencyKey: "k" });
    const other = sender.emit("chat", 2);
    await h.settle();
    expect(h.reported).toMatchObject([{ cause: { message: "disk on fire" } }]);
    expect([sender.transcript.acksOf(id), sender.transcript.acksOf(other)]).toEqual([[], []]);
    expect([h.log.head, reader.seqs, texts(h)]).toEqual([0, [], []]);
    h.log.append = append;
    expect(await sender.ask("chat", { idempotencyKey: "k" })).toEqual(at(1));
    expect(await sender.ask("chat", { idempotencyKey: "k" })).toEqual(at(1, true));
    expect([reader.seqs, texts(h)]).toEqual([[1], ['["chat"]']]);
  });

  it.each([
    ["roomlog:live", [], "invalid_event"],
    ["roomlog:anything", [1], "invalid_event"],
    ["deep", [deep(64)], "invalid_body"],
  ])("EMIT-5 %s is refused for good, and that is acked", async (name, args, code) => {
    const h = room();
    const sender = await h.join();
    expect(await sender.ask(name, ...args)).toMatchObject({
      error: { code, message: expect.any(String) },
    });
    expect(h.log.head).toBe(0);
    expect(sender.wire.closed).toBeUndefined();
  });

  it("an event nested as deep as is allowed is logged", async () => {
    const h = room();
    expect(await (await h.join()).ask("deep", deep(63))).toEqual(at(1));
  });

  it.each([["error"], ["__proto__"], ["constructor"], [""], ["a\u0000b"]])(
    "the name %j is one like any other",
    async (name) => {
      const h = room();
      const reader = await h.join();
      expect(await (await h.join()).ask(name)).toEqual(at(1));
      expect(reader.events.map((event) => event.name)).toEqual([name]);
    },
  );
});

function deep(levels: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}
