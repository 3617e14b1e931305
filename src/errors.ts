/** Every refusal that a user can meet, in one table. */

type Refusal = { readonly status: number; readonly title: string };

/** By code: HTTP status, and what it means in a few words. */
export const ERRORS = {
  bad_request: { status: 400, title: "The request makes no sense" },
  invalid_room: { status: 400, title: "Not a room's name" },
  invalid_body: { status: 400, title: "The body is not what this request takes" },
  invalid_event: { status: 400, title: "Not an event" },
  invalid_key: { status: 400, title: "Not an idempotency key" },
  invalid_query: { status: 400, title: "A query parameter makes no sense" },
  unauthorized: { status: 401, title: "A valid key or token is needed" },
  token_expired: { status: 401, title: "The token has expired" },
  closed: { status: 401, title: "This relay is closed" },
  forbidden: { status: 403, title: "The key or token does not allow this" },
  origin_forbidden: { status: 403, title: "This origin is not on the allow-list" },
  not_found: { status: 404, title: "There is nothing here" },
  method_not_allowed: { status: 405, title: "Not with this method" },
  gap: { status: 410, title: "This offset can't be served any more" },
  head_moved: { status: 412, title: "The newest event is another one" },
  too_large: { status: 413, title: "Too large" },
  unsupported_media_type: { status: 415, title: "Not in this form" },
  key_reused: { status: 422, title: "The idempotency key is another event's" },
  too_many_rooms: { status: 422, title: "The socket would be in too many rooms" },
  key_expired: { status: 422, title: "The idempotency key is older than what is remembered" },
  body_timeout: { status: 408, title: "The body did not come" },
  rate_limited: { status: 429, title: "Too fast; try again later" },
  too_many_sockets: { status: 429, title: "This identity has too many sockets here" },
  internal: { status: 500, title: "Something went wrong here" },
  misconfigured: { status: 500, title: "The relay's settings are wrong" },
  storage_full: { status: 507, title: "The room's storage is full" },
  unavailable: { status: 503, title: "Not now; try again" },
  overloaded: { status: 503, title: "Too much at once; try again" },
  room_full: { status: 503, title: "The room is full" },
} as const satisfies Record<string, Refusal>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal on its way to whoever asked. `detail` says what to do, and holds no secret. */
export class RelayError extends Error {
  readonly code: ErrorCode;
  /** More members for the answer, such as a gap's `first` and `head`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = "RelayError";
    this.code = code;
    this.extra = extra;
  }
}

/** The text for a relay that nobody may use yet (AUTH-3). */
export const HOW_TO_OPEN =
  "Set the secret API_KEYS (npm run key) or JWT_SECRET, or the variable ANONYMOUS to read or write; then deploy again.";
