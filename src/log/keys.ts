/** Idempotency keys of the newest keyed events, in memory: no index has to be paid for. */
import type { Publication } from "./event-log.ts";

/** Seqs by identity and key; the oldest is forgotten when there are more than `capacity`. */
export class KeyWindow {
  readonly #seqs = new Map<string, number>();
  readonly #capacity: number;
  /** What was added since `settle`. */
  #added: string[] = [];
  /** Keys of events up to this seq may have been forgotten. */
  forgotten: number;

  /** @param forgotten up to which seq keys are forgotten already */
  constructor(capacity: number, forgotten: number) {
    this.#capacity = capacity;
    this.forgotten = forgotten;
  }

  find(publication: Pick<Publication, "identity" | "key">): number | undefined {
    return this.#seqs.get(keyName(publication));
  }

  /** Seqs have to come in rising order. Nothing is forgotten for it until `settle`. */
  add(publication: Pick<Publication, "identity" | "key">, seq: number): void {
    const name = keyName(publication);
    this.#seqs.set(name, seq);
    this.#added.push(name);
  }

  /** What was added is there to stay: the oldest are forgotten if they are too many. */
  settle(): void {
    this.#added = [];
    for (const [name, seq] of this.#seqs) {
      if (this.#seqs.size <= this.#capacity) return;
      this.#seqs.delete(name);
      this.forgotten = seq;
    }
  }

  /** Takes back what was added since `settle` for events after `seq`. */
  undo(seq: number): void {
    for (let last = this.#added.length - 1; last >= 0; last--) {
      const name = this.#added[last] ?? "";
      if ((this.#seqs.get(name) ?? 0) <= seq) return;
      this.#seqs.delete(name);
      this.#added.pop();
    }
  }

  /** Forgets the keys of events up to `seq`. */
  forget(seq: number): void {
    for (const [name, known] of this.#seqs) {
      if (known > seq) break;
      this.#seqs.delete(name);
    }
    this.forgotten = Math.max(this.forgotten, seq);
  }
}

/** One string for an identity and its key. */
export function keyName({ identity, key }: Pick<Publication, "identity" | "key">): string {
  // A key has only printable characters, so a newline can't be part of it.
  return `${key}\n${identity}`;
}
