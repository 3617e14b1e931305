/** How often something may happen: token buckets. They live in memory, and the clock is passed in. */

/** In the long run so many a second; at once, after a rest, `burst`. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** One bucket. It keeps a single number: when it will be full again. */
export class Bucket {
  readonly #interval: number;
  readonly #burst: number;
  /** In milliseconds since 1970. */
  #fullAt = 0;

  constructor({ perSecond, burst }: Rate) {
    this.#interval = 1_000 / perSecond;
    this.#burst = burst;
  }

  /**
   * Takes `count` out of it, or nothing.
   * @param now milliseconds since 1970
   * @returns 0, or in how many milliseconds there will be enough
   */
  take(now: number, count = 1): number {
    const wait = this.wait(now, count);
    if (wait === 0) this.spend(now, count);
    return wait;
  }

  /** What `take` would say; takes nothing. */
  wait(now: number, count = 1): number {
    if (count === 0) return 0;
    const rest = this.#burst - Math.min(count, this.#burst);
    return Math.max(0, this.#fullAt - now - rest * this.#interval);
  }

  /**
   * Takes `count` out of it, for which there was no need to wait. What is more than it can ever hold
   * takes all there is, and the rest of what is to come: the rate holds in the long run.
   */
  spend(now: number, count: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + count * this.#interval;
  }
}

/** A bucket for each name, of the newest `capacity` names. One that is forgotten begins anew, full. */
export class Buckets {
  readonly #rate: Rate;
  readonly #capacity: number;
  readonly #byName = new Map<string, Bucket>();

  constructor(rate: Rate, capacity: number) {
    this.#rate = rate;
    this.#capacity = capacity;
  }

  /** The bucket of this name. */
  of(name: string): Bucket {
    return this.#byName.get(name) ?? this.#add(name);
  }

  #add(name: string): Bucket {
    if (this.#byName.size >= this.#capacity) {
      // A Map gives its keys in the order in which they came.
      const [oldest] = this.#byName.keys();
      if (oldest !== undefined) this.#byName.delete(oldest);
    }
    const bucket = new Bucket(this.#rate);
    this.#byName.set(name, bucket);
    return bucket;
  }
}
