/** Idempotency keys of the newest keyed events, in memory: no index has to be paid for. */
import type { Publication } from "./event-log.ts";

/** Seqs by identity and key; the oldest is forgotten when there are more than `capacity`. */
export class KeyWindow {
  readonly #seqs = new Map<string, number>();
  readonly #capacity: number;
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

  /** Seqs have to come in rising order. */
  add(publication: Pick<Publication, "identity" | "key">, seq: number): void {
    this.#seqs.set(keyName(publication), seq);
    if (this.#seqs.size <= this.#capacity) return;
    const oldest = this.#seqs.entries().next();
    if (oldest.done) return;
    this.#seqs.delete(oldest.value[0]);
    this.forgotten = oldest.value[1];
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
