/** A request that can't be done. Thrown before anything is written. */
import type { Note, Refusal } from "./events.ts";

export class Refused extends Error {
  readonly #code: string;
  readonly #note: Note | undefined;

  /** @param note as it stands now, where the asker has another picture of it */
  constructor(code: string, message: string, note?: Note) {
    super(message);
    this.#code = code;
    this.#note = note;
  }

  get refusal(): Refusal {
    return { code: this.#code, message: this.message, note: this.#note };
  }
}
