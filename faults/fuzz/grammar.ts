// Makes up what a client may send: mostly what the protocols allow, and near it what they don't.
import type { Random } from "../../test/support/random.ts";
import { randomJson } from "../../test/support/random-json.ts";
import { NAMES, type PacketInput, type Step } from "./input.ts";

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

const NAMESPACES = [
  "",
  "",
  "",
  "/,",
  "/orders,",
  "/orders",
  "/nope,",
  "/__proto__,",
  "//,",
] as const;

const ACK_IDS = [
  "",
  "",
  "0",
  "1",
  "7",
  "007",
  "-1",
  "1.5",
  " 1",
  "123456789012345",
  "1234567890123456",
] as const;

const KEYS = [
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

const AUTHS = [
  "",
  "{}",
  '{"offset":"0"}',
  '{"offset":"$HEAD"}',
  '{"offset":"$HEAD","pid":"$PID"}',
  '{"pid":"$PID"}',
  '{"pid":"$OTHERS-PID"}',
  '{"pid":"$OTHERS-PID","offset":"$EPOCH-1"}',
  '{"pid":"x","offset":null}',
  '{"offset":"other-5"}',
  '{"offset":1e99}',
  '{"offset":-1}',
  '{"offset":{}}',
  '{"rewind":3}',
  '{"rewind":-1}',
  '{"token":"a.b"}',
  '{"token":1}',
  '{"clientId":"0123456789abcdef"}',
  '{"clientId":"short"}',
  '{"__proto__":{"token":"x"}}',
  "null",
  "[]",
  "{",
] as const;

const ENGINE = [
  "",
  "0{}",
  "1",
  "2",
  "3",
  "3",
  "3x",
  "5",
  "6",
  "7",
  "2probe",
  "4",
  "x",
  "\0",
  "b",
  "bAA==",
  "b!",
] as const;

const PROBES: readonly [readonly string[], ...(readonly string[])[]] = [
  ["2probe", "5"],
  ["2probe"],
  ["5"],
  ["2probe", "2probe"],
  ["2probe", "6"],
  [""],
  [],
];

export function randomInput(random: Random): PacketInput {
  const steps: Step[] = [];
  const transport = random.below(3) === 0 ? "polling" : "websocket";
  // Who has not joined can do little.
  if (random.below(10) > 0) steps.push({ do: "send", text: connect(random) });
  const count = 1 + random.below(5);
  while (steps.length <= count) steps.push(...randomSteps(random, transport));
  return { kind: "packets", transport, format: random.pick(["args", "args", "envelope"]), steps };
}

/** One step, or a few that belong together. */
export function randomSteps(random: Random, transport: PacketInput["transport"]): Step[] {
  if (transport === "polling") {
    switch (random.below(9)) {
      case 0:
        return [{ do: "poll" }];
      case 1:
        return [{ do: "poll" }, { do: "poll" }];
      case 2:
        return [{ do: "probe", texts: random.pick(PROBES) }];
      case 3:
        return [{ do: "probe", texts: ["2probe"] }, { do: "poll" }, { do: "send", text: "5" }];
      case 4:
        return [
          {
            do: "post",
            body: Array.from({ length: random.below(4) }, () => packet(random)).join("\x1e"),
          },
        ];
    }
  }
  switch (random.below(16)) {
    case 0:
      return [{ do: "bytes", base64: bytes(random) }];
    case 1:
    case 2:
    case 3:
      return binary(random);
    case 4:
      return [{ do: "pass", milliseconds: random.pick([1, 100, 10_000, 25_000, 45_000]) }];
    case 5:
      return random.below(4) === 0 ? [{ do: "evict" }] : [{ do: "send", text: connect(random) }];
    default:
      return [{ do: "send", text: packet(random) }];
  }
}

/** Any packet, in text. */
export function packet(random: Random): string {
  switch (random.below(12)) {
    case 0:
      return random.pick(ENGINE);
    case 1:
      return connect(random);
    case 2:
      return `41${random.pick(NAMESPACES)}`;
    case 3:
      return `43${head(random)}${args(random)}`;
    case 4:
      return `44${random.pick(NAMESPACES)}{"message":"x"}`;
    case 5:
      return large(random);
    default:
      return `42${head(random)}${event(random)}`;
  }
}

function connect(random: Random): string {
  return `40${random.pick(NAMESPACES)}${random.pick(AUTHS)}`;
}

function head(random: Random): string {
  return random.pick(NAMESPACES) + random.pick(ACK_IDS);
}

function event(random: Random): string {
  const name =
    random.below(12) === 0
      ? randomJson(random, 1)
      : JSON.stringify(random.pick(EVENTS)).replaceAll("\\\\", "\\");
  const parts = [name];
  for (let n = random.below(3); n > 0; n--) parts.push(value(random));
  if (random.below(3) === 0) parts.push(random.pick(KEYS));
  return `[${parts.join(random.below(20) === 0 ? " , " : ",")}]`;
}

function args(random: Random): string {
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

/** A binary event or ack, and the bytes that follow it, or nearly so. */
function binary(random: Random): Step[] {
  const count = random.pick(["1", "1", "2", "3", "10", "0", "11", "0x1", "1e0", " 1", "-", ""]);
  const holes = Number(count) || 1;
  const places = Array.from({ length: Math.min(holes, 12) }, (_, i) =>
    placeholder(
      random.below(10) === 0 ? random.pick(["0", "1", '"splice"', "-1", "99"]) : String(i),
    ),
  );
  const type = random.pick(["45", "45", "45", "46"]);
  const rest = random.below(3) === 0 ? [random.pick(KEYS)] : [];
  const name = type === "45" ? [`"${random.pick(["chat", "typing", "file", "connect"])}"`] : [];
  const text = `${type}${count}-${head(random)}[${[...name, ...places, ...rest].join(",")}]`;
  const follow = random.below(8) === 0 ? random.below(4) : holes;
  const parts = Array.from(
    { length: Math.min(follow, 12) },
    (): Step => ({ do: "bytes", base64: bytes(random) }),
  );
  return [{ do: "send", text }, ...parts];
}

function placeholder(num: string): string {
  return `{"_placeholder":true,"num":${num}}`;
}

function bytes(random: Random): string {
  const length = random.below(400) === 0 ? 300_000 : random.below(20);
  return Buffer.alloc(length, random.below(256)).toString("base64");
}

/** Deep, broad or long; rarely so much that it takes long. */
function large(random: Random): string {
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
