/** What has arrived and was not looked at yet; waiting is for something, never for some time. */

/** Whoever waits longer than this has found a bug. */
const PATIENCE = 5_000;

/** The real ones: some tests stop the clock of what they test. */
const { setTimeout, clearTimeout } = globalThis;

export class Inbox<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;
  /** All that ever arrived. */
  readonly seen: T[] = [];

  put(item: T): void {
    this.#items.push(item);
    this.seen.push(item);
    this.#wake?.();
  }

  /** The next item, when it is there. */
  async next(what = "an item"): Promise<T> {
    await this.#filled(what);
    return this.#items.shift() as T;
  }

  /** Takes items up to the first that `fits`, and gives all of them. */
  async until(fits: (item: T) => boolean, what = "a certain item"): Promise<T[]> {
    const taken: T[] = [];
    for (;;) {
      const item = await this.next(what);
      taken.push(item);
      if (fits(item)) return taken;
    }
  }

  #filled(what: string): Promise<void> | undefined {
    if (this.#items.length > 0) return undefined;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#wake = undefined;
        const last = this.seen.slice(-3).map((item) => JSON.stringify(item)?.slice(0, 200));
        reject(new Error(`waited for ${what}; last came ${last.join(" ") || "nothing"}`));
      }, PATIENCE);
      this.#wake = () => {
        this.#wake = undefined;
        clearTimeout(late);
        resolve();
      };
    });
  }
}

/** `promise`, or an error when it takes too long. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const late = setTimeout(() => reject(new Error(`waited for ${what}`)), PATIENCE);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(late);
  }
}

/** Waits until `holds`, which nothing tells us of: it has to be looked at again and again. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
