/** What `POST /rooms/{room}/events` takes, checked. */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { parseOffset } from "../log/offset.ts";
import { isIdempotencyKey } from "../room/emit.ts";
import { check } from "./check.ts";
import { EventBody, type NewEvent, toEvent } from "./event-body.ts";
import { parseExactJson } from "./json-body.ts";

/** A batch has at most so many events. */
export const MAX_BATCH = 1_000;

export const IfHead = v.optional(
  v.pipe(
    v.string("has to be a string"),
    v.check((offset: string) => parseOffset(offset) !== undefined, "is not an offset"),
  ),
);

export const BatchBody = v.strictObject({
  events: v.pipe(v.array(v.unknown(), "has to be a list of events"), v.minLength(1, "is empty")),
  ifHead: IfHead,
});

const WithHead = v.object({ ifHead: IfHead }, "the body has to be an event, or { events: [ … ] }");

/** The events to publish, whether they came as a batch, and at which head. */
export type PublishBody = {
  readonly events: readonly NewEvent[];
  readonly batch: boolean;
  readonly ifHead: string | null;
};

/**
 * Reads a publish request.
 * @param headerKey the header `Idempotency-Key`, which serves for one event
 * @throws RelayError `invalid_body`, `invalid_event`, `invalid_key` or `too_large`
 */
export function readPublishBody(text: string, headerKey: string | null): PublishBody {
  const body = parseExactJson(text);
  const batch = typeof body === "object" && body !== null && "events" in body;
  if (!batch) {
    const { ifHead = null } = check(WithHead, body, "invalid_event");
    const { ifHead: _, ...event } = body as { readonly ifHead?: unknown };
    return { batch, ifHead, events: [readEvent(event, "", headerKey)] };
  }
  if (headerKey !== null) {
    throw new RelayError("invalid_key", "in a batch each event has its own idempotencyKey");
  }
  const { events, ifHead = null } = check(BatchBody, body, "invalid_body");
  if (events.length > MAX_BATCH) {
    throw new RelayError(
      "too_large",
      `a batch may have ${MAX_BATCH} events, this has ${events.length}`,
    );
  }
  return {
    batch,
    ifHead,
    events: events.map((event, i) => readEvent(event, `events.${i}.`, null)),
  };
}

function readEvent(body: unknown, path: string, headerKey: string | null): NewEvent {
  const checked = check(EventBody, body, "invalid_event", path);
  const { to, except = [] } = checked;
  // A list that was computed, and came out empty, is not to reach everybody.
  if (to?.length === 0 && except.length === 0) {
    throw new RelayError("invalid_event", `${path}to: is empty; leave it out to reach everybody`);
  }
  const headed = readHeaderKey(headerKey);
  const key = checked.idempotencyKey ?? headed;
  return toEvent({ ...checked, idempotencyKey: key }, path);
}

/**
 * A header that came twice arrives joined by a comma, and bytes that are no UTF-8 as U+FFFD: no key
 * is to be guessed from either.
 */
function readHeaderKey(header: string | null): string | null {
  if (header === null || (isIdempotencyKey(header) && !/[,\ufffd]/.test(header))) return header;
  const detail =
    "Idempotency-Key has to come once, as 1 to 128 printable characters without a comma";
  throw new RelayError("invalid_key", detail);
}
