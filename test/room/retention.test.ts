import { describe, expect, it } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { StorageFull } from "../../src/room/commits.ts";
import { publish } from "../../src/room/publish.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const DAY = 24 * 60 * 60 * 1_000;
const claims: Claims = { identity: "key:backend", scope: ["read", "write"], rooms: ["*"] };

const isError = (ack: unknown) => typeof ack === "object" && ack !== null && "error" in ack;

async function emits(h: Harness, count: number): Promise<void> {
  const writer = await h.join();
  for (let n = 0; n < count; n++) writer.emit("n", n);
  await h.settle();
  writer.drop();
}

describe.each(LOGS)("a room on %s that keeps so much", (_, makeLog) => {
  it("KEEP-1 trims now and then, not at each event", async () => {
    const h = new Harness({ log: makeLog(), keep: { events: 100 } });
    await emits(h, 100);
    expect(h.log.first).toBe(1);
    for (const n of [101, 102, 103, 104, 105, 106, 107, 108, 109]) {
      await emits(h, 1);
      expect([h.log.first, h.log.head]).toEqual([1, n]);
    }
    await emits(h, 1);
    expect([h.log.first, h.log.head]).toEqual([11, 110]);
  });

  it("KEEP-1 trims sooner when events are large", async () => {
    const h = new Harness({ log: makeLog(), keep: { events: 2 } });
    const writer = await h.join();
    for (let n = 0; n < 5; n++) writer.emit("n", "x".repeat(900_000));
    await h.settle();
    expect([h.log.first, h.log.head]).toEqual([4, 5]);
  });

  it("KEEP-1 is woken for what becomes too old, and trims it then", async () => {
    const h = new Harness({ log: makeLog(), keep: { age: 7 * DAY } });
    await emits(h, 3);
    expect(h.wakes).toContain(h.now + 7 * DAY + 60 * 60 * 1_000);
    h.pass(7 * DAY - 1);
    await h.settle();
    expect(h.log.first).toBe(1);
    h.pass(1);
    await h.settle();
    expect([h.log.first, h.log.head]).toEqual([4, 3]);
  });

  it("KEEP-1 looks at what is old after it woke, whatever it remembers", async () => {
    const log = makeLog();
    await emits(new Harness({ log, keep: { age: DAY } }), 3);
    const h = new Harness({ log, keep: { age: DAY }, now: 1_700_000_000_000 + DAY });
    h.room.retain();
    await h.settle();
    expect(log.first).toBe(4);
  });

  it("SUB-6 a reader whose place is trimmed is told, and gets what is kept", async () => {
    const h = new Harness({ log: makeLog(), keep: { events: 100 } });
    const reader = await h.join();
    await emits(h, 2);
    reader.drop();
    await emits(h, 600);
    const back = await h.join(reader.resume);
    expect(back.notices[0]).toMatchObject({
      name: "roomlog:gap",
      args: [{ requested: `${EPOCH}-2`, first: `${EPOCH}-${h.log.first}`, reason: "trimmed" }],
    });
    expect(back.seqs).toEqual(
      Array.from({ length: 602 - h.log.first + 1 }, (_, i) => h.log.first + i),
    );
  });

  it("KEEP-1 SUB-6 a trim between the pages of a replay is a gap, never a hole", async () => {
    const h = new Harness({ log: makeLog() });
    h.fill(1_600);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    while (reader.seqs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const sent = reader.seqs.length;
    h.log.trim(sent + 300, h.now);
    await h.settle();
    const [gap] = reader.notices;
    expect(gap).toMatchObject({ name: "roomlog:gap", args: [{ reason: "trimmed" }] });
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(reader.seqs).toEqual([...numbers(1, sent), ...numbers(sent + 301, 1_600)]);
  });
});

describe("KEEP-2 a room whose storage is full", () => {
  it("refuses new events, and goes on serving reads, retries and what is not logged", async () => {
    const h = new Harness({ ephemeral: ["typing"] });
    const [writer, reader] = [await h.join(), await h.join()];
    const key = { idempotencyKey: "k" };
    await writer.ask("a", key);
    h.full = true;
    const refusal = { error: { code: "storage_full", message: "the room's storage is full" } };
    // The database is not asked at each turn.
    let answer = await writer.ask("n");
    for (let n = 0; n < 100 && !isError(answer); n++) answer = await writer.ask("n");
    expect(answer).toEqual(refusal);
    const { head } = h.log;
    expect(await writer.ask("b")).toEqual(refusal);
    expect(await writer.ask("a", key)).toEqual({ offset: `${EPOCH}-1`, duplicate: true });
    expect(await writer.ask("typing")).toMatchObject({ ephemeral: true });
    expect(reader.events.at(-1)).toMatchObject({ name: "typing", offset: `${EPOCH}-${head}` });
    expect((await h.join({ offset: "0" })).seqs).toHaveLength(head);

    const event = { name: "c", namespace: "/", data: '["c"]', attachments: [], audience: null };
    const events = [{ ...event, idempotencyKey: null, ephemeral: false }];
    const published = publish(h.room, "lobby", { claims, events });
    await h.settle();
    expect(await published).toEqual({ kind: "storage_full" });

    h.full = false;
    expect(await writer.ask("b")).toMatchObject({ offset: `${EPOCH}-${head + 1}` });
  });

  it("refuses what the room's code relays, and undoes what it wrote for that", async () => {
    const h = new Harness({
      handlers: {
        onEvent(socket, event) {
          socket.join("red");
          event.relay();
        },
      },
    });
    const writer = await h.join();
    h.full = true;
    expect(await writer.ask("a")).toMatchObject({ error: { code: "storage_full" } });
    expect([h.log.head, h.room.sockets[0]?.rooms.size]).toEqual([0, 1]);
  });

  it("ROOM-2 lets clients in whose welcome can't be logged, and says that it couldn't", async () => {
    const h = new Harness({
      handlers: {
        onConnect(socket) {
          socket.emit("welcome");
          socket.ephemeral.emit("hello");
        },
      },
    });
    h.full = true;
    const client = await h.join();
    expect(client.wire.closed).toBeUndefined();
    expect(client.events.map(({ name }) => name)).toEqual(["hello"]);
    expect(h.reported).toEqual([new StorageFull()]);
    h.full = false;
    expect((await h.join()).events.map(({ name }) => name)).toEqual(["hello", "welcome"]);
    expect(client.wire.closed).toBeUndefined();
  });
});
