/**
 * Keeps which members watchers were told of that an eviction would make forgotten: those that poll,
 * and those that may come back. All others are in their sockets' attachments.
 */
import type { Sql, SqlRow } from "./sql.ts";

/** A member as it is stored. */
export type PresenceRow = {
  readonly id: string;
  readonly namespace: string;
  /** What others see of it, as JSON. */
  readonly member: string;
  /** Why it left; null while it is here. */
  readonly reason: string | null;
  /** Until when it is waited for, in milliseconds since 1970; null while it is here. */
  readonly until: number | null;
};

const SAVE =
  "INSERT OR REPLACE INTO roomlog_presence (id, namespace, member, reason, until) VALUES (?, ?, ?, ?, ?)";

export class PresenceStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All of them, those first that have waited longest. */
  load(): PresenceRow[] {
    const query = "SELECT id, namespace, member, reason, until FROM roomlog_presence";
    return this.#sql.all(`${query} ORDER BY until IS NULL, until`).map(readRow);
  }

  save({ id, namespace, member, reason, until }: PresenceRow): void {
    this.#sql.run(SAVE, id, namespace, member, reason, until);
  }

  delete(id: string): void {
    this.#sql.run("DELETE FROM roomlog_presence WHERE id = ?", id);
  }
}

function readRow({ id, namespace, member, reason, until }: SqlRow): PresenceRow {
  return {
    id: String(id),
    namespace: String(namespace),
    member: String(member),
    reason: reason === null ? null : String(reason),
    until: until === null ? null : Number(until),
  };
}
