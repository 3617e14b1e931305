/** The keys of trimmed events, which EMIT-4 promises for a day: many to a row, so that they cost little. */
import type { Sql } from "../storage/sql.ts";
import { digestOf, type Sent } from "./content.ts";
import { KEYS_KEPT_FOR, type Publication } from "./event-log.ts";
import { toSent } from "./row.ts";

/** What is left of an event. */
type TrimmedKey = {
  readonly seq: number;
  readonly identity: string;
  readonly key: string;
  readonly namespace: string;
  readonly digest: number;
};

/** Up to which event keys are forgotten; `time` in milliseconds since 1970. */
export type Forgotten = { readonly seq: number; readonly time: number };

const KEYED = `SELECT seq, time, identity, key, namespace, data, attachments, audience, digest
  FROM roomlog_events WHERE seq <= ? AND key IS NOT NULL ORDER BY seq`;
const TOO_OLD = "SELECT seq, time FROM roomlog_keys WHERE time < ? ORDER BY seq DESC LIMIT 1";

export class TrimmedKeys {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Keeps the keys of the events up to `last`, which are about to go, and drops the old ones.
   * @returns the newest event whose key is forgotten now, if any is
   */
  keep(last: number, now: number): Forgotten | undefined {
    const since = now - KEYS_KEPT_FOR;
    const [old] = this.#sql.all(TOO_OLD, since);
    if (old !== undefined) this.#sql.run("DELETE FROM roomlog_keys WHERE time < ?", since);
    const rows = this.#sql.all(KEYED, last);
    const newest = rows.at(-1) ?? old;
    if (newest === undefined) return undefined;
    const forgotten = { seq: Number(newest.seq), time: Number(newest.time) };
    if (rows.length === 0 || forgotten.time < since) return forgotten;
    const keys = rows.map((row): TrimmedKey => {
      const sent = toSent(row);
      return {
        seq: Number(row.seq),
        identity: String(row.identity),
        key: String(row.key),
        namespace: sent.namespace,
        digest: digestOf(sent),
      };
    });
    this.#sql.run(
      "INSERT INTO roomlog_keys (seq, time, keys) VALUES (?, ?, ?)",
      forgotten.seq,
      forgotten.time,
      JSON.stringify(keys),
    );
    return old && { seq: Number(old.seq), time: Number(old.time) };
  }

  /** All of them, the oldest first. */
  *[Symbol.iterator](): Iterator<TrimmedKey> {
    for (const { keys } of this.#sql.all("SELECT keys FROM roomlog_keys ORDER BY seq")) {
      const trimmed: TrimmedKey[] = JSON.parse(String(keys));
      yield* trimmed;
    }
  }

  /** What the event of this seq was, as far as it can be compared. */
  find(seq: number): Sent | undefined {
    const query = "SELECT keys FROM roomlog_keys WHERE seq >= ? ORDER BY seq LIMIT 1";
    const [row] = this.#sql.all(query, seq);
    const trimmed: TrimmedKey[] = row === undefined ? [] : JSON.parse(String(row.keys));
    const kept = trimmed.find((key) => key.seq === seq);
    return kept && { ...kept, data: "", attachments: [], audience: null };
  }

  /** The seq of an event behind `after` with this key. */
  search({ identity, key }: Publication, after: number): number | undefined {
    for (const kept of this) {
      if (kept.seq > after && kept.key === key && kept.identity === identity) return kept.seq;
    }
    return undefined;
  }
}
