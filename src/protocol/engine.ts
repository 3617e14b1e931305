/**
 * Engine.IO v4 packets, payloads and errors, as text.
 * Source: Engine.IO protocol, revision 4 (socketio/socket.io, docs/engine.io-protocol).
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";

/** First character of a packet: its type. */
export const OPEN = "0";
export const CLOSE = "1";
export const PING = "2";
export const PONG = "3";
export const MESSAGE = "4";
export const UPGRADE = "5";
export const NOOP = "6";

/** What a probing WebSocket says, and what it is told. */
export const PROBE_PING = "2probe";
export const PROBE_PONG = "3probe";

/** A packet on its way: text that begins with its type, or the bytes of a binary message. */
export type Packet = string | Uint8Array;

/** In a polling payload a binary message is base64 behind this letter. */
const BINARY = "b";

/** Separates the packets of a polling payload. */
const SEPARATOR = "\x1e";

/** What an Engine.IO server answers to a request that it refuses. */
export type EngineError = {
  readonly code: 0 | 1 | 2 | 3 | 4 | 5;
  readonly message: string;
  readonly status: 400 | 403;
};

/** The protocol's error table, with the reference server's texts. */
export const ENGINE_ERRORS = {
  transportUnknown: { code: 0, message: "Transport unknown", status: 400 },
  sessionUnknown: { code: 1, message: "Session ID unknown", status: 400 },
  badMethod: { code: 2, message: "Bad handshake method", status: 400 },
  badRequest: { code: 3, message: "Bad request", status: 400 },
  forbidden: { code: 4, message: "Forbidden", status: 403 },
  unsupportedVersion: { code: 5, message: "Unsupported protocol version", status: 400 },
} as const satisfies Record<string, EngineError>;

/** The handshake's settings, as the client is told them. Times in milliseconds, size in bytes. */
export type OpenSettings = {
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
};

/** The first packet of a session. */
export function encodeOpen(
  sid: string,
  upgrades: readonly string[],
  settings: OpenSettings,
): string {
  const { pingInterval, pingTimeout, maxPayload } = settings;
  return OPEN + JSON.stringify({ sid, upgrades, pingInterval, pingTimeout, maxPayload });
}

/** A polling request's body has at most so many packets. */
export const MAX_PACKETS = 5_000;

/**
 * The packets of a polling request's body, one by one: the first bad one can then end the session
 * before the rest has cost anything. Bad base64 stays the text that it is, which is no packet; of
 * those that are too many, the first comes as an empty one.
 */
export function* packetsOf(payload: string): Generator<Packet> {
  let start = 0;
  for (let count = 1; count <= MAX_PACKETS; count++) {
    const end = payload.indexOf(SEPARATOR, start);
    yield readPacket(payload.slice(start, end < 0 ? undefined : end));
    if (end < 0) return;
    start = end + 1;
  }
  yield "";
}

function readPacket(text: string): Packet {
  return text.startsWith(BINARY) ? (decodeBase64(text.slice(1)) ?? text) : text;
}

/** One polling answer carries at most this many packets, or python-engineio refuses it. */
const PACKETS_PER_PAYLOAD = 16;

/**
 * Takes from the front of `queue` what fits into one polling answer: at most 16 packets and, but
 * for a single larger one, `maxBytes` bytes. `queue` must not be empty.
 */
export function takePayload(queue: Packet[], maxBytes: number): string {
  let count = 0;
  let bytes = 0;
  for (const packet of queue) {
    const size = payloadLength(packet) + (count > 0 ? 1 : 0);
    if (count === PACKETS_PER_PAYLOAD || (count > 0 && bytes + size > maxBytes)) break;
    bytes += size;
    count++;
  }
  return queue.splice(0, count).map(inPayload).join(SEPARATOR);
}

function inPayload(packet: Packet): string {
  return typeof packet === "string" ? packet : BINARY + encodeBase64(packet);
}

/** Bytes of a packet in a payload. */
function payloadLength(packet: Packet): number {
  if (typeof packet === "string") return utf8Length(packet);
  return BINARY.length + 4 * Math.ceil(packet.byteLength / 3);
}

/** Has `packet` more than `maxBytes` bytes, text in UTF-8? Short text is not counted to know. */
export function isLongerThan(packet: Packet, maxBytes: number): boolean {
  if (packet.length > maxBytes) return true;
  if (typeof packet !== "string" || 3 * packet.length <= maxBytes) return false;
  return utf8Length(packet) > maxBytes;
}

const encoder = new TextEncoder();

/** Bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength;
}
