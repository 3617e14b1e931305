// Makes up HTTP requests: mostly what the routes take, and near it what they don't.
import type { Random } from "../../test/support/random.ts";
import { randomJson } from "../../test/support/random-json.ts";
import { credential } from "./credentials.ts";
import type { RequestInput } from "./input.ts";
import { mutateText, withOther } from "./mutate.ts";

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
  "/rooms/lobby/sockets/$SOCKET",
  "/rooms/lobby/epoch",
  "/rooms/lobby/metrics",
  "/rooms/hall",
  "/rooms/hall/events",
  "/rooms/hall/sockets",
  "/rooms/hall/socket.io/",
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
  "?wait=1&after=$HEAD",
  "?wait=60&after=$HEAD&event=none",
  "?identity=sub:ann1",
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
  ["authorization", "Bearer $KEY-some"],
  ["authorization", "Bearer $KEY-admin"],
  ["authorization", "Bearer $TOKEN-ann"],
  ["authorization", "Bearer a.b"],
  ["authorization", "Basic x"],
  ["idempotency-key", "k"],
  ["idempotency-key", ""],
  ["idempotency-key", "a,b"],
  ["access-control-request-method", "POST"],
  ["content-type", "application/x-ndjson"],
  ["accept", "text/event-stream"],
  ["accept", "application/x-ndjson"],
  ["last-event-id", "$HEAD"],
];

const NAMES = ["chat", "typing", "connect", "roomlog:x", "__proto__", ""] as const;

type Asked = Pick<RequestInput, "method" | "target" | "body"> & { readonly type?: string };

/** What only some may do, as it should be asked. */
const RESTRICTED: readonly [(random: Random) => Asked, ...((random: Random) => Asked)[]] = [
  () => ({ method: "GET", target: "/metrics", body: null }),
  () => ({ method: "GET", target: "", body: null }),
  () => ({ method: "GET", target: "/sockets", body: null }),
  () => ({ method: "GET", target: "/events?limit=3", body: null }),
  () => ({ method: "GET", target: "/events?after=0", body: null, type: "text/event-stream" }),
  () => ({ method: "GET", target: "/events", body: null, type: "application/x-ndjson" }),
  () => ({ method: "GET", target: "/events?wait=9&after=$HEAD", body: null }),
  (random) => ({ method: "POST", target: "/events", body: randomEvent(random) }),
  (random) => ({
    method: "POST",
    target: "/events",
    body: lines(random),
    type: "application/x-ndjson",
  }),
  (random) => ({ method: "PATCH", target: "", body: settings(random) }),
  (random) => ({ method: "PATCH", target: "", body: settings(random) }),
  (random) => ({ method: "DELETE", target: random.pick(["", "/epoch"]), body: null }),
  (random) => ({ method: "POST", target: random.pick(["/epoch", "/socket"]), body: null }),
  (random) => ({ method: "DELETE", target: whom(random), body: null }),
  (random) => ({ method: "POST", target: whom(random), body: move(random) }),
];

export function randomRequest(random: Random): RequestInput {
  return random.below(3) > 0 ? restricted(random) : anyRequest(random);
}

function restricted(random: Random): RequestInput {
  const room = random.pick(["lobby", "lobby", "lobby", "hall", "lobb"]);
  const { method, target, body, type = "application/json" } = random.pick(RESTRICTED)(random);
  const who =
    random.below(3) === 0 ? random.pick(["$KEY-admin", "$TOKEN-boss"]) : credential(random);
  const headers: Header[] = [
    [body === null ? "accept" : "content-type", type],
    ["authorization", `Bearer ${who}`],
  ];
  const past = random.below(4) === 0;
  return { kind: "request", method, target: `/rooms/${room}${target}`, headers, body, past };
}

function anyRequest(random: Random): RequestInput {
  const method = random.pick(METHODS);
  const headers: Header[] = [];
  if (random.below(4) > 0) headers.push(HEADERS[0]);
  for (let n = random.below(3); n > 0; n--) headers.push(random.pick(HEADERS));
  if (random.below(4) === 0) headers.push(["authorization", `Bearer ${credential(random)}`]);
  const target = random.pick(PATHS) + random.pick(QUERIES);
  const body = method === "GET" || method === "HEAD" ? null : randomBody(random);
  return { kind: "request", method, target, headers, body, past: random.below(8) === 0 };
}

/** A log's lines. */
function lines(random: Random): string {
  const line = () => {
    const seq = random.below(9);
    const from = random.pick(["$EPOCH", "other"]);
    const name = random.pick(['"chat"', '"typing"', "7", '"roomlog:x"']);
    return `{"offset":"${from}-${seq}","time":"","event":${name},"args":[${randomJson(random, 1)}]}`;
  };
  return Array.from({ length: 1 + random.below(3) }, line).join(random.pick(["\n", "\r\n\n"]));
}

function settings(random: Random): string {
  const members = [
    () => `"keep":{"events":${random.pick(["1", "5", "100", "null", "0"])}}`,
    () =>
      `"keep":{"days":${random.pick(["1", "0.00002", "null"])},"bytes":${random.pick(["9", "5000"])}}`,
    () => `"ephemeral":${random.pick(['["chat"]', '["*"]', "[]", "null", '[""]'])}`,
    () => `"namespaces":${random.pick(['["/orders"]', '["*"]', "[]", '["/"]', '["x"]'])}`,
    () => `"format":${random.pick(['"envelope"', '"args"', "null", '"x"'])}`,
    () => `"echo":${random.pick(["true", "false", "null", "1"])}`,
    () => `"replayLimit":${random.pick(["1", "3", "null", "1e9"])}`,
    () => `"webhook":"http://169.254.169.254/"`,
  ] as const;
  const some = Array.from({ length: 1 + random.below(2) }, () => random.pick(members)());
  return `{${some.join()}}`;
}

function whom(random: Random): string {
  return `/sockets${random.pick(["/$SOCKET", "/$SOCKET", "?identity=sub:ann1", "?identity=key:some", ""])}`;
}

function move(random: Random): string {
  const rooms = () => random.pick(['["a"]', '["a","b"]', "[]", '["$SOCKET"]', "{}"]);
  return `{"join":${rooms()},"leave":${rooms()}}`;
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
  switch (random.below(6)) {
    case 5:
      return { ...input, past: !input.past };
    case 0:
      return { ...input, target: `/${mutateText(random, input.target.slice(1))}` };
    case 1:
      return { ...input, headers: [...input.headers, random.pick(HEADERS)] };
    case 2: {
      const headers = input.headers.map(
        ([name, value]) => [name, mutateText(random, withOther(random, value))] as const,
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
