/**
 * Socket.IO v5 packets, as they stand inside an Engine.IO message.
 * Source: Socket.IO protocol, revision 5 (socketio/socket.io, docs/socket.io-protocol).
 * `<type>[<attachments>-][<namespace>,][<ack id>][JSON]`
 */
import {
  type Attachments,
  MAX_ATTACHMENTS,
  NO_ATTACHMENTS,
  placeholdersFit,
} from "./attachments.ts";
import { MESSAGE } from "./engine.ts";
import { isTooDeep, splitFirst } from "./json-text.ts";

/** A packet from a client. `data` is the JSON text as it came, `args` what it says. */
export type ClientPacket =
  | { readonly type: "connect"; readonly namespace: string; readonly auth: Auth }
  | { readonly type: "disconnect"; readonly namespace: string }
  | EventPacket
  | AckPacket;

/** An EVENT or BINARY_EVENT. */
export type EventPacket = {
  readonly type: "event";
  readonly namespace: string;
  readonly ackId: string | undefined;
  readonly data: string;
  readonly args: readonly [string | number, ...unknown[]];
  readonly attachments: Attachments;
};

/** An ACK or BINARY_ACK. */
export type AckPacket = {
  readonly type: "ack";
  readonly namespace: string;
  readonly ackId: string | undefined;
  readonly args: readonly unknown[];
  readonly attachments: Attachments;
};

/** What a text message says: a packet, or one that is whole once so many binary messages came. */
export type Decoded = { readonly packet: ClientPacket; readonly awaits: number };

/** What the client put into CONNECT; nothing in it is to be trusted. */
export type Auth = Readonly<Record<string, unknown>>;

/** A member of `auth` may be left out, or null. */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

const CONNECT = 0x30;
const DISCONNECT = 0x31;
const EVENT = 0x32;
const ACK = 0x33;
const BINARY_EVENT = 0x35;
const BINARY_ACK = 0x36;

/** Names that a Socket.IO client or server emits to itself. */
const RESERVED_EVENTS: ReadonlySet<unknown> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** May an event have this name? */
export function isEventName(name: unknown): name is string | number {
  return (typeof name === "string" && !RESERVED_EVENTS.has(name)) || typeof name === "number";
}

/** A client calls its listeners with all of them, and a call with many more overflows its stack. */
export const MAX_ARGUMENTS = 10_000;

/** Only so many digits: an id is echoed, and 15 digits are a safe integer in any language. */
const ACK_ID_DIGITS = 15;

/**
 * Reads a packet from `text`, an Engine.IO message with its leading `4`.
 * @returns undefined for whatever a conforming client does not send: the session is to be closed
 */
export function decodePacket(text: string): Decoded | undefined {
  const type = text.charCodeAt(1);
  let at = 2;

  let awaits = 0;
  if (type === BINARY_EVENT || type === BINARY_ACK) {
    const dash = text.indexOf("-", at);
    const count = COUNT.test(text.slice(at, dash)) ? Number(text.slice(at, dash)) : 0;
    if (dash < 0 || count === 0 || count > MAX_ATTACHMENTS) return undefined;
    awaits = count;
    at = dash + 1;
  }

  let namespace = "/";
  if (text.charCodeAt(at) === 0x2f) {
    const comma = text.indexOf(",", at);
    // The comma may only be missing when nothing follows.
    if (comma < 0 && type !== CONNECT && type !== DISCONNECT) return undefined;
    namespace = text.slice(at, comma < 0 ? undefined : comma);
    at = comma < 0 ? text.length : comma + 1;
  }

  const idStart = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const ackId = at > idStart ? text.slice(idStart, at) : undefined;
  if (ackId !== undefined && ackId.length > ACK_ID_DIGITS) return undefined;

  const packet = decodeRest(type, namespace, ackId, text, at);
  if (packet === undefined) return undefined;
  if (awaits > 0 && !("args" in packet && placeholdersFit(packet.args, awaits))) return undefined;
  return { packet, awaits };
}

/** So many attachments, without leading zeros or signs. */
const COUNT = /^[1-9][0-9]?$/;

