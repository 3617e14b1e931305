// Makes up the events, and what they hold, that packets are made from.
import type { Random } from "../../test/support/random.ts";
import { randomJson } from "../../test/support/random-json.ts";
import { NAMES } from "./input.ts";

const EVENTS = [
  "chat",
  "typing",
  "cursor:1",
  "error",
  "__proto__",
  "constructor",
  "toString",
  "roomlog:gap",
  "roomlog:live",
  "connect",
  "disconnect",
  "newListener",
  "",
  "a\\u0000",
  "\\ud800",
  "\\u0063onnect",
] as const;

export const KEYS = [
  '{"idempotencyKey":"k"}',
  '{"idempotencyKey":"k","after":null}',
  '{"idempotencyKey":"k2","after":"$HEAD"}',
  '{"idempotencyKey":"k3","after":"0"}',
  '{"idempotencyKey":""}',
  '{"idempotencyKey":7}',
  '{"idempotencyKey":"k","id":1}',
  '{"idempotencyKey":"0198b4c0-0000-7000-8000-000000000000"}',
  '{"id":"k","data":1}',
  '{"id":"k"}',
  '{"data":[1,{}]}',
] as const;

export function event(random: Random): string {
  const name =
    random.below(12) === 0
      ? randomJson(random, 1)
      : JSON.stringify(random.pick(EVENTS)).replaceAll("\\\\", "\\");
  const parts = [name];
  for (let n = random.below(3); n > 0; n--) parts.push(value(random));
  if (random.below(3) === 0) parts.push(random.pick(KEYS));
  return `[${parts.join(random.below(20) === 0 ? " , " : ",")}]`;
}

export function args(random: Random): string {
  return random.below(10) === 0 ? value(random) : `[${value(random)}]`;
}

function value(random: Random): string {
  switch (random.below(10)) {
    case 0:
      return random.pick(["1e999", "-0", "1.0", '"\\ud800"', '"\\u0000"', "12345678901234567890"]);
    case 1:
      return '{"__proto__":{"admin":true}}';
    case 2:
      return placeholder(random.pick(["0", "1", '"splice"', "-1", "0.5"]));
    case 3:
      return `"${random.pick(NAMES)}"`;
    default:
      return randomJson(random, 2);
  }
}

export function placeholder(num: string): string {
  return `{"_placeholder":true,"num":${num}}`;
}

export function bytes(random: Random): string {
  const length = random.below(400) === 0 ? 300_000 : random.below(20);
  return Buffer.alloc(length, random.below(256)).toString("base64");
}

/** Deep, broad or long; rarely so much that it takes long. */
export function large(random: Random): string {
  const size = random.pick([60, 66, 66, 200, 5_000]);
  switch (random.below(4)) {
    case 0:
      return `42["chat",${"[".repeat(size)}${"]".repeat(size)}]`;
    case 1:
      return `42["chat",${'{"a":'.repeat(size)}1${"}".repeat(size)}]`;
    case 2:
      return `421["chat"${",0".repeat(size)}]`;
    default:
      return `421["chat","${"x".repeat(random.below(50) === 0 ? 300 * size : size)}"]`;
  }
}
