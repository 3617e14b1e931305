/**
 * Socket.IO v5 packets, as they stand inside an Engine.IO message.
 * Source: Socket.IO protocol, revision 5 (socketio/socket.io, docs/socket.io-protocol).
 * `<type>[<attachments>-][<namespace>,][<ack id>][JSON]`
 */
import { MESSAGE } from "./engine.ts";
import { splitFirst } from "./json-text.ts";

/** A packet from a client. `data` is the JSON text as it came, `args` what it says. */
export type ClientPacket =
  | { readonly type: "connect"; readonly namespace: string; readonly auth: Auth }
  | { readonly type: "disconnect"; readonly namespace: string }
  | {
      readonly type: "event";
      readonly namespace: string;
      readonly ackId: string | undefined;
      readonly data: string;
      readonly args: readonly [string | number, ...unknown[]];
    }
  | { readonly type: "ack"; readonly namespace: string; readonly ackId: string | undefined };

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

/** Only so many digits: an id is echoed, and 15 digits are a safe integer in any language. */
const ACK_ID_DIGITS = 15;

/**
 * Reads a packet from `text`, an Engine.IO message with its leading `4`.
 * Binary packets are not spoken yet and count as invalid.
 * @returns undefined for whatever a conforming client does not send: the session is to be closed
 */
export function decodePacket(text: string): ClientPacket | undefined {
  const type = text.charCodeAt(1);
  let at = 2;

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

  switch (type) {
    case CONNECT: {
      if (ackId !== undefined) return undefined;
      if (at === text.length) return { type: "connect", namespace, auth: {} };
      const auth = parse(text.slice(at));
      return isObject(auth) ? { type: "connect", namespace, auth } : undefined;
    }
    case DISCONNECT:
      return at === text.length && ackId === undefined
        ? { type: "disconnect", namespace }
        : undefined;
    case EVENT: {
      const data = arrayText(text, at);
      const args = data === undefined ? undefined : parse(data);
      if (data === undefined || !isEventArgs(args)) return undefined;
      return { type: "event", namespace, ackId, data, args };
    }
    case ACK: {
      const data = arrayText(text, at);
      if (data === undefined || !Array.isArray(parse(data))) return undefined;
      return { type: "ack", namespace, ackId };
    }
    default:
      return undefined;
  }
}

/** CONNECT's answer: the socket's id, and the private id with which it may resume. */
export function encodeConnect(namespace: string, sid: string, pid: string): string {
  return `${MESSAGE}0${prefix(namespace)}${JSON.stringify({ sid, pid })}`;
}

/** A refused CONNECT. The stock client shows it as `connect_error` with `message` and `data`. */
export function encodeConnectError(namespace: string, message: string, data?: unknown): string {
  return `${MESSAGE}4${prefix(namespace)}${JSON.stringify({ message, data })}`;
}

/** An event frame from stored text: `data` goes out as it came in, with `offset` as last argument. */
export function encodeEvent(namespace: string, data: string, offset: string): string {
  return `${MESSAGE}2${prefix(namespace)}${data.slice(0, -1)},"${offset}"]`;
}

/**
 * The same in envelope form: `{ id, data }`, `id` the offset, `data` the argument (an array when
 * there are several, missing when there is none). The offset comes last all the same: that is what
 * the stock client remembers.
 */
export function encodeEnvelope(namespace: string, data: string, offset: string): string {
  const [name, args] = splitFirst(data);
  const [first, others] = splitFirst(args);
  const content = others === "[]" ? first : args;
  const member = content.trim() === "" ? "" : `,"data":${content}`;
  return `${MESSAGE}2${prefix(namespace)}[${name},{"id":"${offset}"${member}},"${offset}"]`;
}

/** An ack with one argument. */
export function encodeAck(namespace: string, ackId: string, result: unknown): string {
  return `${MESSAGE}3${prefix(namespace)}${ackId}[${JSON.stringify(result)}]`;
}

function prefix(namespace: string): string {
  return namespace === "/" ? "" : `${namespace},`;
}

/** The rest of `text`, if it is an array without anything around it. */
function arrayText(text: string, at: number): string | undefined {
  return text.charCodeAt(at) === 0x5b && text.endsWith("]") ? text.slice(at) : undefined;
}

function isEventArgs(value: unknown): value is [string | number, ...unknown[]] {
  return Array.isArray(value) && isEventName(value[0]);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
