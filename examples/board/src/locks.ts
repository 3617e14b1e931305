/** Which notes are in somebody's hand. */

/** A lock as it is stored. */
export type Held = {
  readonly note: string;
  /** Id of the holder's socket. */
  readonly socket: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Id of the scheduled call that ends it. */
  readonly job: number;
};

export class Locks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS locks (
      note TEXT PRIMARY KEY,
      socket TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      until INTEGER NOT NULL,
      job INTEGER NOT NULL
    ) WITHOUT ROWID`);
  }

  all(): Held[] {
    return this.#sql
      .exec<Held>("SELECT * FROM locks WHERE until > ? ORDER BY note", Date.now())
      .toArray();
  }

  /** Its lock, if the note has one that still holds. */
  of(note: string): Held | undefined {
    return this.#sql
      .exec<Held>("SELECT * FROM locks WHERE note = ? AND until > ?", note, Date.now())
      .toArray()[0];
  }

  put({ note, socket, name, until, job }: Held): void {
    this.#sql.exec("INSERT INTO locks VALUES (?, ?, ?, ?, ?)", note, socket, name, until, job);
  }

  /** Ends the lock of a note, or the one that a socket has, whether it still holds or not. */
  end(which: { readonly note: string } | { readonly socket: string }): Held | undefined {
    const [column, value] = "note" in which ? ["note", which.note] : ["socket", which.socket];
    return this.#sql
      .exec<Held>(`DELETE FROM locks WHERE ${column} = ? RETURNING *`, value)
      .toArray()[0];
  }
}