function decodeRest(
  type: number,
  namespace: string,
  ackId: string | undefined,
  text: string,
  at: number,
): ClientPacket | undefined {
  switch (type) {
    case CONNECT: {
      if (ackId !== undefined) return undefined;
      if (at === text.length) return { type: "connect", namespace, auth: {} };
      const auth = parseShallow(text.slice(at));
      return isObject(auth) ? { type: "connect", namespace, auth } : undefined;
    }
    case DISCONNECT:
      return at === text.length && ackId === undefined
        ? { type: "disconnect", namespace }
        : undefined;
    case EVENT:
    case BINARY_EVENT: {
      const data = arrayText(text, at);
      const args = data === undefined ? undefined : parse(data);
      if (data === undefined || !isEventArgs(args)) return undefined;
      return { type: "event", namespace, ackId, data, args, attachments: NO_ATTACHMENTS };
    }
    case ACK:
    case BINARY_ACK: {
      const data = arrayText(text, at);
      const args = data === undefined ? undefined : parseShallow(data);
      if (!Array.isArray(args)) return undefined;
      return { type: "ack", namespace, ackId, args, attachments: NO_ATTACHMENTS };
    }
    default:
      return undefined;
  }
}

/** CONNECT's answer: the socket's id, and the private id with which it may resume, if it may. */
export function encodeConnect(namespace: string, sid: string, pid?: string): string {
  return `${MESSAGE}0${prefix(namespace)}${JSON.stringify({ sid, pid })}`;
}

/** The room takes a socket out of a namespace; the stock client does not come back by itself. */
export function encodeDisconnect(namespace: string): string {
  return `${MESSAGE}1${prefix(namespace)}`;
}

/** A refused CONNECT. The stock client shows it as `connect_error` with `message` and `data`. */
export function encodeConnectError(namespace: string, message: string, data?: unknown): string {
  return `${MESSAGE}4${prefix(namespace)}${JSON.stringify({ message, data })}`;
}

/** Which namespace a packet is for, and how many attachments follow it. */
export type Head = { readonly namespace: string; readonly attachments: Attachments };

/**
 * An event from stored text: `data` goes out as it came in, with `offset`, if there is one, as last
 * argument.
 */
export function encodeEvent(
  head: Head,
  data: string,
  offset: string | undefined,
  ackId?: number,
): string {
  const args = offset === undefined ? data : `${data.slice(0, -1)},"${offset}"]`;
  return `${eventHead(head)}${ackId ?? ""}${args}`;
}

/**
 * The same in envelope form: `{ id, data }`, `id` the offset, `data` the argument (an array when
 * there are several, missing when there is none). The offset comes last all the same: that is what
 * the stock client remembers.
 */
export function encodeEnvelope(
  head: Head,
  data: string,
  offset: string | undefined,
  ackId?: number,
): string {
  const [name, args] = splitFirst(data);
  const [first, others] = splitFirst(args);
  const content = others === "[]" ? first : args;
  const id = offset === undefined ? "" : `"id":"${offset}"`;
  const member = content.trim() === "" ? "" : `"data":${content}`;
  const envelope = `{${id}${id && member ? "," : ""}${member}}`;
  const end = offset === undefined ? "" : `,"${offset}"`;
  return `${eventHead(head)}${ackId ?? ""}[${name},${envelope}${end}]`;
}

/** An ack; `args` is the JSON text of its arguments' array. */
export function encodeAck({ namespace, attachments }: Head, ackId: string, args: string): string {
  return `${MESSAGE}${typeDigits("3", "6", attachments)}${prefix(namespace)}${ackId}${args}`;
}

function eventHead({ namespace, attachments }: Head): string {
  return `${MESSAGE}${typeDigits("2", "5", attachments)}${prefix(namespace)}`;
}

function typeDigits(plain: string, binary: string, { length }: Attachments): string {
  return length === 0 ? plain : `${binary}${length}-`;
}

function prefix(namespace: string): string {
  return namespace === "/" ? "" : `${namespace},`;
}

/** The rest of `text`, if it is an array without anything around it. */
function arrayText(text: string, at: number): string | undefined {
  return text.charCodeAt(at) === 0x5b && text.endsWith("]") ? text.slice(at) : undefined;
}

function isEventArgs(value: unknown): value is [string | number, ...unknown[]] {
  return Array.isArray(value) && value.length <= 1 + MAX_ARGUMENTS && isEventName(value[0]);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For what a room's code is handed as it is; an event that is too deep gets an answer (EMIT-5). */
function parseShallow(json: string): unknown {
  return isTooDeep(json) ? undefined : parse(json);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
