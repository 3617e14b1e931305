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
   * Takes `count` out of it, or nothing. What is more than it can ever hold takes all there is.
   * @param now milliseconds since 1970
   * @returns 0, or in how many milliseconds there will be enough
   */
  take(now: number, count = 1): number {
    const fullAt = Math.max(this.#fullAt, now) + Math.min(count, this.#burst) * this.#interval;
    const wait = fullAt - now - this.#burst * this.#interval;
    if (wait > 0) return wait;
    this.#fullAt = fullAt;
    return 0;
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

  /** As `Bucket.take`, from the bucket of this name. */
  take(name: string, now: number, count?: number): number {
    return (this.#byName.get(name) ?? this.#add(name)).take(now, count);
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
