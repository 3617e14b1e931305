/** Refusals: all are counted, and of each code a line is written now and then. */
import type { Counters } from "./counters.ts";

/** One line per code in so many milliseconds, however many are refused. */
const PAUSE = 60_000;

/** What a room's code refuses, with whatever codes it has, counts as one: a label is no place for them. */
export const CUSTOM = "custom";

/** So many were refused with this code since the last line. */
export type RefusalLine = { readonly code: string; readonly count: number };

export class Refusals {
  readonly #counters: Counters;
  readonly #write: (line: RefusalLine) => void;
  readonly #told = new Map<string, { readonly dueAt: number; readonly count: number }>();

  constructor(counters: Counters, write: (line: RefusalLine) => void) {
    this.#counters = counters;
    this.#write = write;
  }

  /**
   * @param code one of the relay's own, or `CUSTOM`
   * @param now milliseconds since 1970
   */
  add(code: string, now: number): void {
    const { refusals } = this.#counters;
    refusals.count(code);
    const { dueAt, count } = this.#told.get(code) ?? { dueAt: 0, count: 0 };
    if (now < dueAt) return;
    const total = refusals.of(code);
    this.#told.set(code, { dueAt: now + PAUSE, count: total });
    this.#write({ code, count: total - count });
  }
}
