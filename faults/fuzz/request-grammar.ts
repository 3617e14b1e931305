// Makes up HTTP requests: mostly what the routes take, and near it what they don't.
import type { Random } from "../../test/support/random.ts";
import { randomJson } from "../../test/support/random-json.ts";
import type { RequestInput } from "./input.ts";
import { mutateText } from "./mutate.ts";

const METHODS = [
  "GET",
  "GET",
  "POST",
  "POST",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "HEAD",
] as const;

const PATHS = [
  "/rooms/lobby/events",
  "/rooms/lobby/events",
  "/rooms/lobby/events",
  "/rooms/lobby/events",
  "/rooms/lobby/socket.io/",
  "/rooms/lobby/socket.io/",
  "/socket.io/",
  "/rooms/lobby",
  "/rooms/lobby/",
  "/rooms/%2e%2e/events",
  "/rooms/a%00b/events",
  "/rooms/__proto__/events",
  "/rooms/%ff",
  "/rooms/a%2fb/events",
  "/rooms/lobby/events/1",
  "/rooms/lobby/sockets",
  "/rooms/lobby/sockets",
  "/rooms/lobby/sockets/$SID",
  "/healthz",
  "/",
] as const;

const QUERIES = [
  "",
  "?EIO=4&transport=polling",
  "?EIO=4&transport=polling&sid=$SID",
  "?EIO=4&transport=polling&format=envelope",
  "?EIO=3&transport=polling",
  "?EIO=4&transport=__proto__",
  "?EIO=4&transport=polling&room=%2e",
  "?after=0",
  "?after=$HEAD",
  "?after=$EPOCH-99999",
  "?before=$HEAD&order=desc&limit=3",
  "?limit=1e3",
  "?limit=-1",
  "?limit=0",
  "?limit=abc",
  "?event=chat&namespace=/orders",
  "?after=%ff&__proto__=1",
  "?after=1&after=2",
] as const;

type Header = readonly [string, string];

const HEADERS: readonly [Header, ...Header[]] = [
  ["content-type", "application/json"],
  ["content-type", "application/json; charset=utf-8"],
  ["content-type", "text/plain"],
  ["content-type", "application/octet-stream"],
  ["content-encoding", "gzip"],
  ["content-length", "99999999999"],
  ["content-length", "x"],
  ["origin", "https://app.example"],
  ["origin", "https://evil.example"],
  ["origin", "null"],
  ["authorization", "Bearer $KEY"],
  ["authorization", "Bearer $KEY"],
  ["authorization", "Bearer a.b"],
  ["authorization", "Basic x"],
  ["idempotency-key", "k"],
  ["idempotency-key", ""],
  ["idempotency-key", "a,b"],
  ["access-control-request-method", "POST"],
  ["accept", "text/event-stream"],
  ["last-event-id", "$HEAD"],
];

const NAMES = ["chat", "typing", "connect", "roomlog:x", "__proto__", ""] as const;

export function randomRequest(random: Random): RequestInput {
  const method = random.pick(METHODS);
  const headers: Header[] = [];
  if (random.below(4) > 0) headers.push(HEADERS[0]);
  for (let n = random.below(3); n > 0; n--) headers.push(random.pick(HEADERS));
  const target = random.pick(PATHS) + random.pick(QUERIES);
  const body = method === "GET" || method === "HEAD" ? null : randomBody(random);
  return { kind: "request", method, target, headers, body };
}

function randomBody(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return randomJson(random, 3);
    case 1:
      return `{"events":[${Array.from({ length: random.below(4) }, () => randomEvent(random)).join()}]}`;
    case 2:
      return random.pick(["", "null", "{", "40", '42["chat"]', "1", "[".repeat(5_000)]);
    default:
      return randomEvent(random);
  }
}

function randomEvent(random: Random): string {
  const members = [`"event":"${random.pick(NAMES)}"`];
  const optional = [
    () => `"args":[${randomJson(random, 2)}]`,
    () => `"data":${randomJson(random, 2)}`,
    () => `"namespace":"${random.pick(["/", "/orders", "x", ""])}"`,
    () => `"idempotencyKey":"${random.pick(["k", "k2", "", "\\u0000"])}"`,
    () => `"ephemeral":${random.pick(["true", "false", "1"])}`,
    () => `"to":${random.pick(['"a"', '["a","b"]', "[]", "{}"])}`,
    () => `"except":${random.pick(['"a"', '[""]', "7"])}`,
    () => `"ifHead":"${random.pick(["$HEAD", "$EPOCH-0", "0", "x"])}"`,
    () => '"args":[{"_placeholder":true,"num":0}],"attachments":["AQI="]',
    () => `"attachments":["${random.pick(["!", "AQI=", ""])}"]`,
    () => `"__proto__":${randomJson(random, 1)}`,
  ] as const;
  for (let n = random.below(4); n > 0; n--) members.push(random.pick(optional)());
  return `{${members.join(",")}}`;
}

export function mutateRequest(random: Random, input: RequestInput): RequestInput {
  switch (random.below(5)) {
    case 0:
      return { ...input, target: `/${mutateText(random, input.target.slice(1))}` };
    case 1:
      return { ...input, headers: [...input.headers, random.pick(HEADERS)] };
    case 2: {
      const headers = input.headers.map(
        ([name, value]) => [name, mutateText(random, value)] as const,
      );
      return { ...input, headers };
    }
    case 3:
      return { ...randomRequest(random), target: input.target };
    default:
      return input.body === null
        ? randomRequest(random)
        : { ...input, body: mutateText(random, input.body) };
  }
}
