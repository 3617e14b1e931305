/** A new epoch while clients are connected: each is told, and goes on (SUB-16). */
import { describe, expect, it } from "vitest";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { publish } from "../../src/room/publish.ts";
import { nodeSql } from "../support/node-sql.ts";
import { EXACT, Harness, type HarnessOptions, nextEventLoopTurn } from "../support/room-harness.ts";

const claims = { identity: "key:backend", scope: ["write"], rooms: ["*"] } as const;

function epochs(): () => string {
  let count = 0;
  return () => `ep${++count}`;
}

const STORES = [
  ["MemoryLog", () => ({ log: new MemoryLog(epochs()) })],
  [
    "SqliteLog",
    () => {
      const sql = nodeSql();
      return { sql, log: new SqliteLog(sql, epochs()) };
    },
  ],
] as const;

function newRoom(count: number, store: HarnessOptions, options: HarnessOptions): Harness {
  const h = new Harness({ ...store, ...options });
  h.fill(count);
  return h;
}

/** Publishes an event, and waits for nothing. */
function begin(h: Harness, name: string) {
  const event = {
    name,
    namespace: "/",
    data: JSON.stringify([name]),
    attachments: [],
    audience: null,
    idempotencyKey: null,
    ephemeral: false,
  };
  return h.track(publish(h.room, "lobby", { claims, events: [event] }));
}

async function send(h: Harness, name: string): Promise<void> {
  const publishing = begin(h, name);
  await h.settle();
  await publishing;
}

