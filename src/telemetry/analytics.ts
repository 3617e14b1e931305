/** A room's counters as points for Workers Analytics Engine: what was counted since the last one. */
import type { Counters } from "./counters.ts";

/** At most one point in so many milliseconds. */
const PAUSE = 10_000;

/** In the order of `double1` to `double20`, which docs/operations.md names: it never changes. */
function numbersOf(c: Counters): number[] {
  return [
    ...[c.starts, c.turns, c.alarms, c.sessions.total, c.upgrades, c.ended.total, c.joins],
    ...[c.resumes, c.logged, c.ephemeral, c.duplicates, c.refusals.total, c.deliveries],
    ...[c.replayed, c.gaps.total, c.receivedBytes, c.sentBytes, c.trimmed, c.rowsRead],
    c.rowsWritten,
  ];
}

export class Points {
  #last: number[] = [];
  #dueAt = 0;

  /**
   * The next point, if it is time for one and anything was counted.
   * @param now milliseconds since 1970
   */
  next(counters: Counters, now: number): number[] | undefined {
    if (now < this.#dueAt) return undefined;
    const numbers = numbersOf(counters);
    const point = numbers.map((number, i) => number - (this.#last[i] ?? 0));
    if (point.every((number) => number === 0)) return undefined;
    this.#last = numbers;
    this.#dueAt = now + PAUSE;
    return point;
  }
}
