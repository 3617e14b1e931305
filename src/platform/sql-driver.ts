/** SQLite as a Durable Object's storage offers it. */
import type { Sql, SqlValue } from "../storage/sql.ts";
import type { Counters } from "../telemetry/counters.ts";

/**
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 * @param counters count the rows, which are what is billed
 */
export function storageSql(
  storage: DurableObjectStorage,
  counters: Pick<Counters, "rowsRead" | "rowsWritten"> = { rowsRead: 0, rowsWritten: 0 },
): Sql {
  return {
    all: (query: string, ...bindings: SqlValue[]) => {
      const cursor = storage.sql.exec(query, ...bindings);
      const rows = cursor.toArray();
      counters.rowsRead += cursor.rowsRead;
      return rows;
    },
    run: (query: string, ...bindings: SqlValue[]) => {
      counters.rowsWritten += storage.sql.exec(query, ...bindings).rowsWritten;
    },
    transaction: (turn) => storage.transactionSync(turn),
  };
}
