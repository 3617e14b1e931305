/** The notes of a board, in their table. */
import type { Note } from "./events.ts";

type Row = Omit<Note, "by"> & { changed_by: string };

export class Notes {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS notes (
      id TEXT PRIMARY KEY,
      text TEXT NOT NULL,
      x INTEGER NOT NULL,
      y INTEGER NOT NULL,
      colour TEXT NOT NULL,
      z INTEGER NOT NULL,
      version TEXT NOT NULL,
      changed_by TEXT NOT NULL
    ) WITHOUT ROWID`);
  }

  all(): Note[] {
    return this.#sql.exec<Row>("SELECT * FROM notes ORDER BY z, id").toArray().map(toNote);
  }

  get(id: string): Note | undefined {
    const [row] = this.#sql.exec<Row>("SELECT * FROM notes WHERE id = ?", id).toArray();
    return row && toNote(row);
  }

  get count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM notes").one().n;
  }

  /** The z of a note that is to lie above all others. */
  get above(): number {
    return this.#sql.exec<{ z: number }>("SELECT coalesce(max(z), 0) + 1 AS z FROM notes").one().z;
  }

  /** The z of a note that is to lie below all others. */
  get below(): number {
    return this.#sql.exec<{ z: number }>("SELECT coalesce(min(z), 0) - 1 AS z FROM notes").one().z;
  }

  put({ id, text, x, y, colour, z, version, by }: Note): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[id, text, x, y, colour, z, version, by],
    );
  }

  delete(id: string): void {
    this.#sql.exec("DELETE FROM notes WHERE id = ?", id);
  }
}

function toNote({ changed_by: by, ...note }: Row): Note {
  return { ...note, by };
}
