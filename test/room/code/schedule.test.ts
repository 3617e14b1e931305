import { beforeEach, describe, expect, it } from "vitest";
import { Schedule } from "../../../src/room/schedule.ts";
import { ScheduleStore } from "../../../src/storage/schedule-store.ts";
import { migrate, type Sql } from "../../../src/storage/sql.ts";
import { nodeSql } from "../../support/node-sql.ts";

describe("scheduled work", () => {
  let sql: Sql;
  let now: number;
  let calls: unknown[];
  let wakes: number[];
  let reported: unknown[];
  let method: (payload: unknown) => unknown;

  beforeEach(() => {
    sql = nodeSql();
    migrate(sql, () => "ep0ch");
    now = 1_000_000;
    calls = [];
    wakes = [];
    reported = [];
    method = (payload) => void calls.push(payload);
  });

  /** A room that has just woken: only what is stored is there. */
  const wake = () =>
    new Schedule({
      openStore: () => new ScheduleStore(sql),
      now: () => now,
      wakeAt: (time) => wakes.push(time),
      call: (name, payload) => {
        if (name !== "method") throw new Error(`no method ${name}`);
        return method(payload);
      },
      perform: async (turn) => sql.transaction(turn),
      handlerTimeout: 1_000,
      report: (error) => reported.push(error),
    });

  it("ROOM-4 is done at its time, once, also by a room that slept", async () => {
    wake().add(now + 500, "method", { a: [1] });
    expect(wakes).toEqual([1_000_500]);
    await wake().run();
    expect(calls).toEqual([]);
    now += 500;
    await wake().run();
    await wake().run();
    expect(calls).toEqual([{ a: [1] }]);
  });

  it("ROOM-4 the alarm is asked for again until nothing is left", async () => {
    const schedule = wake();
    schedule.add(now + 700, "method", "b");
    schedule.add(now + 500, "method", "a");
    now += 600;
    wakes = [];
    await schedule.run();
    expect([calls, wakes]).toEqual([["a"], [1_000_700]]);
    now += 100;
    wakes = [];
    await schedule.run();
    expect([calls, wakes]).toEqual([["a", "b"], []]);
  });

  it("ROOM-4 can be cancelled, once", async () => {
    const schedule = wake();
    const id = schedule.add(now, "method", null);
    expect([schedule.cancel(id), schedule.cancel(id)]).toEqual([true, false]);
    await schedule.run();
    expect(calls).toEqual([]);
  });

  it("ROOM-4 an id is never another job's, even after the newest was cancelled", () => {
    const schedule = wake();
    const first = schedule.add(now, "method", 1);
    schedule.cancel(first);
    expect(schedule.add(now, "method", 2)).not.toBe(first);
  });

  it("ROOM-4 that throws is undone, and tried again after 5, 10, 20 … s, six times in all", async () => {
    sql.run("CREATE TABLE notes (text TEXT)");
    method = () => {
      calls.push(now);
      sql.run("INSERT INTO notes VALUES ('x')");
      throw new Error("not yet");
    };
    wake().add(now, "method", null);
    for (let i = 0; i < 10; i++) {
      await wake().run();
      now = wakes.pop() ?? now;
    }
    expect(calls).toEqual([0, 5, 15, 35, 75, 155].map((s) => 1_000_000 + s * 1_000));
    expect(sql.all("SELECT * FROM notes")).toEqual([]);
    expect(reported).toHaveLength(6);
  });

  it("ROOM-4 that throws does not keep others from being done", async () => {
    method = (payload) => {
      if (payload === "bad") throw new Error("no good");
      calls.push(payload);
    };
    const schedule = wake();
    for (const payload of ["a", "bad", "b"]) schedule.add(now, "method", payload);
    await schedule.run();
    expect(calls).toEqual(["a", "b"]);
  });

  it("ROOM-4 whose method is gone is reported, and given up in the end", async () => {
    wake().add(now, "renamed", null);
    for (let i = 0; i < 10; i++) {
      await wake().run();
      now += 1_000_000;
    }
    expect(reported).toHaveLength(6);
    expect(sql.all("SELECT * FROM roomlog_schedule")).toEqual([]);
  });

  it("ROOM-4 that awaits stays in store until it is done: at least once", async () => {
    let finish = () => {};
    method = (payload) => {
      calls.push(payload);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const first = wake();
    first.add(now, "method", "a");
    const running = first.run();
    // The same room does not start it twice; one that lost its memory does.
    await first.run();
    expect([calls, wakes]).toEqual([["a"], [1_000_000, 1_001_000]]);
    const second = wake();
    const again = second.run();
    await Promise.resolve();
    expect(calls).toEqual(["a", "a"]);
    finish();
    await again;
    expect(sql.all("SELECT * FROM roomlog_schedule")).toEqual([]);
    void running;
  });
});
