/** The log on the storage of a real object: the common contract, and what it costs. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { NewEvent } from "../../src/log/event-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { storageSql } from "../../src/platform/sql-driver.ts";
import { newEpoch as randomEpoch } from "../../src/session/ids.ts";
import type { Sql } from "../../src/storage/sql.ts";
import { event, eventLogContract, keyed } from "../contract/event-log.ts";
import { Client } from "./support/client.ts";
import { evict } from "./support/evict.ts";
import { history, newRoom, post, publish, stubOf } from "./support/rooms.ts";

/** Runs `test` on the storage of a new object. */
function inObject<T>(test: (storage: DurableObjectStorage) => T, room = newRoom()): Promise<T> {
  return runInDurableObject(stubOf(room), (_, { storage }) => test(storage));
}

eventLogContract("SqliteLog in an object", {
  durable: true,
  run: (test) =>
    inObject((storage) =>
      test(
        ({ newEpoch, keyCapacity } = {}) =>
          new SqliteLog(storageSql(storage), newEpoch ?? randomEpoch, keyCapacity),
      ),
    ),
});

/** The storage as a log sees it, and how many rows were written through it. */
function counting(storage: DurableObjectStorage): Sql & { written(): number } {
  let rows = 0;
  const exec = (query: string, bindings: unknown[]) => {
    const cursor = storage.sql.exec<Record<string, string | number | null>>(query, ...bindings);
    const result = cursor.toArray();
    rows += cursor.rowsWritten;
    return result;
  };
  return {
    all: (query, ...bindings) => exec(query, bindings),
    run: (query, ...bindings) => void exec(query, bindings),
    transaction: (turn) => storage.transactionSync(turn),
    written() {
      const written = rows;
      rows = 0;
      return written;
    },
  };
}

describe("rows written, which are the bill", () => {
  const payloads: readonly (readonly [string, NewEvent])[] = [
    ["a plain event", event('["a",1]')],
    ["an event with a key", keyed('["a",1]', "k")],
    ["an event of a socket in a namespace", event('["a"]', { namespace: "/n", sender: "s" })],
    ["a large event", event(`["a","${"x".repeat(500_000)}"]`)],
  ];

  it.each(payloads)("are one for %s", async (_, payload) => {
    await inObject((storage) => {
      const sql = counting(storage);
      const log = new SqliteLog(sql, randomEpoch);
      log.append(event('["before"]'), 1);
      sql.written();
      log.append(payload, 2);
      expect(sql.written()).toBe(1);
    });
  });

  it("are n for n events of one transaction", async () => {
    await inObject((storage) => {
      const sql = counting(storage);
      const log = new SqliteLog(sql, randomEpoch);
      sql.written();
      log.transaction(() => {
        for (let i = 0; i < 50; i++) log.append(keyed('["a"]', `k${i}`), 1);
      });
      expect(sql.written()).toBe(50);
    });
  });

  it("are none for a duplicate, a reused key, and a read", async () => {
    await inObject((storage) => {
      const sql = counting(storage);
      const log = new SqliteLog(sql, randomEpoch);
      log.append(keyed('["a"]', "k"), 1);
      sql.written();
      expect(log.append(keyed('["a"]', "k"), 2).kind).toBe("duplicate");
      expect(log.append(keyed('["b"]', "k"), 2).kind).toBe("key_reused");
      expect(log.read({ limit: 10 })).toHaveLength(1);
      expect(sql.written()).toBe(0);
    });
  });

  it("are none for opening a log that exists", async () => {
    await inObject((storage) => {
      const first = new SqliteLog(storageSql(storage), randomEpoch);
      first.append(keyed('["a"]', "k"), 1);
      const sql = counting(storage);
      const again = new SqliteLog(sql, randomEpoch);
      expect([again.epoch, again.head]).toEqual([first.epoch, 1]);
      expect(again.append(keyed('["a"]', "k"), 2).kind).toBe("duplicate");
      expect(sql.written()).toBe(0);
    });
  });

  it("are one for each trimmed event, and one for where that ended", async () => {
    await inObject((storage) => {
      const sql = counting(storage);
      const log = new SqliteLog(sql, randomEpoch);
      for (let i = 0; i < 20; i++) log.append(event('["a"]'), 1);
      sql.written();
      log.trim(10, Date.now());
      expect(sql.written()).toBe(11);
    });
  });
});

describe("a running room", () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Lets `act` happen, and tells how many transactions and writing statements that took. */
  async function measured(room: string, act: () => Promise<unknown>) {
    const { transaction, exec } = await inObject(
      (storage) => ({
        transaction: vi.spyOn(storage, "transactionSync"),
        exec: vi.spyOn(storage.sql, "exec"),
      }),
      room,
    );
    await act();
    const writes = exec.mock.calls.filter(([query]) => !/^\s*SELECT/i.test(String(query)));
    return { transactions: transaction.mock.calls.length, writes: writes.length };
  }

  it("commits emits that come together in one transaction", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    await client.emit("first");
    const emits = Array.from({ length: 50 }, (_, i) => `42${100 + i}["e",${i}]`);
    const { transactions, writes } = await measured(room, async () => {
      client.send(...emits);
      await client.frames.until((frame) => frame.startsWith("43149["), "the last ack");
    });
    expect(writes).toBe(50);
    // How they fall into turns is the runtime's; one turn for each would be no group.
    expect(transactions).toBeLessThanOrEqual(10);
    expect((await history(room)).events).toHaveLength(51);
  });

  it("commits a batch in one transaction, with a savepoint for all or none", async () => {
    const room = newRoom();
    await publish(room, "first");
    const events = Array.from({ length: 100 }, () => ({ event: "e" }));
    expect(await measured(room, () => post(room, { events }))).toEqual({
      transactions: 2,
      writes: 100,
    });
  });

  it("writes no row to connect, join, resume, be pinged or leave", async () => {
    const room = newRoom();
    const offset = await publish(room, "first");
    const { writes } = await measured(room, async () => {
      const client = await Client.joined(room);
      await Client.joined(room, { pid: client.me.pid, offset });
      await client.ended();
    });
    expect(writes).toBe(0);
  });

  it("creates its log's tables when it is first needed, and no sooner", async () => {
    const room = newRoom();
    const tables = () =>
      inObject((storage) => {
        const query =
          "SELECT name FROM sqlite_schema WHERE name IN ('roomlog_log', 'roomlog_events')";
        return storage.sql.exec(query).toArray().length;
      }, room);
    const client = await Client.open(room);
    expect(await tables()).toBe(0);
    await client.join();
    expect(await tables()).toBe(2);
    await evict(room);
    expect(await tables()).toBe(2);
  });
});
