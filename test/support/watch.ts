// Waiting for conditions under one deadline, and giving up at the first violation.

/** What was promised did not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Conditions are looked at when something changed, and so often anyway, in milliseconds. */
const LOOK_AGAIN = 50;

export class Watch {
  readonly #seconds: number;
  readonly #end: number;
  /** What all that wait now miss: who waits for whom tells where it is stuck. */
  readonly #missing = new Set<() => string>();
  #violation: Violation | undefined;
  #next: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(seconds: number) {
    this.#seconds = seconds;
    this.#end = performance.now() + seconds * 1_000;
  }

  /** Notes a violation where nobody can catch it; whoever waits now or later throws the first. */
  violation(message: string): void {
    this.#violation ??= new Violation(message);
    this.changed();
  }

  /** Something happened that a condition may depend on. */
  changed(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) setImmediate(wake);
  }

  /**
   * For loops that wait for nothing.
   * @throws Violation if there was one, or time is up
   */
  check(missing: () => string): void {
    if (this.#violation !== undefined) throw this.#violation;
    if (performance.now() < this.#end) return;
    const all = [missing, ...this.#missing].map((each) => each());
    this.violation(`not within ${this.#seconds} s: ${[...new Set(all)].join("; ")}`);
    throw this.#violation;
  }

  /**
   * Resolves once `done()` holds.
   * @param missing says what has not come, for the message when time is up
   * @throws Violation
   */
  async until(done: () => boolean, missing: () => string): Promise<void> {
    this.#missing.add(missing);
    try {
      for (;;) {
        if (this.#violation !== undefined) throw this.#violation;
        if (done()) return;
        this.check(missing);
        await this.#change();
      }
    } finally {
      this.#missing.delete(missing);
    }
  }

  #change(): Promise<void> {
    this.#next ??= new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_AGAIN);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).then(() => {
      this.#next = undefined;
    });
    return this.#next;
  }
}
