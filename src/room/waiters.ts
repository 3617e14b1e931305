/** Requests that are held until the log has something new. Nothing is kept for who does not wait. */

export class Waiters {
  readonly #waiting = new Set<(woken: boolean) => void>();

  /** Resolves with true at the next `wake`; with false after `ms` milliseconds, or if `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (woken: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        this.#waiting.delete(settle);
        resolve(woken);
      };
      const giveUp = () => settle(false);
      const timer = setTimeout(giveUp, ms);
      signal?.addEventListener("abort", giveUp);
      this.#waiting.add(settle);
    });
  }

  wake(): void {
    for (const settle of this.#waiting) settle(true);
  }
}
