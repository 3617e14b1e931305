/**
 * What a room has done since its instance began. In memory: hibernation and eviction begin anew, as
 * Prometheus expects of a restart. Plain numbers, so that counting costs next to nothing.
 */

/** Counts by label. For what is rare. */
export class Tally {
  readonly #counts = new Map<string, number>();

  [Symbol.iterator](): Iterator<[string, number]> {
    return this.#counts.entries();
  }

  count(label: string): void {
    this.#counts.set(label, this.of(label) + 1);
  }

  of(label: string): number {
    return this.#counts.get(label) ?? 0;
  }

  get total(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }
}

export class Counters {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  starts = 1;
  turns = 0;
  alarms = 0;
  /** Sessions by the transport that opened them. */
  readonly sessions = new Tally();
  upgrades = 0;
  /** Sessions that ended, by reason. */
  readonly ended = new Tally();
  /** Sockets that joined; those that resumed among them. */
  joins = 0;
  resumes = 0;
  /** Events from clients and backends. */
  logged = 0;
  ephemeral = 0;
  duplicates = 0;
  /** Events sent to sockets live, and in replay. */
  deliveries = 0;
  replayed = 0;
  /** In characters of text and bytes of attachments, as all sizes here. */
  replayedBytes = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** Refusals by code, gaps by reason. */
  readonly refusals = new Tally();
  readonly gaps = new Tally();
  trimmed = 0;
  rowsRead = 0;
  rowsWritten = 0;

  /** @param now milliseconds since 1970 */
  constructor(now: number) {
    this.startedAt = now;
  }
}
