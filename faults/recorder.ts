// Takes down a round's history.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Entry, History, Value } from "./history.ts";

/** An entry, before it has its time. */
export type Untimed = Entry extends infer E ? (E extends Entry ? Omit<E, "at"> : never) : never;

export class Recorder {
  readonly #entries: Entry[] = [];
  /** By offset, what the first reader got. */
  readonly #values = new Map<string, Value>();

  get history(): History {
    return this.#entries;
  }

  add(entry: Untimed): void {
    this.#entries.push({ ...entry, at: performance.now() } as Entry);
  }

  /** Is this what others got under this offset, if anybody did? */
  agrees(offset: string, value: Value): boolean {
    const first = this.#values.get(offset);
    if (first === undefined) this.#values.set(offset, value);
    return first === undefined || first === value;
  }

  /** Writes the history to a file, one line of JSON for each entry. */
  save(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  }
}
