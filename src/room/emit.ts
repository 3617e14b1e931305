/** What a client's EVENT asks for: which event to log, under which idempotency key. */
import type { ErrorCode } from "../errors.ts";
import type { KeyRefused } from "../log/event-log.ts";
import { parseOffset } from "../log/offset.ts";
import { isExact, parseExact } from "../protocol/exact-json.ts";
import type { Format } from "../protocol/format.ts";
import { dropLast, isTooDeep, MAX_DEPTH } from "../protocol/json-text.ts";
import type { EventPacket } from "../protocol/socket.ts";
import { type Encoded, isTooLarge } from "./outgoing.ts";

/** The text to log, and the key that came with it. */
export type Emit = {
  readonly data: string;
  readonly key: string | null;
  /** The seq behind which the key is to be looked for, if the client gave one of this epoch. */
  readonly after: number | null;
};

/** A final refusal: a retry would get the same. */
export type Refusal = { readonly code: ErrorCode; readonly message: string };

/** Why an event's key keeps it out of the log, in words. */
export const KEY_REFUSALS = {
  key_reused: "this idempotencyKey was another event's",
  key_expired: "this idempotencyKey is older than what the room remembers; use a new one",
} as const satisfies Record<KeyRefused["kind"], string>;

/** Printable characters of any script. */
const KEY = /^\P{C}{1,128}$/u;

/** Is this an idempotency key: 1 to 128 printable characters? */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === "string" && KEY.test(value);
}

/** Names that Roomlog sends by itself; nobody else may. */
export function isOwnEvent(name: unknown): boolean {
  return typeof name === "string" && name.startsWith("roomlog:");
}

/** Sends the client the values of its ack, if it asked for one. */
export type Ack = (values: Encoded) => void;

/**
 * EMIT-2: takes the last argument off if it is the idempotency key's.
 * @param epoch the log's: an `after` of another one can't help
 * @param maxAttachments how many binary arguments it may have
 */
export function readEmit(
  { data, args, attachments }: EventPacket,
  epoch: string,
  format: Format,
  maxAttachments: number,
): Emit | Refusal {
  if (isOwnEvent(args[0])) {
    return { code: "invalid_event", message: "names that begin with roomlog: are reserved" };
  }
  if (isTooDeep(data)) {
    return { code: "invalid_body", message: `arguments are nested deeper than ${MAX_DEPTH}` };
  }
  if (isTooLarge({ data, attachments })) {
    return { code: "too_large", message: "an event of this size can't be logged" };
  }
  if (attachments.length > maxAttachments) {
    return { code: "too_large", message: `an event may have ${maxAttachments} attachments` };
  }
  if (format === "envelope") {
    return readEnvelope(isExact(data) ? args : (parseExact(data) as readonly unknown[]));
  }
  const last = args.length > 1 ? args.at(-1) : undefined;
  if (!isKeyArgument(last)) return { data, key: null, after: null };
  const { idempotencyKey, after } = last;
  if (!isIdempotencyKey(idempotencyKey)) {
    return {
      code: "invalid_key",
      message: "idempotencyKey has to be 1 to 128 printable characters",
    };
  }
  const offset = after === undefined || after === null ? null : parseOffset(after);
  if (offset === undefined) return { code: "invalid_key", message: "after is not an offset" };
  const usable = offset !== null && (offset.epoch ?? epoch) === epoch;
  return { data: dropLast(data), key: idempotencyKey, after: usable ? offset.seq : null };
}

/** SUB-2: in envelope form an emit is one object, `id` its idempotency key. */
function readEnvelope([name, envelope, ...others]: readonly unknown[]): Emit | Refusal {
  if (others.length > 0 || !isEnvelope(envelope)) {
    return { code: "invalid_event", message: "in envelope form an emit is one { id?, data? }" };
  }
  const { id, data } = envelope;
  if (id !== undefined && !isIdempotencyKey(id)) {
    return { code: "invalid_key", message: "id has to be 1 to 128 printable characters" };
  }
  const text = JSON.stringify(data === undefined ? [name] : [name, data]);
  return { data: text, key: id ?? null, after: null };
}

export function isRefusal(answer: Emit | Refusal): answer is Refusal {
  return "code" in answer;
}

type KeyArgument = { readonly idempotencyKey: unknown; readonly after?: unknown };

/** An object with no other keys: anything else is the user's own. */
function isKeyArgument(value: unknown): value is KeyArgument {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "idempotencyKey")) {
    return false;
  }
  return Object.keys(value).every((key) => key === "idempotencyKey" || key === "after");
}

type Envelope = { readonly id?: unknown; readonly data?: unknown };

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((key) => key === "id" || key === "data");
}
