// What may be asked over HTTP, by whom, and with which answers.
import type { Scope } from "../../src/auth/scope.ts";
import { ERRORS, type ErrorCode } from "../../src/errors.ts";

/** What a request asks for. */
export type Asked = {
  readonly kind: "room" | "engine" | "other";
  readonly room: string;
  /** Undefined where no right is needed. */
  readonly scope: Scope | undefined;
  readonly statuses: readonly number[];
  /** Holds its answer what users have said? */
  readonly quotes: boolean;
};

export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
};

/** What any request can be answered: a wrong room, no right. */
const ANY = [400, 401, 403];

const BODY = [413, 415];

/** By method and what follows the room. */
const ROUTES: { readonly [route: string]: readonly [scope: Scope, ...statuses: number[]] } = {
  "GET ": ["read", 200],
  "PATCH ": ["admin", 200, ...BODY],
  "DELETE ": ["admin", 200],
  "POST /epoch": ["admin", 200],
  "GET /metrics": ["admin", 200],
  "GET /events": ["read", 200, 410],
  "POST /events": ["write", 200, 201, 412, 422, 429, ...BODY],
  "GET /sockets": ["presence", 200],
  "DELETE /sockets": ["admin", 200],
  "POST /sockets": ["admin", 200, 422, ...BODY],
  "DELETE /sockets/:id": ["admin", 200, 404],
  "POST /sockets/:id": ["admin", 200, 404, 422, ...BODY],
};

const PATH = /^\/rooms\/([^/]+)(|\/events|\/sockets|\/sockets\/[^/]+|\/epoch|\/metrics)\/?$/;

const ENGINE = /^(?:\/rooms\/[^/]+)?\/socket\.io\/?$/;

const QUOTING = ["GET /events", "GET /sockets"];

/** The one origin that is on the list. */
export const LISTED = "https://app.example";

export function askedBy({ method, url, headers }: Request): Asked {
  const { pathname: path, origin: own } = new URL(url);
  // One slash more at its end changes nothing.
  const pathname = decoded(path, decodeURI).replace(/\/$/, "");
  const none = { room: "", scope: undefined, quotes: false };
  const origin = headers.get("origin") ?? own;
  if (origin !== own && origin !== LISTED) {
    const kind = ENGINE.test(pathname) ? "engine" : "other";
    return { ...none, kind, statuses: [400, 403] };
  }
  if (method === "OPTIONS") return { ...none, kind: "other", statuses: [204] };
  if (ENGINE.test(pathname)) {
    return { ...none, kind: "engine", statuses: [200, 400, 403, 413, 415, 503], quotes: true };
  }
  const [, room, rest = ""] = PATH.exec(pathname) ?? [];
  if (room === undefined) {
    return { ...none, kind: "other", statuses: [200, 404, 405] };
  }
  const pattern = rest.replace(/^\/sockets\/.*/, "/sockets/:id");
  const route = `${method === "HEAD" ? "GET" : method} ${pattern}`;
  const [scope, ...statuses] = ROUTES[route] ?? [];
  if (scope === undefined) return { ...none, kind: "other", statuses: [405] };
  const name = decoded(room, decodeURIComponent);
  const quotes = QUOTING.includes(route);
  return { kind: "room", room: name, scope, statuses: [...ANY, ...statuses], quotes };
}

/** What is wrong with an answer, whoever asked. */
export function wrongWith({ kind, statuses }: Asked, answer: Answer): string | undefined {
  const { status, type, body } = answer;
  if (!statuses.includes(status)) return "in no table";
  const isJson = type.includes("json") && type !== "application/x-ndjson" && body !== "";
  const value = isJson ? parsed(body) : undefined;
  if (isJson && value === undefined) return "with what is no JSON";
  if (type === "application/problem+json" && body !== "") {
    const { code, status: told } = value as { code: ErrorCode; status: number };
    if (!Object.hasOwn(ERRORS, code)) return "with a code that nobody knows";
    if (ERRORS[code].status !== status || told !== status) return `with ${code}`;
  } else if (status >= 400 && kind !== "engine" && body !== "") {
    return "without a reason";
  }
  return undefined;
}

/** Is it a refusal for want of a right? */
export function isForbidden({ status }: Answer): boolean {
  return status === 401 || status === 403;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}
