/** Keeps what was set for one room alone. */
import type { Sql } from "./sql.ts";

const EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'roomlog_settings'";
const SAVE = "INSERT OR REPLACE INTO roomlog_settings (id, own) VALUES (1, ?)";

export class SettingsStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** JSON text; undefined if nothing was set. Asking makes no table in an empty database. */
  load(): string | undefined {
    if (this.#sql.all(EXISTS).length === 0) return undefined;
    const row = this.#sql.all("SELECT own FROM roomlog_settings")[0];
    return row === undefined ? undefined : String(row.own);
  }

  /** The log has to be open: its schema holds the table. */
  save(own: string | undefined): void {
    if (own === undefined) this.#sql.run("DELETE FROM roomlog_settings");
    else this.#sql.run(SAVE, own);
  }
}
