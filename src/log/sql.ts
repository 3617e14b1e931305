/** The port to SQLite, and the log's schema. */

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

/** SQLite as an object's storage and Node both offer it: three verbs, all synchronous. */
export interface Sql {
  all(query: string, ...bindings: SqlValue[]): SqlRow[];
  run(query: string, ...bindings: SqlValue[]): void;
  /** All that `turn` writes is committed together; an exception undoes it. */
  transaction<T>(turn: () => T): T;
}

/**
 * Steps from an empty database to the present schema; only ever appended to.
 * `events` has no index beside its key, so an append costs one row written.
 * `log` has one row: `version` of the schema, `epoch`, and `trimmed`, the last seq that went.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     time INTEGER NOT NULL,
     namespace TEXT,
     sender TEXT,
     identity TEXT,
     key TEXT,
     data TEXT NOT NULL
   )`,
];

/**
 * Brings the database to the present schema; on an empty one it makes the log, with `newEpoch`.
 * @throws if the database was written by a newer version: an older one must not touch it
 */
export function migrate(sql: Sql, newEpoch: () => string): void {
  sql.run(`CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    trimmed INTEGER NOT NULL
  )`);
  const version = Number(sql.all("SELECT version FROM log")[0]?.version ?? 0);
  if (version === MIGRATIONS.length) return;
  if (version > MIGRATIONS.length) {
    throw new Error(`the log has schema ${version}, this version knows ${MIGRATIONS.length}`);
  }
  sql.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) sql.run(step);
    if (version === 0) {
      sql.run("INSERT INTO log VALUES (1, ?, ?, 0)", MIGRATIONS.length, newEpoch());
    } else {
      sql.run("UPDATE log SET version = ?", MIGRATIONS.length);
    }
  });
}
