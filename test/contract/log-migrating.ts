/** Databases that earlier versions made open, and keep what is in them. */
import { describe, expect, it } from "vitest";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import type { Sql } from "../../src/storage/sql.ts";
import { event, keyed, seqOf } from "./event-log.ts";

/** The first schema, with four events of which the first is trimmed. */
const FIRST = [
  `CREATE TABLE log (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     version INTEGER NOT NULL,
     epoch TEXT NOT NULL,
     trimmed INTEGER NOT NULL
   )`,
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     time INTEGER NOT NULL,
     namespace TEXT,
     sender TEXT,
     identity TEXT,
     key TEXT,
     data TEXT NOT NULL
   )`,
  "INSERT INTO log VALUES (1, 1, 'old', 1)",
  `INSERT INTO events VALUES
     (2, 20, NULL, NULL, NULL, NULL, '["a",1]'),
     (3, 30, '/orders', 's1', 'ann', 'k', '["b","ä"]'),
     (4, 40, NULL, 's2', NULL, NULL, '["c"]')`,
];

const EVENTS = [
  { seq: 2, time: 20, namespace: "/", sender: null, data: '["a",1]' },
  { seq: 3, time: 30, namespace: "/orders", sender: "s1", data: '["b","ä"]' },
  { seq: 4, time: 40, namespace: "/", sender: "s2", data: '["c"]' },
].map((kept) => ({ ...kept, audience: null, attachments: [] }));

/** Tables that a room's own code may have made before the log was first opened. */
const OWN = ["CREATE TABLE log (line TEXT)", "CREATE TABLE events (what TEXT)"];

/** @param run runs a test on an empty database */
export function migrating(run: (test: (sql: Sql) => void) => void | Promise<void>): void {
  describe("a database of the first version", () => {
    const newEpoch = () => "new";
    const onFirst = (test: (sql: Sql) => void) =>
      run((sql) => {
        for (const step of FIRST) sql.run(step);
        test(sql);
      });

    it("LIFE-2 opens, and keeps its epoch, its seqs and its events", () =>
      onFirst((sql) => {
        const log = new SqliteLog(sql, newEpoch);
        expect([log.epoch, log.first, log.head]).toEqual(["old", 2, 4]);
        expect(log.read({ limit: 9 })).toEqual(EVENTS);
        expect(log.read({ limit: 9, namespace: "/orders", event: "b" })).toEqual([EVENTS[1]]);
      }));

    it("LIFE-2 EMIT-4 keeps its keys", () =>
      onFirst((sql) => {
        const log = new SqliteLog(sql, newEpoch);
        const retry = (data: string) => ({ ...keyed(data, "k"), namespace: "/orders" });
        expect(log.append(retry('["b","\\u00e4"]'), 50)).toEqual({ kind: "duplicate", seq: 3 });
        expect(log.append(retry('["b","o"]'), 50)).toEqual({ kind: "key_reused" });
        const attachments = [new Uint8Array([1])];
        expect(log.append({ ...retry('["b","ä"]'), attachments }, 50).kind).toBe("key_reused");
      }));

    it("LIFE-2 goes on behind its head, with all that is new, and opens again", () =>
      onFirst((sql) => {
        const more = {
          audience: { to: ["red"], except: [] },
          attachments: [new Uint8Array([0, 255])],
        };
        const added = event('["new"]', more);
        expect(seqOf(new SqliteLog(sql, newEpoch).append(added, 50))).toBe(5);
        const again = new SqliteLog(sql, newEpoch);
        const last = { seq: 5, time: 50, namespace: "/", sender: null, data: '["new"]', ...more };
        expect(again.read({ limit: 9 })).toEqual([...EVENTS, last]);
        again.trim(4, 10);
        const trimmed = new SqliteLog(sql, newEpoch);
        expect([trimmed.first, trimmed.read({ limit: 9 })]).toEqual([5, [last]]);
      }));

    it("LIFE-2 that was emptied does not use a seq again", () =>
      onFirst((sql) => {
        sql.run("DELETE FROM events");
        sql.run("UPDATE log SET trimmed = 4");
        const log = new SqliteLog(sql, newEpoch);
        expect([log.first, log.head]).toEqual([5, 4]);
        expect(seqOf(log.append(event('["d"]'), 50))).toBe(5);
      }));

    it("LIFE-2 has its tables under their new names only", () =>
      onFirst((sql) => {
        new SqliteLog(sql, newEpoch);
        const names = sql.all(
          "SELECT name FROM sqlite_schema WHERE name IN ('log', 'events', 'roomlog_log', 'roomlog_events') ORDER BY name",
        );
        expect(names).toEqual([{ name: "roomlog_events" }, { name: "roomlog_log" }]);
      }));
  });

  describe("a room's own tables", () => {
    it.each([
      ["log and events", OWN],
      ["log alone", OWN.slice(0, 1)],
      ["events alone", OWN.slice(1)],
    ])("ROOM-2 that were there first are left alone: %s", (_, steps) =>
      run((sql) => {
        for (const step of steps) sql.run(step);
        const log = new SqliteLog(sql, () => "new");
        log.append(event('["a"]'), 1);
        expect(new SqliteLog(sql, () => "newer").read({ limit: 9 })).toHaveLength(1);
        const query =
          "SELECT sql FROM sqlite_schema WHERE name IN ('log', 'events') ORDER BY rowid";
        expect(sql.all(query).map((row) => row.sql)).toEqual(steps);
      }),
    );

    it("ROOM-2 of the first version's names are left alone in a log of today", () =>
      run((sql) => {
        new SqliteLog(sql, () => "new").append(event('["a"]'), 1);
        sql.run("CREATE TABLE log (mine TEXT)");
        sql.run("CREATE TABLE events (mine TEXT)");
        const again = new SqliteLog(sql, () => "newer");
        expect([again.epoch, again.head]).toEqual(["new", 1]);
        expect(sql.all("SELECT mine FROM log")).toEqual([]);
        expect(sql.all("SELECT mine FROM events")).toEqual([]);
      }));
  });
}
