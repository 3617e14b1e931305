/** Why a request to the relay failed, as one type of error. */

/** Codes beside those of the relay's answers: it did not answer, or something else did. */
export const UNREACHABLE = "unreachable";
export const UNEXPECTED = "unexpected_answer";

/** Answers that say: not now. The others in the 400s are final. */
const PASSING = [408, 425, 429];

/** Answers of the 500s that no retry will change. */
const FINAL_CODES = ["misconfigured", "storage_full"];

type Failure = {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** Milliseconds. */
  readonly retryAfter?: number | undefined;
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/** The relay refused a request, or gave no answer that could be understood. */
export class RelayRequestError extends Error {
  override readonly name = "RelayRequestError";
  /** As in docs/protocol.md; `unreachable` or `unexpected_answer` if it is not the relay's. */
  readonly code: string;
  /** Of the HTTP answer; 0 if there was none. */
  readonly status: number;
  /** For people. */
  readonly detail: string;
  /** Milliseconds to wait before the next try, if the relay said so. */
  readonly retryAfter: number | undefined;
  /** What else the answer has: the `head` of `head_moved`; `first`, `head`, `reason` of `gap`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor({ code, status, detail, retryAfter, extra = {}, cause }: Failure) {
    super(`${detail} (${code}${status === 0 ? "" : `, HTTP ${status}`})`, { cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.extra = extra;
  }

  /** May the same request succeed later? */
  get passing(): boolean {
    if (this.code === UNREACHABLE || PASSING.includes(this.status)) return true;
    return this.status >= 500 && !FINAL_CODES.includes(this.code);
  }
}

/** The error that an answer other than a success is: problem+json from a relay, or anything. */
export function errorOf(response: Response, body: string): RelayRequestError {
  const { status } = response;
  const retryAfter = readRetryAfter(response.headers.get("retry-after"), Date.now());
  const { type: _, title, status: __, code, detail, ...extra } = membersOf(body);
  if (typeof code === "string") {
    return new RelayRequestError({
      code,
      status,
      detail: String(detail ?? title),
      retryAfter,
      extra,
    });
  }
  const place = response.headers.get("location");
  const about = place === null ? "not as Roomlog does" : `with a redirect to ${place}`;
  const detail_ = `the server answers ${about}`;
  return new RelayRequestError({ code: UNEXPECTED, status, detail: detail_, retryAfter });
}

/**
 * Milliseconds of the header `Retry-After`: seconds, or a date.
 * @param now milliseconds since 1970
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  // What `Date.parse` takes for a date is much more.
  const date = header.endsWith(" GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function membersOf(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
