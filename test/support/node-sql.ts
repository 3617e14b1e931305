/** Node's SQLite behind the log's port. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Sql, SqlRow, SqlValue } from "../../src/storage/sql.ts";

/** A database in memory, for as many logs as are opened on it. */
export function nodeSql(): Sql {
  const database = new DatabaseSync(":memory:");
  const statements = new Map<string, StatementSync>();
  const prepared = (query: string) => {
    const statement = statements.get(query) ?? database.prepare(query);
    statements.set(query, statement);
    return statement;
  };
  let depth = 0;
  return {
    all(query: string, ...bindings: SqlValue[]): SqlRow[] {
      return prepared(query).all(...bindings.map(bindable)) as SqlRow[];
    },
    run(query: string, ...bindings: SqlValue[]): void {
      prepared(query).run(...bindings.map(bindable));
    },
    // A savepoint outside of any transaction begins one.
    transaction<T>(turn: () => T): T {
      const savepoint = `level${depth}`;
      database.exec(`SAVEPOINT ${savepoint}`);
      depth++;
      try {
        const result = turn();
        database.exec(`RELEASE ${savepoint}`);
        return result;
      } catch (error) {
        database.exec(`ROLLBACK TO ${savepoint}`);
        database.exec(`RELEASE ${savepoint}`);
        throw error;
      } finally {
        depth--;
      }
    },
  };
}

function bindable(value: SqlValue): SQLInputValue {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}
