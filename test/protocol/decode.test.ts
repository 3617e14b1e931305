/**
 * Our decoder beside the official one. Where ours is stricter stands in `STRICTER`, with the
 * reason; anything else that the official one takes, ours takes with the same meaning.
 */

import { Decoder, type Packet, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/protocol/socket.ts";
import { type Random, seeded } from "../support/random.ts";
import { randomArray, randomJson } from "../support/random-json.ts";

/** A packet, as far as a server looks at it; undefined for what is refused. */
type Meaning = { type: PacketType; nsp: string; id: number | undefined; data: unknown } | undefined;

function official(text: string): Meaning {
  const decoder = new Decoder();
  const decoded: Packet[] = [];
  decoder.on("decoded", (packet: Packet) => decoded.push(packet));
  try {
    decoder.add(text);
  } catch {
    return undefined;
  }
  const [packet] = decoded;
  return packet && { type: packet.type, nsp: packet.nsp, id: packet.id, data: packet.data };
}

function ours(text: string): Meaning {
  const packet = decodePacket(`4${text}`);
  if (packet === undefined) return undefined;
  const { namespace: nsp } = packet;
  switch (packet.type) {
    case "connect":
      return { type: PacketType.CONNECT, nsp, id: undefined, data: packet.auth };
    case "disconnect":
      return { type: PacketType.DISCONNECT, nsp, id: undefined, data: undefined };
    case "event": {
      // The text is what goes on from here: it has to say what the arguments say.
      expect(JSON.parse(packet.data)).toEqual(packet.args);
      return { type: PacketType.EVENT, nsp, id: numberOf(packet.ackId), data: packet.args };
    }
    case "ack":
      return { type: PacketType.ACK, nsp, id: numberOf(packet.ackId), data: undefined };
  }
}

function numberOf(ackId: string | undefined): number | undefined {
  return ackId === undefined ? undefined : Number(ackId);
}

/** The official meaning, without what ours leaves out: an ack's data, CONNECT's id and its missing auth. */
function comparable(meaning: Meaning): Meaning {
  if (meaning?.type === PacketType.ACK) return { ...meaning, data: undefined };
  if (meaning?.type === PacketType.CONNECT) {
    // To the official parser a space is an id, 0.
    return { ...meaning, id: undefined, data: meaning.data ?? {} };
  }
  return meaning;
}

/** What the official parser takes and ours refuses, by the reason. */
const STRICTER: readonly (readonly [reason: string, is: (text: string) => boolean])[] = [
  ["binary packets are not spoken yet", (text) => /^[56]/.test(text)],
  ["only a server sends CONNECT_ERROR", (text) => text.startsWith("4")],
  ["the empty string is no CONNECT", (text) => text === ""],
  ["an event or an ack has data", (text) => /^[23](\/[^,]*(,|$))?[\d\s]*$/.test(text)],
  ["CONNECT and DISCONNECT have no ack id", (text) => /^[01](\/[^,]*,)?\s*\d/.test(text)],
  ["an ack id is digits only", (text) => /^[23](\/[^,]*,)?\d*\s/.test(text)],
  ["an ack id has at most 15 digits", (text) => /^[23](\/[^,]*,)?\d{16}/.test(text)],
  ["nothing follows the array", (text) => /^[23].*\s$/s.test(text)],
  ["a type is one digit", (text) => /^\s/.test(text)],
  ["nothing but spaces is no auth", (text) => /^[01](\/[^,]*,)?\s+$/.test(text)],
];

const TABLE = [
  "0",
  "0{}",
  '0{"token":123}',
  '0{"token":"a,b"}',
  "0/orders",
  "0/orders,",
  '0/orders,{"a":1}',
  "0/",
  "0/,",
  "0null",
  "0[]",
  '0"x"',
  "0{",
  "0 {}",
  "0{} ",
  "0 ",
  "1 ",
  "01{}",
  "0/orders{}",
  "1",
  "1/orders",
  "1/orders,",
  "1{}",
  "1[]",
  "1null",
  "15",
  '2["a"]',
  '2["a",1,null,{"b":[]}]',
  '27["a"]',
  '2007["a"]',
  '2999999999999999["a"]',
  '21234567890123456["a"]',
  '299999999999999999999["a"]',
  '2/orders,["a"]',
  '2/orders,12["a"]',
  '2/orders["a"]',
  '2/orders["a","b"]',
  '2/orders["a",["b"]]',
  '2-1["a"]',
  '21.5["a"]',
  '21e3["a"]',
  '20x1["a"]',
  '2 ["a"]',
  '2\n["a"]',
  '27 ["a"]',
  '2["a"] ',
  '2["a"]]',
  '2["a"],["b"]',
  "2",
  "27",
  "2/orders",
  "2/orders,",
  "2[]",
  "2{}",
  '2"a"',
  '2["a"',
  '2[{"toString":"foo"}]',
  "2[null]",
  "2[true]",
  '2[["a"]]',
  "2[5]",
  "2[1e999]",
  '2["connect"]',
  '2["connect_error"]',
  '2["disconnect"]',
  '2["disconnecting"]',
  '2["newListener"]',
  '2["removeListener"]',
  '2["error"]',
  '2["__proto__"]',
  '2["constructor"]',
  '2["a",{"__proto__":{"admin":true}}]',
  '2["\\u0063onnect"]',
  '2["\\ud800",1e999,-0]',
  '2["ä😀\u2028"]',
  "3",
  "31",
  "31[]",
  '3["x"]',
  '399["x",1]',
  '3/orders,1["x"]',
  "31{}",
  "31null",
  '4{"message":"x"}',
  '4"x"',
  "5",
  "51",
  "5a-",
  "51.23-",
  "5-1-",
  "50x1-",
  "51e0-",
  "5 1-",
  '50-["a"]',
  '511-["a"]',
  '5100000-["a"]',
  '51-["a",{"_placeholder":true,"num":"splice"}]',
  '51-["a",{"_placeholder":true,"num":0}]',
  '61-1[{"_placeholder":true,"num":0}]',
  "7",
  "9",
  "x",
  " ",
  "-1",
  "",
  "\u0000",
];

function compare(text: string): void {
  const mine = ours(text);
  const theirs = comparable(official(text));
  const reasons = STRICTER.filter(([, is]) => is(text));
  if (reasons.length > 0 && mine === undefined) return;
  expect({ text, meaning: mine }).toEqual({ text, meaning: theirs });
}

describe("decodePacket beside socket.io-parser", () => {
  it.each(TABLE.map((text) => [text]))("%j", (text) => {
    compare(text);
  });

  it("each reason to be stricter has its case", () => {
    for (const [reason, is] of STRICTER) {
      const cases = TABLE.filter((text) => is(text) && ours(text) === undefined);
      expect([reason, cases.length > 0]).toEqual([reason, true]);
    }
  });

  it("BAD-53 what a key is called changes nothing but its text", () => {
    const packet = decodePacket('42["a",{"__proto__":{"admin":true}}]');
    expect(packet).toMatchObject({ data: '["a",{"__proto__":{"admin":true}}]' });
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  it.each(Array.from({ length: 20 }, (_, i) => i + 1))("random packets, seed %i", (seed) => {
    const random = seeded(seed);
    let taken = 0;
    for (let i = 0; i < 500; i++) {
      const text =
        random.below(3) === 0 ? mutated(random, randomPacket(random)) : randomPacket(random);
      compare(text);
      if (ours(text) !== undefined) taken++;
    }
    // Not all of it is nonsense.
    expect(taken).toBeGreaterThan(100);
  });
});

function randomPacket(random: Random): string {
  const namespace = random.pick(["", "", "/,", "/orders,", "/a/b,", "/orders"]);
  const id = random.pick(["", "", "1", "42", "007", "123456789012345"]);
  switch (random.below(5)) {
    case 0:
      return `0${namespace}${random.pick(["", randomJson(random, 2)])}`;
    case 1:
      return `1${namespace}`;
    case 2:
      return `3${namespace}${id}${randomArray(random, 2, 0)}`;
    default:
      return `2${namespace}${id}["name",${randomArray(random, 3, 0)}]`;
  }
}

/** One character more, less, or other. */
function mutated(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const character = random.pick(["", "[", "]", "{", '"', ",", "/", "-", "0", "9", " ", "\\", "x"]);
  return text.slice(0, at) + character + text.slice(at + random.below(2));
}
