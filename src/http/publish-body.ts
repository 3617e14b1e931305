/** What `POST /rooms/{room}/events` takes, checked. */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { parseOffset } from "../log/offset.ts";
import { MAX_ATTACHMENTS, placeholdersFit } from "../protocol/attachments.ts";
import { decodeBase64 } from "../protocol/base64.ts";
import { isTooDeep, MAX_DEPTH } from "../protocol/json-text.ts";
import { isNamespace } from "../protocol/names.ts";
import { isEventName, MAX_ARGUMENTS } from "../protocol/socket.ts";
import { fitsRow, MAX_ROOM_CHARS } from "../room/audience.ts";
import { isIdempotencyKey, isOwnEvent } from "../room/emit.ts";
import type { PublishRequest } from "../room/publish.ts";

/** A batch has at most so many events. */
export const MAX_BATCH = 1_000;

/** An event names at most so many rooms. */
const MAX_ROOMS = 100;

type Event = PublishRequest["events"][number];

/** Rooms or socket ids. */
const Rooms = v.pipe(
  v.union(
    [v.string(), v.array(v.string(), "has to be a list of rooms")],
    "has to be a room or a list of rooms",
  ),
  v.transform((rooms) => (typeof rooms === "string" ? [rooms] : rooms)),
  v.maxLength(MAX_ROOMS, `may name at most ${MAX_ROOMS} rooms`),
  v.check((rooms) => fitsRow(rooms), `may have ${MAX_ROOM_CHARS} characters`),
);

const EventBody = v.strictObject({
  event: v.pipe(
    v.string("has to be a string"),
    v.nonEmpty("has to have a name"),
    v.check((name: string) => isEventName(name), "is a name that Socket.IO keeps for itself"),
    v.check((name: string) => !isOwnEvent(name), "begins with roomlog:, which is reserved"),
  ),
  args: v.optional(
    v.pipe(
      v.array(v.unknown(), "has to be an array"),
      v.maxLength(MAX_ARGUMENTS, `may be at most ${MAX_ARGUMENTS}`),
    ),
  ),
  data: v.optional(v.unknown()),
  attachments: v.optional(
    v.pipe(
      v.array(v.string(), "has to be a list of base64 strings"),
      v.maxLength(MAX_ATTACHMENTS, `may be at most ${MAX_ATTACHMENTS}`),
    ),
    [],
  ),
  to: v.optional(Rooms),
  except: v.optional(Rooms),
  ephemeral: v.optional(v.boolean("has to be true or false"), false),
  namespace: v.optional(
    v.pipe(
      v.string("has to be a string"),
      v.check((name: string) => isNamespace(name), "is no namespace"),
    ),
    "/",
  ),
  idempotencyKey: v.optional(
    v.pipe(
      v.string("has to be a string"),
      v.check((key: string) => isIdempotencyKey(key), "has to be 1 to 128 printable characters"),
    ),
  ),
});

const IfHead = v.optional(
  v.pipe(
    v.string("has to be a string"),
    v.check((offset: string) => parseOffset(offset) !== undefined, "is not an offset"),
  ),
);

const BatchBody = v.strictObject({
  events: v.pipe(v.array(v.unknown()), v.minLength(1, "is empty")),
  ifHead: IfHead,
});

/** The events to publish, whether they came as a batch, and at which head. */
export type PublishBody = {
  readonly events: readonly Event[];
  readonly batch: boolean;
  readonly ifHead: string | null;
};

/**
 * Reads a publish request.
 * @param headerKey the header `Idempotency-Key`, which serves for one event
 * @throws RelayError `invalid_body`, `invalid_event`, `invalid_key` or `too_large`
 */
export function readPublishBody(text: string, headerKey: string | null): PublishBody {
  const body = parse(text);
  const batch = typeof body === "object" && body !== null && "events" in body;
  if (!batch) {
    const { ifHead = null, ...event } = check(
      v.looseObject({ ifHead: IfHead }),
      body,
      "invalid_event",
      "",
    );
    return { batch, ifHead, events: [readEvent(event, "", headerKey)] };
  }
  if (headerKey !== null) {
    throw new RelayError("invalid_key", "in a batch each event has its own idempotencyKey");
  }
  const { events, ifHead = null } = check(BatchBody, body, "invalid_body", "");
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

function readEvent(body: unknown, path: string, headerKey: string | null): Event {
  const checked = check(EventBody, body, "invalid_event", path);
  const { event, args, data, namespace, ephemeral, idempotencyKey, to, except } = checked;
  if (args !== undefined && data !== undefined) {
    throw new RelayError("invalid_event", `${path}args and ${path}data can't both be there`);
  }
  const whole = [event, ...(args ?? (data === undefined ? [] : [data]))];
  const attachments = checked.attachments.map((text) => decodeBase64(text));
  if (!attachments.every((bytes) => bytes !== undefined)) {
    throw new RelayError("invalid_event", `${path}attachments: has to be base64 (RFC 4648 §4)`);
  }
  if (attachments.length > 0 && !placeholdersFit(whole, attachments.length)) {
    const detail = `each of ${path}attachments needs its { "_placeholder": true, "num": index } in the arguments`;
    throw new RelayError("invalid_event", detail);
  }
  const everybody = to === undefined && except === undefined;
  return {
    name: event,
    namespace,
    ephemeral,
    data: JSON.stringify(whole),
    attachments,
    audience: everybody ? null : { to: to ?? [], except: except ?? [] },
    idempotencyKey: idempotencyKey ?? readHeaderKey(headerKey),
  };
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

function parse(text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RelayError("invalid_body", "the body is not JSON");
  }
  if (!isTooDeep(text)) return body;
  throw new RelayError("invalid_body", `the body is nested deeper than ${MAX_DEPTH}`);
}

function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  code: "invalid_body" | "invalid_event",
  path: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "";
  const about = where.endsWith("idempotencyKey") ? "invalid_key" : code;
  throw new RelayError(about, `${path}${where}`.concat(where || path ? ": " : "", issue.message));
}