describe.each(STORES)("a new epoch of a room on %s", (_, store) => {
  const room = (count = 0, options: HarnessOptions = {}) => newRoom(count, store(), options);

  it("SUB-16 a wiped log: a live reader is told where it was, and goes on live", async () => {
    const h = room(3);
    const reader = await h.join();
    h.room.renew(false);
    await h.settle();
    await send(h, "a");
    const gap = { requested: "ep1-3", first: null, head: "ep2-0", reason: "epoch" };
    expect(reader.transcript.events).toEqual([
      { name: "roomlog:gap", args: [gap], offset: "ep2-0" },
      { name: "a", args: [], offset: "ep2-1" },
    ]);
  });

  it("SUB-16 a polling reader hears the same", async () => {
    const h = room(3);
    const reader = await h.joinPolling();
    await reader.drain();
    h.room.renew(false);
    await send(h, "a");
    await reader.held;
    await reader.drain();
    expect(reader.transcript.events.map(({ name, offset }) => [name, offset])).toEqual([
      ["roomlog:gap", "ep2-0"],
      ["a", "ep2-1"],
    ]);
  });

  it("SUB-16 events that are kept come again, behind the gap, then what is live", async () => {
    const h = room(3);
    const reader = await h.join();
    h.room.renew(true);
    const publishing = begin(h, "a");
    await h.settle();
    await publishing;
    const [gap, ...events] = reader.transcript.events;
    const told = { requested: "ep1-3", first: "ep2-1", head: "ep2-3", reason: "epoch" };
    expect(gap).toEqual({ name: "roomlog:gap", args: [told], offset: "ep2-0" });
    expect(events.map(({ name, offset }) => [name, offset])).toEqual([
      ["old", "ep2-1"],
      ["old", "ep2-2"],
      ["old", "ep2-3"],
      ["a", "ep2-4"],
    ]);
  });

  it("SUB-16 a reader in the midst of its replay begins anew, and hears when that is done", async () => {
    const h = room(1_200);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    // The first page is sent with CONNECT's answer.
    await until(() => reader.seqs.length === 500);
    h.room.renew(true);
    await h.settle();
    const [gap, live] = reader.notices;
    expect(gap).toMatchObject({ name: "roomlog:gap", args: [{ requested: "ep1-500" }] });
    expect(live).toMatchObject({
      name: "roomlog:live",
      args: [{ offset: "ep2-1200", replayed: 1_700 }],
    });
    expect(reader.seqs.slice(500)).toEqual(Array.from({ length: 1_200 }, (_, i) => i + 1));
  });

  it("SUB-16 one in the midst of its replay of what is wiped hears that it is done", async () => {
    const h = room(1_200);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    await until(() => reader.seqs.length === 500);
    h.room.renew(false);
    await h.settle();
    expect(reader.notices.map(({ name, offset }) => [name, offset])).toEqual([
      ["roomlog:gap", "ep2-0"],
      ["roomlog:live", "ep2-0"],
    ]);
    expect(reader.seqs).toHaveLength(500);
  });

  it("HTTP-14 a publish that waits for its turn is in the new log", async () => {
    const h = room(3);
    const reader = await h.join();
    const publishing = begin(h, "a");
    h.room.renew(false);
    await h.settle();
    expect(await publishing).toMatchObject({ events: [{ offset: "ep2-1", duplicate: false }] });
    expect(reader.events.map(({ name, offset }) => [name, offset])).toEqual([["a", "ep2-1"]]);
  });

  it("HTTP-14 an emit's key is free again, and `ifHead` of the old log is another head", async () => {
    const h = room();
    const writer = await h.join();
    expect(await writer.ask("a", { idempotencyKey: "k" })).toMatchObject({ offset: "ep1-1" });
    h.room.renew(false);
    expect(await writer.ask("b", { idempotencyKey: "k" })).toEqual({
      offset: "ep2-1",
      duplicate: false,
    });
    const moved = publish(h.room, "lobby", { claims, events: [], ifHead: "ep1-1" });
    h.track(moved);
    await h.settle();
    expect(await moved).toEqual({ kind: "head_moved", head: "ep2-1" });
  });

  it("SUB-8 what is not logged carries an offset of the new log, to whoever may not read too", async () => {
    const h = room(3, { ephemeral: ["typing"] });
    const reader = await h.join();
    const writer = await h.join();
    h.room.renew(false);
    writer.emit("typing");
    await h.settle();
    expect(reader.events).toEqual([{ name: "typing", args: [], offset: "ep2-0" }]);
  });

  it("SUB-5 a told reader that drops resumes as itself; its offset is of the new log", async () => {
    const h = room(3);
    const reader = await h.join();
    h.room.renew(false);
    await send(h, "a");
    reader.drop();
    await send(h, "b");
    const again = await h.join(reader.resume);
    expect([again.id, again.pid]).toEqual([reader.id, reader.pid]);
    expect(again.events.map(({ name, offset }) => [name, offset])).toEqual([["b", "ep2-2"]]);
    expect(again.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it("SUB-6 one that was away is told when it comes back", async () => {
    const h = room();
    const reader = await h.join();
    await send(h, "a");
    reader.drop();
    h.room.renew(false);
    await send(h, "b");
    const again = await h.join(reader.resume);
    expect(again.pid).not.toBe(reader.pid);
    const gap = { requested: "ep1-1", first: "ep2-1", head: "ep2-1", reason: "epoch" };
    expect(again.notices[0]).toEqual({ name: "roomlog:gap", args: [gap], offset: "ep2-0" });
    expect(again.events.map(({ name }) => name)).toEqual(["b"]);
  });

  it("ROOM-5 a room without recovery says nothing, and goes on", async () => {
    const h = room(3, { recovery: false, settings: EXACT });
    const reader = h.websocket();
    reader.connect();
    await h.settle();
    h.room.renew(true);
    await send(h, "a");
    expect(reader.wire.frames.filter((frame) => frame.startsWith("42"))).toEqual(['42["a"]']);
  });
});

describe("a new epoch of a room in code", () => {
  it("SUB-16 who is just being let in is asked to come again, and then hears of the gap", async () => {
    const let_in = Promise.withResolvers<void>();
    let asked = 0;
    const onConnect = () => (asked++ === 1 ? let_in.promise : undefined);
    const h = newRoom(3, STORES[1][1](), { handlers: { onConnect } });
    const reader = await h.join();
    reader.drop();
    const back = h.websocket();
    back.connect({ pid: reader.pid, offset: "ep1-3" });
    await until(() => asked === 2, h);
    h.room.renew(false);
    let_in.resolve();
    await until(() => back.wire.closed !== undefined, h);
    expect(back.transcript.connected).toBeUndefined();
    const again = await h.join({ pid: reader.pid, offset: "ep1-3" });
    expect(again.notices[0]).toMatchObject({ args: [{ requested: "ep1-3", reason: "epoch" }] });
  });

  it("ROOM-3 a socket stays in its rooms: what is for them in the new log reaches it", async () => {
    const h = newRoom(3, STORES[1][1](), {
      handlers: {
        onEvent: (socket) => {
          socket.join("red");
          socket.data = { name: "ann" };
        },
      },
    });
    const reader = await h.join();
    await reader.ask("join");
    await send(h, "a");
    h.room.renew(false);
    const event = {
      namespace: "/",
      data: '["b"]',
      attachments: [],
      sender: null,
      publication: null,
    };
    h.room.submit([{ ...event, audience: { to: ["red"], except: [] } }], () => {});
    await h.settle();
    expect(reader.events.map(({ name, offset }) => [name, offset])).toEqual([
      ["a", "ep1-4"],
      ["b", "ep2-1"],
    ]);
    const seats = h.sql.all("SELECT rooms, data FROM roomlog_sockets");
    expect(seats).toEqual([{ rooms: '[["red",0]]', data: '{"name":"ann"}' }]);
  });
});

/** Runs no turn but those of `room`, if it is given. */
async function until(condition: () => boolean, room?: Harness): Promise<void> {
  for (; !condition(); room?.turn()) await nextEventLoopTurn();
}
