import { MemoryLog } from "../../src/log/memory-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { newEpoch as randomEpoch } from "../../src/session/ids.ts";
import { eventLogContract } from "../contract/event-log.ts";
import { nodeSql } from "../support/node-sql.ts";

eventLogContract("MemoryLog", {
  durable: false,
  run: (test) =>
    test(({ newEpoch, keyCapacity } = {}) => new MemoryLog(newEpoch ?? randomEpoch, keyCapacity)),
});

eventLogContract("SqliteLog over node:sqlite", {
  durable: true,
  run: (test) => {
    const sql = nodeSql();
    test(
      ({ newEpoch, keyCapacity } = {}) => new SqliteLog(sql, newEpoch ?? randomEpoch, keyCapacity),
    );
  },
});
