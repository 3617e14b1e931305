import { describe, expect, it } from "vitest";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { migrate, type Sql } from "../../src/storage/sql.ts";
import { event, fill, keyed, textsOf } from "../contract/event-log.ts";
import { migrating } from "../contract/log-migrating.ts";
import { nodeSql } from "../support/node-sql.ts";

const newEpoch = () => "one";

describe("migration", () => {
  it("refuses a database of a newer version, and leaves it as it is", () => {
    const sql = nodeSql();
    fill(new SqliteLog(sql, newEpoch), ['["a"]']);
    sql.run("UPDATE roomlog_log SET version = version + 1");
    const before = sql.all("SELECT * FROM roomlog_log");
    expect(() => new SqliteLog(sql, newEpoch)).toThrow(/has schema \d+, this version knows \d+$/);
    expect(sql.all("SELECT * FROM roomlog_log")).toEqual(before);
    expect(sql.all("SELECT seq FROM roomlog_events")).toEqual([{ seq: 1 }]);
  });

  it("asks for one epoch only, however often it runs", () => {
    const sql = nodeSql();
    let asked = 0;
    const counting = () => `epoch${++asked}`;
    for (let i = 0; i < 3; i++) migrate(sql, counting);
    expect(asked).toBe(1);
    expect(sql.all("SELECT epoch FROM roomlog_log")).toEqual([{ epoch: "epoch1" }]);
  });

  it("that fails halfway leaves an empty database behind", () => {
    const sql = nodeSql();
    const failing = () => {
      throw new Error("no entropy");
    };
    expect(() => new SqliteLog(sql, failing)).toThrow("no entropy");
    const log = new SqliteLog(sql, newEpoch);
    expect([log.epoch, log.head]).toEqual(["one", 0]);
  });
});

migrating((test) => test(nodeSql()));

describe("SqliteLog", () => {
  it("has no index, which each append would pay for", () => {
    const sql = nodeSql();
    new SqliteLog(sql, newEpoch);
    expect(sql.all("SELECT name FROM sqlite_schema WHERE type = 'index'")).toEqual([]);
  });

  it("goes on after a write that failed inside a transaction", () => {
    const sql = nodeSql();
    const log = new SqliteLog(sql, newEpoch);
    log.append(keyed('["a"]', "k"), 1);
    const failing = () =>
      log.transaction(() => {
        log.append(event('["b"]'), 1);
        sql.run("INSERT INTO roomlog_events (seq, time, data) VALUES (1, 1, '')");
      });
    expect(failing).toThrow(/UNIQUE/);
    expect(fill(log, ['["c"]'])).toEqual([2]);
    expect(textsOf(log)).toEqual(['["a"]', '["c"]']);
  });

  it("EMIT-2 reads no keys again for a transaction that failed", () => {
    const sql = nodeSql();
    const read: number[] = [];
    const counting: Sql = {
      ...sql,
      all(query, ...bindings) {
        const rows = sql.all(query, ...bindings);
        read.push(rows.length);
        return rows;
      },
    };
    const log = new SqliteLog(counting, newEpoch);
    for (let n = 1; n <= 100; n++) log.append(keyed('["a"]', `k${n}`), 1);
    const failing = () =>
      log.transaction(() => {
        log.append(keyed('["b"]', "new"), 1);
        throw new Error("refused");
      });
    expect(failing).toThrow("refused");
    read.length = 0;
    expect(log.append(keyed('["a"]', "k1"), 2)).toEqual({ kind: "duplicate", seq: 1 });
    expect(log.append(keyed('["c"]', "new"), 2)).toMatchObject({ kind: "appended" });
    expect(Math.max(...read)).toBe(1);
  });

  it("EMIT-2 a key whose event was trimmed is still known while the log stays open", () => {
    const log = new SqliteLog(nodeSql(), newEpoch);
    log.append(keyed('["a"]', "k"), 1);
    log.trim(1, 10);
    expect(log.append(keyed('["a"]', "k"), 2)).toEqual({ kind: "duplicate", seq: 1 });
  });
});
