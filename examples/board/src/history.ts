/** What everybody did, so that they can undo it. */
import type { Note } from "./events.ts";

/** A change that can be undone as long as its note is still in the state that it led to. */
export type Done = {
  readonly number: number;
  readonly note: string;
  /** Of the note after the change; null if it was deleted. */
  readonly version: string | null;
  /** The note before the change; null if there was none. */
  readonly before: Note | null;
};

/** So many changes are remembered, of all people together. */
const KEPT = 1_000;

type Row = { number: number; note: string; version: string | null; before: string | null };

export class History {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS history (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      identity TEXT NOT NULL,
      note TEXT NOT NULL,
      version TEXT,
      before TEXT
    )`);
    sql.exec("CREATE INDEX IF NOT EXISTS history_of ON history (identity, number)");
  }

  add(identity: string, { note, version, before }: Omit<Done, "number">): void {
    const { number } = this.#sql
      .exec<{ number: number }>(
        "INSERT INTO history (identity, note, version, before) VALUES (?, ?, ?, ?) RETURNING number",
        ...[identity, note, version, before && JSON.stringify(before)],
      )
      .one();
    this.#sql.exec("DELETE FROM history WHERE number <= ?", number - KEPT);
  }

  /** The newest change of this identity that is not undone. */
  newest(identity: string): Done | undefined {
    const [row] = this.#sql
      .exec<Row>(
        "SELECT number, note, version, before FROM history WHERE identity = ? ORDER BY number DESC LIMIT 1",
        identity,
      )
      .toArray();
    return row && { ...row, before: row.before === null ? null : JSON.parse(row.before) };
  }

  remove({ number }: Done): void {
    this.#sql.exec("DELETE FROM history WHERE number = ?", number);
  }
}
