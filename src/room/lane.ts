/** One socket's turns with the room's code: in order, one at a time. */

/** So many may wait while one takes its time. */
const CAPACITY = 1_000;

/** … and so many characters and bytes. */
const CAPACITY_SIZE = 4_000_000;

export class Lane<T> {
  /** Nothing more of what this socket sent is to be taken. */
  closed = false;
  #busy = false;
  #waiting: T[] = [];
  #size = 0;

  /** Does the next one have to wait? */
  get busy(): boolean {
    return this.#busy || this.#waiting.length > 0;
  }

  get full(): boolean {
    return this.#waiting.length >= CAPACITY || this.#size > CAPACITY_SIZE;
  }

  /** @param size characters and bytes that it keeps in memory */
  wait(item: T, size: number): void {
    this.#waiting.push(item);
    this.#size += size;
  }

  /** Nothing else runs until `pending` is settled; then `release` gets all that waited, in order. */
  hold(pending: Promise<unknown>, release: (waited: T[]) => void): void {
    this.#busy = true;
    const free = () => {
      this.#busy = false;
      this.#size = 0;
      release(this.#waiting.splice(0));
    };
    pending.then(free, free);
  }
}

/** A handler took longer than it may. */
export class TimedOut extends Error {}

/** @throws TimedOut if `work` is not settled within `ms` milliseconds */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new TimedOut(`took longer than ${ms} ms`)), ms);
    stop = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    stop();
  }
}
