/** Keeps what a room's code, or a backend, has put into its sockets' seats, for as long as these may resume. */
import type { Sql } from "./sql.ts";

/** A seat as it is stored. */
export type SeatRecord = {
  /** Each with the seq of the newest event when the socket joined. */
  readonly rooms: readonly (readonly [room: string, since: number])[];
  readonly data: Readonly<Record<string, unknown>>;
};

/** A socket that left may resume for so long, in milliseconds: as long as events are kept. */
const KEPT_FOR = 7 * 24 * 60 * 60 * 1_000;

const LOST =
  "UPDATE roomlog_sockets SET left = ? WHERE left IS NULL AND id NOT IN (SELECT value FROM json_each(?))";

const SAVE = "INSERT OR REPLACE INTO roomlog_sockets (id, rooms, data, left) VALUES (?, ?, ?, ?)";

export class SeatStore {
  readonly #sql: Sql;

  /** @param now milliseconds since 1970; what has been left for too long goes */
  constructor(sql: Sql, now: number) {
    this.#sql = sql;
    // Most rooms keep nothing: they are not to write, not even nothing.
    if (this.any()) sql.run("DELETE FROM roomlog_sockets WHERE left < ?", now - KEPT_FOR);
  }

  any(): boolean {
    return this.#sql.all("SELECT 1 FROM roomlog_sockets LIMIT 1").length > 0;
  }

  load(id: string): SeatRecord | undefined {
    const row = this.#sql.all("SELECT rooms, data FROM roomlog_sockets WHERE id = ?", id)[0];
    if (row === undefined) return undefined;
    return { rooms: JSON.parse(String(row.rooms)), data: JSON.parse(String(row.data)) };
  }

  /** @param left when the socket left, in milliseconds since 1970; null while it is here */
  save(id: string, { rooms, data }: SeatRecord, left: number | null): void {
    this.#sql.run(SAVE, id, JSON.stringify(rooms), JSON.stringify(data), left);
  }

  forget(id: string): void {
    this.#sql.run("DELETE FROM roomlog_sockets WHERE id = ?", id);
  }

  /** The socket is here again. */
  back(id: string): void {
    this.#sql.run("UPDATE roomlog_sockets SET left = NULL WHERE id = ? AND left IS NOT NULL", id);
  }

  left(id: string, now: number): void {
    this.#sql.run("UPDATE roomlog_sockets SET left = ? WHERE id = ?", now, id);
  }

  /** Nobody has heard the others leave: they were lost with an earlier instance of the room. */
  leftBut(here: readonly string[], now: number): void {
    this.#sql.run(LOST, now, JSON.stringify(here));
  }
}
