/** Messages and channels, for what the log can't do: forget a message, and read one channel's. */
import type { StoredMessage } from "./events.ts";

export class Messages {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      offset TEXT NOT NULL UNIQUE,
      channel TEXT NOT NULL,
      identity TEXT NOT NULL,
      nick TEXT NOT NULL,
      moderator INTEGER NOT NULL,
      text TEXT,
      at INTEGER NOT NULL
    )`);
    sql.exec("CREATE INDEX IF NOT EXISTS messages_by_channel ON messages (channel, id)");
    sql.exec(`CREATE TABLE IF NOT EXISTS channels (
      name TEXT PRIMARY KEY,
      slow INTEGER NOT NULL
    ) WITHOUT ROWID`);
  }

  add({ offset, channel, nick, moderator, text, at }: StoredMessage, identity: string): void {
    this.#sql.exec(
      `INSERT INTO messages (offset, channel, identity, nick, moderator, text, at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      offset,
      channel,
      identity,
      nick,
      moderator ? 1 : 0,
      text,
      at,
    );
  }

  /** Whose message it is, and where; undefined if there is none (any more). */
  find(offset: string): { channel: string; identity: string } | undefined {
    return this.#sql
      .exec<{ channel: string; identity: string }>(
        "SELECT channel, identity FROM messages WHERE offset = ? AND text IS NOT NULL",
        offset,
      )
      .toArray()[0];
  }

  /** Forgets what it said. Its place is kept, since somebody may be reading on from there. */
  remove(offset: string): void {
    this.#sql.exec("UPDATE messages SET text = NULL WHERE offset = ?", offset);
  }

  /**
   * A channel's newest messages, oldest first.
   * @param before the offset of a message: only those that came before it
   */
  page(channel: string, before: string | null, limit: number): StoredMessage[] {
    const rows = this.#sql.exec<Omit<StoredMessage, "moderator"> & { moderator: number }>(
      `SELECT offset, channel, nick, moderator, text, at FROM messages
       WHERE channel = ?1 AND text IS NOT NULL
         AND (?2 IS NULL OR id < (SELECT id FROM messages WHERE offset = ?2))
       ORDER BY id DESC LIMIT ?3`,
      channel,
      before,
      limit,
    );
    return Array.from(rows, (row) => ({ ...row, moderator: row.moderator === 1 })).reverse();
  }

  /** Slow mode: seconds between two messages of one person. */
  slow(channel: string): number {
    const [row] = this.#sql.exec<{ slow: number }>(
      "SELECT slow FROM channels WHERE name = ?",
      channel,
    );
    return row?.slow ?? 0;
  }

  setSlow(channel: string, seconds: number): void {
    this.#sql.exec(
      `INSERT INTO channels (name, slow) VALUES (?1, ?2)
       ON CONFLICT (name) DO UPDATE SET slow = ?2`,
      channel,
      seconds,
    );
  }
}
