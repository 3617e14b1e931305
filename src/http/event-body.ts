/** One event in the body of a request, checked (HTTP-1). */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { MAX_ATTACHMENTS, placeholdersFit } from "../protocol/attachments.ts";
import { decodeBase64 } from "../protocol/base64.ts";
import { isNamespace } from "../protocol/names.ts";
import { isEventName, MAX_ARGUMENTS } from "../protocol/socket.ts";
import { audienceOf, fitsRow, MAX_ROOM_CHARS } from "../room/audience.ts";
import { isIdempotencyKey, isOwnEvent } from "../room/emit.ts";
import type { PublishRequest } from "../room/publish.ts";
import { NO_NAMESPACE } from "./check.ts";

/** An event, as the room takes it. */
export type NewEvent = PublishRequest["events"][number];

/** An event names at most so many rooms. */
const MAX_ROOMS = 100;

/** Rooms or socket ids. */
const Rooms = v.pipe(
  v.union(
    [v.string(), v.array(v.string(), "has to be a list of rooms")],
    "has to be a room or a list of rooms",
  ),
  v.transform((rooms) => (typeof rooms === "string" ? [rooms] : rooms)),
  v.check((rooms) => !rooms.includes(""), "may not name a room without a name"),
  v.maxLength(MAX_ROOMS, `may name at most ${MAX_ROOMS} rooms`),
  v.check((rooms) => fitsRow(rooms), `may have ${MAX_ROOM_CHARS} characters`),
);

export const EventBody = v.strictObject(
  {
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
        v.check((name: string) => isNamespace(name), NO_NAMESPACE),
      ),
      "/",
    ),
    idempotencyKey: v.optional(
      v.pipe(
        v.string("has to be a string"),
        v.check((key: string) => isIdempotencyKey(key), "has to be 1 to 128 printable characters"),
      ),
    ),
  },
  "has to be an object",
);

/** An event as `check` has let it through. */
type Checked = Omit<v.InferOutput<typeof EventBody>, "event" | "idempotencyKey" | "ephemeral"> & {
  /** Socket.IO's clients may emit numbers. */
  readonly event: string | number;
  readonly idempotencyKey: string | null;
  readonly ephemeral: boolean;
};

/**
 * Makes an event ready for the room.
 * @param path where it stands in the body, for what is refused
 * @throws RelayError `invalid_event`
 */
export function toEvent(checked: Checked, path: string): NewEvent {
  const { event, args, data, namespace, ephemeral, idempotencyKey, to = [], except = [] } = checked;
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
  return {
    name: String(event),
    namespace,
    ephemeral,
    data: JSON.stringify(whole),
    attachments,
    audience: audienceOf(to, except),
    idempotencyKey,
  };
}
