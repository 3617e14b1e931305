/** Keeps what a room's code has scheduled. */
import type { Sql, SqlRow } from "./sql.ts";

/** A call of one of the room's methods, to be made at a time. */
export type Job = {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** JSON text. */
  readonly payload: string;
  /** How often it has failed. */
  readonly failures: number;
};

export class ScheduleStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** @returns the job's id */
  add(at: number, method: string, payload: string): number {
    this.#sql.run(
      "INSERT INTO roomlog_schedule (at, method, payload, failures) VALUES (?, ?, ?, 0)",
      at,
      method,
      payload,
    );
    return Number(this.#sql.all("SELECT last_insert_rowid() AS id")[0]?.id);
  }

  /** The jobs that are due, the earliest first. */
  due(now: number): Job[] {
    return this.#sql
      .all("SELECT * FROM roomlog_schedule WHERE at <= ? ORDER BY at, id LIMIT 100", now)
      .map(toJob);
  }

  /** When the next one but for `running` is due; undefined if there is none. */
  next(running: Iterable<number>): number | undefined {
    const [row] = this.#sql.all(
      `SELECT min(at) AS at FROM roomlog_schedule
       WHERE id NOT IN (SELECT value FROM json_each(?))`,
      JSON.stringify([...running]),
    );
    const at = row?.at;
    return at === null || at === undefined ? undefined : Number(at);
  }

  /** @returns false if there is no such job (any more) */
  remove(id: number): boolean {
    return this.#sql.all("DELETE FROM roomlog_schedule WHERE id = ? RETURNING id", id).length > 0;
  }

  /** Puts a job that failed off. */
  putOff({ id, failures }: Job, at: number): void {
    this.#sql.run(
      "UPDATE roomlog_schedule SET at = ?, failures = ? WHERE id = ?",
      at,
      failures + 1,
      id,
    );
  }
}

function toJob({ id, at, method, payload, failures }: SqlRow): Job {
  return {
    id: Number(id),
    at: Number(at),
    method: String(method),
    payload: String(payload),
    failures: Number(failures),
  };
}
