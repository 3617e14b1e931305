/** What a room's code emits, made ready for the log. */
import { type Attachments, sizeOf, takeOut } from "../protocol/attachments.ts";
import { utf8Length } from "../protocol/engine.ts";
import { isTooDeep, MAX_DEPTH } from "../protocol/json-text.ts";
import { isEventName, MAX_ARGUMENTS } from "../protocol/socket.ts";
import { isOwnEvent } from "./emit.ts";

/** The text of an event, and the bytes that its placeholders stand for. */
export type Encoded = { readonly data: string; readonly attachments: Attachments };

/** A row of the log may have 2 MB; this leaves room for what else stands in it. */
const MAX_EVENT_BYTES = 1_900_000;

/** Is an event too large to be logged? */
export function isTooLarge({ data, attachments }: Encoded): boolean {
  // No character has more than three bytes: short text is not counted to know.
  const bytes = sizeOf(attachments);
  if (3 * data.length + bytes <= MAX_EVENT_BYTES) return false;
  return utf8Length(data) + bytes > MAX_EVENT_BYTES;
}

/**
 * Encodes an event; its arguments may hold binary.
 * @throws TypeError for a name that can't be used, and RangeError for what can't be logged
 */
export function encodeOutgoing(name: unknown, args: readonly unknown[]): Encoded {
  if (!isEventName(name) || isOwnEvent(name)) {
    throw new TypeError(`${JSON.stringify(name)} can't be an event's name`);
  }
  if (args.length > MAX_ARGUMENTS) {
    throw new RangeError(`an event may have ${MAX_ARGUMENTS} arguments`);
  }
  const encoded = encodeArgs([name, ...args]);
  if (isTooLarge(encoded)) throw new RangeError(`an event may have ${MAX_EVENT_BYTES} bytes`);
  if (isTooDeep(encoded.data))
    throw new RangeError(`arguments are nested deeper than ${MAX_DEPTH}`);
  return encoded;
}

/** Encodes values that may hold binary. */
export function encodeArgs(values: readonly unknown[]): Encoded {
  const { args, attachments } = takeOut(values);
  return { data: JSON.stringify(args), attachments };
}
