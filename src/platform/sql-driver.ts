/** SQLite as a Durable Object's storage offers it. */
import type { Sql, SqlValue } from "../storage/sql.ts";

/** https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ */
export function storageSql(storage: DurableObjectStorage): Sql {
  return {
    all: (query: string, ...bindings: SqlValue[]) => storage.sql.exec(query, ...bindings).toArray(),
    run: (query: string, ...bindings: SqlValue[]) => {
      storage.sql.exec(query, ...bindings);
    },
    transaction: (turn) => storage.transactionSync(turn),
  };
}
