/**
 * Our decoder beside the official one, packet by packet. Where they differ on purpose stands in
 * `STRICTER` (beside-official.ts).
 */
import { PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/protocol/socket.ts";
import { type Random, seeded } from "../support/random.ts";
import { randomArray, randomJson } from "../support/random-json.ts";
import { compare, official, ours, STRICTER } from "./beside-official.ts";

/** An argument that stands for an attachment. */
const at = (num: unknown) => `{"_placeholder":true,"num":${num}}`;

const deep = (levels: number, inner = "") => "[".repeat(levels) + inner + "]".repeat(levels);

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
  "5-",
  "6-",
  "50x1-",
  "51e0-",
  "5 1-",
  "51-",
  "61-",
  "51-7",
  "51-/orders",
  `50x1-["a",${at(0)}]`,
  `51e0-["a",${at(0)}]`,
  `51.0-["a",${at(0)}]`,
  `5 1-["a",${at(0)}]`,
  `51 -["a",${at(0)}]`,
  `5+1-["a",${at(0)}]`,
  `5-1-["a",${at(0)}]`,
  `501-["a",${at(0)}]`,
  `5\n1-["a",${at(0)}]`,
  '50-["a"]',
  '60-1["a"]',
  '511-["a"]',
  '5100000-["a"]',
  `511-["a",${Array.from({ length: 11 }, (_, i) => at(i))}]`,
  `510-["a",${Array.from({ length: 10 }, (_, i) => at(i))}]`,
  `51-["a",${at(0)}]`,
  `51-12["a",${at(0)}]`,
  `51-/orders,12["a",${at(0)},{"deep":[${at(0)}]}]`,
  `51-/orders["a",${at(0)}]`,
  `51-[${at(0)}]`,
  `51-["connect",${at(0)}]`,
  `51-["a",{"_placeholder":true,"num":0,"x":${at(9)}}]`,
  `51-["a",{"num":0,"_placeholder":true}]`,
  `51-["a",{"_placeholder":1,"num":0},${at(0)}]`,
  `51-["a",{"_placeholder":false,"num":5},${at(0)}]`,
  `51-["a",{"__proto__":${at(0)}}]`,
  `51-["a",${at("-0")}]`,
  `51-["a",${at("0e0")}]`,
  `51-["a",${at(0)}] `,
  `51- ["a",${at(0)}]`,
  `51-1234567890123456["a",${at(0)}]`,
  `51-["a",${at('"splice"')}]`,
  `51-["a",${at('"0"')}]`,
  `51-["a",${at("null")}]`,
  '51-["a",{"_placeholder":true}]',
  ...[1, -1, 0.5, 1e9].map((num) => `51-["a",${at(num)}]`),
  ...[1, -1, 0.5, 1e9].map((num) => `51-["a",${at(0)},${at(num)}]`),
  '51-["a"]',
  `52-["a",${at(0)}]`,
  `52-["a",${at(1)},${at(1)}]`,
  `52-["a",${at(0)},${at(0)}]`,
  `52-["a",${at(1)},${at(0)}]`,
  `61-1[${at(0)}]`,
  `61-[${at(0)}]`,
  `62-/orders,1[${at(1)},[${at(0)}]]`,
  "61-1[]",
  `61-1${at(0)}`,
  `61-1["connect",${at(0)}]`,
  `31${deep(64)}`,
  `31${deep(65)}`,
  `61-1${deep(64, at(0))}`,
  `61-1${deep(63, at(0))}`,
  `0{"a":${deep(63)}}`,
  `0{"a":${deep(64)}}`,
  `2["a"${",0".repeat(10_000)}]`,
  `2["a"${",0".repeat(10_001)}]`,
  `51-["a",${at(0)}${",0".repeat(10_000)}]`,
  "7",
  "9",
  "x",
  " ",
  "-1",
  "",
  "\u0000",
];

describe("decodePacket beside socket.io-parser", () => {
  it.each(TABLE.map((text) => [text.slice(0, 100), text]))("%j", (_, text) => {
    compare(text);
  });

  it.each(STRICTER)("stricter: %s", (_, is) => {
    const cases = TABLE.filter((text) => is(text) && official(text));
    expect(cases).not.toEqual([]);
    expect(cases.filter(ours)).toEqual([]);
  });

  it("BAD-53 what a key is called changes nothing but its text", () => {
    const packet = decodePacket('42["a",{"__proto__":{"admin":true}}]');
    expect(packet).toMatchObject({ packet: { data: '["a",{"__proto__":{"admin":true}}]' } });
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  it("CVE-2022-2421 what a placeholder refers to is never looked up as a name", () => {
    for (const num of ['"splice"', '"length"', '"__proto__"', "-1", "1", "null", "[0]", "true"]) {
      expect(decodePacket(`451-["a",${at(num)}]`)).toBeUndefined();
      expect(decodePacket(`461-1[${at(num)}]`)).toBeUndefined();
    }
  });

  it("BAD-60 one attachment may stand in several places", () => {
    const meaning = ours(`51-["a",${at(0)},[${at(0)}]]`);
    const bytes = new Uint8Array(1);
    expect(meaning).toMatchObject({ type: PacketType.EVENT, data: ["a", bytes, [bytes]] });
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
  switch (random.below(6)) {
    case 0:
      return `0${namespace}${random.pick(["", randomJson(random, 2)])}`;
    case 1:
      return `1${namespace}`;
    case 2:
      return `3${namespace}${id}${randomArray(random, 2, 0)}`;
    case 3:
      return binaryPacket(random, `${namespace}${id}`);
    default:
      return `2${namespace}${id}["name",${randomArray(random, 3, 0)}]`;
  }
}

function binaryPacket(random: Random, head: string): string {
  const count = 1 + random.below(3);
  // Mostly what an encoder writes.
  const nums = Array.from({ length: count }, (_, i) => (random.below(8) > 0 ? i : random.below(4)));
  const args = [...nums.map(at), `[${at(random.below(count))}]`, randomArray(random, 2, 0)];
  const start = random.pick(['5:["name",', "6:["]).split(":");
  return `${start[0]}${count}-${head}${start[1]}${args.join(",")}]`;
}

/** One character more, less, or other. */
function mutated(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const character = random.pick(["", "[", "]", "{", '"', ",", "/", "-", "0", "9", " ", "\\", "x"]);
  return text.slice(0, at) + character + text.slice(at + random.below(2));
}
