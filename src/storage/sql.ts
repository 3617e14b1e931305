/** The port to SQLite, and the schema of what Roomlog keeps in it. */

export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;
export type SqlRow = Record<string, SqlValue>;

/** SQLite as an object's storage and Node both offer it: three verbs, all synchronous. */
export interface Sql {
  all(query: string, ...bindings: SqlValue[]): SqlRow[];
  run(query: string, ...bindings: SqlValue[]): void;
  /** All that `turn` writes is committed together; an exception undoes it. */
  transaction<T>(turn: () => T): T;
}

/**
 * Steps from an empty database to the present schema; only ever appended to. All names begin with
 * `roomlog_`: the same database holds the tables of a room's own code.
 * `roomlog_events` has no index beside its key, so an append costs one row written.
 * `roomlog_log` has one row: `version` of the schema, `epoch`, and `trimmed`, the last seq that went.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE roomlog_events (
       seq INTEGER PRIMARY KEY,
       time INTEGER NOT NULL,
       namespace TEXT,
       sender TEXT,
       identity TEXT,
       key TEXT,
       data TEXT NOT NULL
     )`,
  ],
  [
    // Packed by log/blob.ts.
    "ALTER TABLE roomlog_events ADD COLUMN attachments BLOB",
    // JSON: [to, except].
    "ALTER TABLE roomlog_events ADD COLUMN audience TEXT",
    // Of what the publisher sent, where the room logged something else.
    "ALTER TABLE roomlog_events ADD COLUMN digest INTEGER",
    // What outlives a socket of a room in code; `left` is null while it is here.
    `CREATE TABLE roomlog_sockets (
       id TEXT PRIMARY KEY,
       rooms TEXT NOT NULL,
       data TEXT NOT NULL,
       left INTEGER
     ) WITHOUT ROWID`,
    `CREATE TABLE roomlog_schedule (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       at INTEGER NOT NULL,
       method TEXT NOT NULL,
       payload TEXT NOT NULL,
       failures INTEGER NOT NULL
     )`,
  ],
  [
    // Stored bytes of the events up to `measured`, so that not all have to be counted again.
    "ALTER TABLE roomlog_log ADD COLUMN measured INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE roomlog_log ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
    // The newest event whose key is not kept anywhere, and its time.
    "ALTER TABLE roomlog_log ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE roomlog_log ADD COLUMN forgotten_at INTEGER NOT NULL DEFAULT 0",
    // Idempotency keys of trimmed events, many to a row; `seq` and `time` are the last one's.
    `CREATE TABLE roomlog_keys (
       seq INTEGER PRIMARY KEY,
       time INTEGER NOT NULL,
       keys TEXT NOT NULL
     )`,
  ],
  [
    // Members that watchers know of and no socket's attachment has; `until` is null while they are here.
    `CREATE TABLE roomlog_presence (
       id TEXT PRIMARY KEY,
       namespace TEXT NOT NULL,
       member TEXT NOT NULL,
       reason TEXT,
       until INTEGER
     ) WITHOUT ROWID`,
  ],
  [
    // What was set for this room alone, as JSON: one row, where anything was.
    `CREATE TABLE roomlog_settings (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       own TEXT NOT NULL
     )`,
  ],
];

/**
 * Brings the database to the present schema; on an empty one it makes the log, with `newEpoch`.
 * @throws if the database was written by a newer version: an older one must not touch it
 */
export function migrate(sql: Sql, newEpoch: () => string): void {
  renameFirstTables(sql);
  sql.run(`CREATE TABLE IF NOT EXISTS roomlog_log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    trimmed INTEGER NOT NULL
  )`);
  const version = Number(sql.all("SELECT version FROM roomlog_log")[0]?.version ?? 0);
  if (version === MIGRATIONS.length) return;
  if (version > MIGRATIONS.length) {
    throw new Error(`the log has schema ${version}, this version knows ${MIGRATIONS.length}`);
  }
  sql.transaction(() => {
    for (const step of MIGRATIONS.slice(version).flat()) sql.run(step);
    if (version === 0) {
      sql.run(
        "INSERT INTO roomlog_log (id, version, epoch, trimmed) VALUES (1, ?, ?, 0)",
        MIGRATIONS.length,
        newEpoch(),
      );
    } else {
      sql.run("UPDATE roomlog_log SET version = ?", MIGRATIONS.length);
    }
  });
}

/** Before 2026-11-23 the tables were called `log` and `events`, as a room's own might be. */
function renameFirstTables(sql: Sql): void {
  const ours = sql.all(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND (
       name = 'roomlog_log' OR
       name = 'log' AND sql LIKE '%epoch TEXT NOT NULL%trimmed INTEGER NOT NULL%' OR
       name = 'events' AND sql LIKE '%identity TEXT%key TEXT%data TEXT NOT NULL%')`,
  );
  if (ours.length !== 2 || ours.some(({ name }) => name === "roomlog_log")) return;
  sql.transaction(() => {
    sql.run("ALTER TABLE log RENAME TO roomlog_log");
    sql.run("ALTER TABLE events RENAME TO roomlog_events");
  });
}
