// Makes up what a client may send: mostly what the protocols allow, and near it what they don't.
import type { Random } from "../../test/support/random.ts";
import { randomJson } from "../../test/support/random-json.ts";
import { credential } from "./credentials.ts";
import { args, bytes, event, KEYS, large, placeholder } from "./event-grammar.ts";
import type { PacketInput, Step } from "./input.ts";

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
  if (random.below(10) === 0) steps.push(...goOn(random));
  // Who has not joined can do little.
  else if (random.below(10) > 0) steps.push({ do: "send", text: connect(random) });
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

/** Good ones that don't allow all. */
const PARTIAL = [
  "$KEY-reader",
  "$KEY-writer",
  "$TOKEN-reads",
  "$TOKEN-writes",
  "$TOKEN-ann",
] as const;

/** A token runs out, or another is handed in, and whoever had it goes on. */
function goOn(random: Random): Step[] {
  const isOver = random.below(2) === 0;
  const token = isOver ? random.pick(["$TOKEN-soon", "$TOKEN-later"]) : random.pick(PARTIAL);
  const steps: Step[] = [{ do: "send", text: `40{"token":"${token}"}` }];
  if (!isOver || random.below(3) === 0) steps.push({ do: "send", text: renewal(random, "1") });
  const milliseconds = random.pick([1_000, 3_000, 31_000]);
  if (isOver) steps.push({ do: random.below(3) === 0 ? "pass" : "late", milliseconds });
  steps.push({ do: "send", text: `42${event(random)}` });
  return steps;
}

/** Any packet, in text. */
export function packet(random: Random): string {
  switch (random.below(13)) {
    case 0:
      return random.pick(ENGINE);
    case 12:
      return renewal(random, head(random));
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
  return `40${random.pick(NAMESPACES)}${random.below(4) === 0 ? auth(random) : random.pick(AUTHS)}`;
}

/** With a credential. */
function auth(random: Random): string {
  const more = ["", "", ',"offset":"0"', ',"pid":"$PID"', ',"rewind":2', ',"presence":true'];
  return `{"token":"${credential(random)}"${more[random.below(more.length)]}}`;
}

/** A fresh token, or what is none (AUTH-8). */
function renewal(random: Random, head: string): string {
  const token = random.below(6) === 0 ? randomJson(random, 1) : `"${credential(random)}"`;
  return `42${head}["roomlog:auth",{"token":${token}}]`;
}

function head(random: Random): string {
  return random.pick(NAMESPACES) + random.pick(ACK_IDS);
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
