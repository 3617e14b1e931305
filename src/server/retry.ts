/** When to try again, and how long to wait. */
import { RelayRequestError } from "./request-error.ts";

/** Milliseconds of the first pause; each is twice the one before, up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

/** Who is told to wait longer than this is told so, instead of being left hanging. */
const PATIENCE = 60_000;

export type Retries = {
  /** How often to try again after the first time. */
  readonly retries: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((error: RelayRequestError, pause: number) => void) | undefined;
};

/**
 * Does `attempt` until it succeeds, fails for good, or has been tried often enough.
 * @throws what the last attempt threw, or the signal's reason
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { retries, signal, onRetry }: Retries,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      const pause = failures < retries ? pauseAfter(error, failures) : undefined;
      if (pause === undefined || !(error instanceof RelayRequestError)) throw error;
      onRetry?.(error, pause);
      await sleep(pause, signal);
    }
  }
}

/**
 * Milliseconds to wait before trying again, or undefined if that has no sense.
 * @param failures how many there were in a row before this one
 */
export function pauseAfter(
  error: unknown,
  failures: number,
  random: () => number = Math.random,
): number | undefined {
  if (!(error instanceof RelayRequestError) || !error.passing) return undefined;
  const { retryAfter = 0 } = error;
  if (retryAfter > PATIENCE) return undefined;
  return retryAfter + backoff(failures, random);
}

/** Half of each pause is chance, so that many who failed together don't come back together. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
  return Math.round(longest * (0.5 + random() / 2));
}

/** @throws the signal's reason, as soon as it is aborted */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
