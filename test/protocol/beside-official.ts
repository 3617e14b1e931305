/**
 * Our decoder beside the official one. Where ours is stricter stands in `STRICTER`, with the
 * reason; anything else that the official one takes, ours takes with the same meaning.
 */
import { Decoder, type Packet, PacketType } from "socket.io-parser";
import { expect } from "vitest";
import { fillIn } from "../../src/protocol/attachments.ts";
import type { ClientPacket } from "../../src/protocol/socket.ts";
import { Assembly } from "../../src/session/assembly.ts";

/** A packet, as far as a server looks at it; undefined for what is refused. */
export type Meaning =
  | { type: PacketType; nsp: string; id: number | undefined; data: unknown }
  | undefined;

/** What follows a binary packet's text, as far as it asks for that. */
const BUFFERS = Array.from({ length: 10 }, (_, i) => new Uint8Array(1 + i).fill(i));

/** What the official parser makes of a packet's text and the binary messages behind it. */
export function official(text: string): Meaning {
  const decoder = new Decoder();
  const decoded: Packet[] = [];
  decoder.on("decoded", (packet: Packet) => decoded.push(packet));
  try {
    decoder.add(text);
    for (const bytes of BUFFERS) {
      if (decoded.length === 0) decoder.add(bytes);
    }
  } catch {
    return undefined;
  }
  const [packet] = decoded;
  return packet && comparable(packet);
}

/** The official meaning, without what ours leaves out: CONNECT's id and its missing auth. */
export function comparable({ type, nsp, id, data }: Packet): Meaning {
  // To the official parser a space is an id, 0.
  if (type === PacketType.CONNECT) return { type, nsp, id: undefined, data: data ?? {} };
  return { type, nsp, id, data };
}

/** The same by ours. */
export function ours(text: string): Meaning {
  const assembly = new Assembly(1_000_000);
  let assembled = assembly.take(`4${text}`, 0);
  for (const bytes of BUFFERS) {
    if (assembled.kind === "part") assembled = assembly.take(bytes, 0);
  }
  return assembled.kind === "whole" ? meaningOf(assembled.packet) : undefined;
}

export function meaningOf(packet: ClientPacket): Meaning {
  const { namespace: nsp } = packet;
  switch (packet.type) {
    case "connect":
      return { type: PacketType.CONNECT, nsp, id: undefined, data: packet.auth };
    case "disconnect":
      return { type: PacketType.DISCONNECT, nsp, id: undefined, data: undefined };
    case "event": {
      const { data, args, attachments, ackId } = packet;
      // The text is what goes on from here: it has to say what the arguments say.
      expect(JSON.parse(data)).toEqual(args);
      return { type: PacketType.EVENT, nsp, id: numberOf(ackId), data: fillIn(args, attachments) };
    }
    case "ack": {
      const { args, attachments, ackId } = packet;
      return { type: PacketType.ACK, nsp, id: numberOf(ackId), data: fillIn(args, attachments) };
    }
  }
}

function numberOf(ackId: string | undefined): number | undefined {
  return ackId === undefined ? undefined : Number(ackId);
}

/** What stands before the data of an event or an ack, without its namespace and its id. */
const HEAD = "^(?:[23]|[56][^-]*-)";

/** What the official parser takes and ours refuses, by the reason. */
export const STRICTER: readonly (readonly [reason: string, is: (text: string) => boolean])[] = [
  ["only a server sends CONNECT_ERROR", (text) => text.startsWith("4")],
  ["the empty string is no CONNECT", (text) => text === ""],
  ["a type is one digit", (text) => /^\s/.test(text)],
  ["CONNECT and DISCONNECT have no ack id", (text) => /^[01](\/[^,]*,)?\s*\d/.test(text)],
  ["nothing but spaces is no auth", (text) => /^[01](\/[^,]*,)?\s+$/.test(text)],
  ["an event or an ack has data", matches(`${HEAD}(/[^,]*(,|$))?[\\d\\s]*$`)],
  ["an ack id is digits only", matches(`${HEAD}(/[^,]*,)?\\d*\\s`)],
  ["an ack id has at most 15 digits", matches(`${HEAD}(/[^,]*,)?\\d{16}`)],
  ["nothing follows the array", matches(`${HEAD}.*\\s$`)],
  ["auth and acks are at most 64 levels deep", (text) => /^[036]/.test(text) && isDeep(text)],
  ["an event has at most 10,000 arguments", (text) => /^[25]/.test(text) && isBroad(text)],
  ["a count of attachments is plain digits", (text) => /^[56](?!([1-9]|10)-)/.test(text)],
  ["each attachment has its placeholder", (text) => isUnused(text)],
  ["a placeholder's num is a whole number", (text) => numsOf(text).some(isFraction)],
];

function matches(pattern: string): (text: string) => boolean {
  const expression = new RegExp(pattern, "s");
  return (text) => expression.test(text);
}

function isDeep(text: string): boolean {
  return /[[{]{65}/.test(text.replaceAll(/"[^"]*":/g, ""));
}

function isBroad(text: string): boolean {
  const data = dataOf(text);
  return Array.isArray(data) && data.length > 10_001;
}

function isUnused(text: string): boolean {
  const nums = new Set(numsOf(text));
  const count = Number(/^[56]([^-]*)-/.exec(text)?.[1] ?? 0);
  return BUFFERS.some((_, num) => num < count && !nums.has(num));
}

function isFraction(num: unknown): boolean {
  return typeof num === "number" && !Number.isInteger(num);
}

/** What the placeholders of a binary packet refer to. */
function numsOf(text: string): unknown[] {
  const nums: unknown[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { _placeholder, num } = value as { _placeholder?: unknown; num?: unknown };
    if (_placeholder === true) nums.push(num);
    else Object.values(value).forEach(walk);
  };
  if (/^[56]/.test(text)) walk(dataOf(text));
  return nums;
}

/** An event's or an ack's data. */
function dataOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^(?:[23]|[56][^-]*-)(\/[^,]*,)?\d*/, ""));
  } catch {
    return undefined;
  }
}

/** Holds `text` to mean the same to both, but for the reasons to be stricter. */
export function compare(text: string): void {
  const mine = ours(text);
  const theirs = official(text);
  if (mine === undefined && STRICTER.some(([, is]) => is(text))) return;
  expect({ text, meaning: mine }).toEqual({ text, meaning: theirs });
}
