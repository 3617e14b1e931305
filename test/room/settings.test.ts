/** Settings of one room (HTTP-13), in plain Node: at once, and for who opens the room next. */
import { describe, expect, it } from "vitest";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { patched } from "../../src/room/behaviour.ts";
import type { Sql } from "../../src/storage/sql.ts";
import { nodeSql } from "../support/node-sql.ts";
import { EPOCH, Harness, type HarnessOptions } from "../support/room-harness.ts";

const HOUR = 60 * 60 * 1_000;

function open(sql: Sql, options: HarnessOptions = {}): Harness {
  return new Harness({ sql, log: new SqliteLog(sql, () => EPOCH), ...options });
}

describe("what is set for a room", () => {
  it("HTTP-13 holds at once: ephemeral names, echo, namespaces", async () => {
    const h = open(nodeSql());
    const ann = await h.join();
    const bob = await h.join();
    h.room.configure({ ephemeral: ["typing"], echo: true, namespaces: ["/stock"] });
    expect(await ann.ask("typing")).toEqual({ offset: null, ephemeral: true });
    await ann.ask("chat");
    for (const client of [ann, bob]) {
      expect(client.events.map(({ name }) => name)).toEqual(["typing", "chat"]);
    }
    const late = h.websocket();
    late.send("40/stock,", "40/orders,");
    await h.settle();
    expect(late.transcript.packets.map((packet) => packet.split("{")[0])).toEqual([
      "0",
      "40/stock,",
      "44/orders,",
    ]);
  });

  it("HTTP-13 replayLimit holds for who comes next", async () => {
    const h = open(nodeSql());
    h.fill(5);
    h.room.configure({ replayLimit: 2 });
    const reader = await h.join({ offset: "0" });
    expect(reader.notices[0]).toMatchObject({ args: [{ reason: "too_far" }] });
    expect(reader.seqs).toEqual([4, 5]);
  });

  it("HTTP-13 KEEP-1 less to keep is trimmed at once, and from then on", async () => {
    const h = open(nodeSql());
    h.fill(50);
    h.room.configure({ keep: { events: 10 } });
    await h.settle();
    expect(h.log.first).toBe(41);
    const writer = await h.join();
    for (let n = 0; n < 5; n++) await writer.ask("chat");
    expect(h.log.head - h.log.first + 1).toBeLessThanOrEqual(11);
  });

  it("HTTP-13 KEEP-1 a shorter age is looked at in time", async () => {
    const h = open(nodeSql());
    h.fill(5);
    h.room.configure({ keep: { age: HOUR } });
    await h.settle();
    expect(h.log.first).toBe(1);
    expect(Math.min(...h.wakes.filter((time) => time > h.now))).toBeLessThanOrEqual(
      h.now + 1.1 * HOUR,
    );
    h.pass(HOUR);
    await h.settle();
    expect(h.log.first).toBe(6);
  });

  it("HTTP-13 outlives the object, and null goes back to the deployment's", () => {
    const sql = nodeSql();
    const defaults = { echo: false, ephemeral: ["wave"], keep: { events: 100 } };
    open(sql, defaults).room.configure({
      echo: true,
      format: "envelope",
      ephemeral: ["typing"],
      keep: { events: 10, age: HOUR },
    });
    const again = open(sql, defaults);
    expect(again.room.behaviour).toMatchObject({
      echo: true,
      format: "envelope",
      ephemeral: ["typing"],
      retention: { events: 10, age: HOUR },
    });
    again.room.configure({ ephemeral: null, keep: { age: null } });
    expect(open(sql, defaults).room.behaviour).toMatchObject({
      echo: true,
      ephemeral: ["wave"],
      retention: { events: 10, age: 1e15 },
    });
    again.room.configure({ echo: null, format: null, keep: null });
    const { behaviour } = open(sql, defaults).room;
    expect(behaviour).toEqual(open(nodeSql(), defaults).room.behaviour);
    expect(sql.all("SELECT * FROM roomlog_settings")).toEqual([]);
  });

  it("HTTP-13 makes no table before a room is used", () => {
    const sql = nodeSql();
    const h = new Harness({ sql, log: new SqliteLog(nodeSql(), () => EPOCH) });
    expect(h.room.behaviour.echo).toBe(false);
    expect(sql.all("SELECT name FROM sqlite_schema")).toEqual([]);
  });
});

describe("patched", () => {
  it.each([
    [{}, {}, {}],
    [{}, { echo: true }, { echo: true }],
    [{ echo: true }, { echo: null }, {}],
    [{ echo: true }, { echo: undefined }, { echo: true }],
    [{ keep: { events: 1 } }, { keep: { bytes: 2 } }, { keep: { events: 1, bytes: 2 } }],
    [{ keep: { events: 1, bytes: 2 } }, { keep: { bytes: null } }, { keep: { events: 1 } }],
    [{ keep: { events: 1 } }, { keep: null }, {}],
    [{ keep: { events: 1 } }, { echo: false }, { keep: { events: 1 }, echo: false }],
  ])("HTTP-13 of %j with %j is %j", (own, patch, expected) => {
    expect(patched(own, patch)).toEqual(expected);
  });
});
