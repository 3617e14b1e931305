/** What a client of the relay is made with. */
import { FUNCTION, must, mustBe, type Shape, STRING } from "./must.ts";
import type { RelayRequestError } from "./request-error.ts";
import type { RequesterOptions } from "./requester.ts";

export type RelayClientOptions = {
  /** The relay's address, such as `https://relay.example`. */
  readonly url: string;
  /** An API key, or a token of `signToken`. */
  readonly key?: string | undefined;
  /** How often a request is tried again that may succeed later; default 5. */
  readonly retries?: number;
  /** Milliseconds that an answer may take, or the next sign of a live stream; default 30,000. */
  readonly timeout?: number;
  /** Told of each failure that is not the end, and of the milliseconds until the next try. */
  readonly onRetry?: (error: RelayRequestError, pause: number) => void;
  /** Another `fetch`, such as a service binding's. */
  readonly fetch?: RequesterOptions["fetch"];
};

/** Longer ones end at once: a timer counts 31 bits. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const CLIENT: Shape = {
  url: STRING,
  key: STRING,
  retries: [isCount, "a whole number from 0"],
  timeout: [
    (value) => isCount(value) && value > 0 && value <= LONGEST_TIMEOUT,
    `a whole number of milliseconds, 1 to ${LONGEST_TIMEOUT}`,
  ],
  onRetry: FUNCTION,
  fetch: FUNCTION,
};

/**
 * With its defaults.
 * @throws TypeError if an option is none, such as `url` or `key`; it never holds them
 */
export function readOptions(options: RelayClientOptions) {
  const url = readUrl(options?.url);
  const key = readKey(options.key);
  mustBe(CLIENT, options, "options");
  const { retries = 5, timeout = 30_000, onRetry } = options;
  // Looked up when it is called, and called without a `this`: Workers insist.
  const { fetch: fetching = (url, init) => fetch(url, init) } = options;
  return { url, key, retries, timeout, onRetry, fetch: fetching };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRelays = url?.protocol === "http:" || url?.protocol === "https:";
  must(isRelays, "url has to be the relay's, such as https://relay.example");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** What can't stand in a header, `fetch` would refuse in words that hold it. */
function readKey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // One from a file may have the end of its line behind it.
  const key = typeof text === "string" ? text.trim() : "";
  const words = "key has to be an API key or a token: ASCII characters without spaces";
  must(/^[!-~]+$/.test(key), words);
  return key;
}

function isCount(value: unknown): value is number {
  const isWhole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  return isWhole && Number(value) >= 0;
}
