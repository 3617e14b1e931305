/** One stream out of many: each that breaks is followed by another. */
import { RelayRequestError } from "./request-error.ts";
import { backoff, pauseAfter, type Retries, sleep } from "./retry.ts";

/** A stream that lived for so many milliseconds, or brought anything, had not failed. */
const LIVED = 10_000;

/**
 * What the streams bring, one behind the other.
 * @param open begins a stream behind what was taken from the one before it
 * @param goOn asked at the end of a stream that did not fail, with how many items it had brought
 * @throws what the last stream failed with: a refusal that is final, or one too many
 */
export async function* unbroken<T>(
  open: () => AsyncIterable<T>,
  goOn: (items: number) => boolean,
  { retries, signal, onRetry }: Retries,
): AsyncGenerator<T, void, undefined> {
  for (let failures = 0; ; failures++) {
    const began = Date.now();
    let items = 0;
    let error: unknown;
    try {
      for await (const item of open()) {
        items++;
        yield item;
      }
    } catch (thrown) {
      error = thrown;
    }
    if (error === undefined && !goOn(items)) return;
    if (items > 0 || Date.now() - began > LIVED) failures = 0;
    const pause = error === undefined ? backoff(failures) : pauseAfter(error, failures);
    // One that ended did not fail: to go on behind it takes no retry.
    const isLast = error !== undefined && failures >= retries;
    if (pause === undefined || isLast) throw error;
    if (error instanceof RelayRequestError) onRetry?.(error, pause);
    await sleep(pause, signal);
  }
}
