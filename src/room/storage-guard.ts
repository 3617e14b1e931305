/** KEEP-2: is there room for new events? Asked now and then, because the answer is a query. */
import type { LoggedEvent } from "../log/event-log.ts";
import { sizeOf } from "../protocol/attachments.ts";

/** The database is asked again after so many turns, or so many characters and bytes logged. */
const EVERY = { turns: 100, size: 1_000_000 };

export class StorageGuard {
  readonly #ask: () => boolean;
  #full = true;
  #turns = 0;
  #size = 0;

  /** @param ask has the database so little room left that no new event may come in? */
  constructor(ask: () => boolean) {
    this.#ask = ask;
  }

  /** A turn begins: may it not log anything? */
  get full(): boolean {
    this.#turns++;
    if (this.#full || this.#turns >= EVERY.turns || this.#size >= EVERY.size) {
      this.#full = this.#ask();
      this.#turns = 0;
      this.#size = 0;
    }
    return this.#full;
  }

  logged(events: readonly LoggedEvent[]): void {
    for (const { data, attachments } of events) this.#size += data.length + sizeOf(attachments);
  }
}
