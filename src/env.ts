/** Bindings and variables of a deployment, and the settings read from them. */
import * as v from "valibot";
import type { AccessSettings } from "./auth/access.ts";
import { Scope } from "./auth/scope.ts";
import { RelayError } from "./errors.ts";
import type { RoomObject } from "./platform/room-object.ts";
import { FORMATS, type Format } from "./protocol/format.ts";
import { isNamespace } from "./protocol/names.ts";
import type { SessionSettings } from "./session/session.ts";

/** What `wrangler.toml`, `wrangler secret put` and `npm start` provide. */
export interface Env {
  readonly ROOMS: DurableObjectNamespace<RoomObject>;
  /** Secret: JSON array of `{ id, hash, scope?, rooms? }`, as `npm run key` prints them. */
  readonly API_KEYS?: string;
  /** What may be done without a key: `none` (the default), `read` or `write` (both). */
  readonly ANONYMOUS?: string;
  /** Browser origins that may connect beside the relay's own, separated by spaces; `*` for any. */
  readonly ORIGINS?: string;
  /** Namespaces that are open beside `/`, separated by spaces; `*`, the default, for any. */
  readonly NAMESPACES?: string;
  /** Names of events that are not logged, such as `typing cursor:*`; none by default. */
  readonly EPHEMERAL?: string;
  /** Form of events for connections that choose none: `args` (the default) or `envelope`. */
  readonly FORMAT?: string;
  /** Milliseconds between pings; under 10,000 a room with clients can't sleep. Default 25,000. */
  readonly PING_INTERVAL?: string;
  /** Milliseconds that a pong may take. Default 20,000. */
  readonly PING_TIMEOUT?: string;
}

export type Config = {
  readonly access: AccessSettings;
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
  readonly ephemeral: readonly string[];
  readonly format: Format;
  readonly session: SessionSettings;
};

/** Bytes that one message from a client may have; it is told so in the handshake. */
const MAX_PAYLOAD = 1_000_000;

const milliseconds = (fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+$/, "has to be milliseconds"),
      v.transform(Number),
      v.minValue(50),
    ),
    String(fallback),
  );

/** The words of a list such as `a b, c`. */
function words(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => word !== "");
}

const ApiKeys = v.array(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
    hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    scope: v.optional(v.array(Scope), ["read", "write"]),
    rooms: v.optional(
      v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.:~*-]{1,128}$/))), v.maxLength(64)),
      ["*"],
    ),
  }),
);

const Variables = v.object({
  API_KEYS: v.optional(v.pipe(v.string(), v.parseJson(), ApiKeys), "[]"),
  ANONYMOUS: v.optional(v.picklist(["none", "read", "write"]), "none"),
  ORIGINS: v.pipe(v.optional(v.string(), ""), v.transform(words)),
  NAMESPACES: v.pipe(
    v.optional(v.string(), "*"),
    v.transform(words),
    v.array(v.custom<string>((name) => name === "*" || isNamespace(String(name)))),
  ),
  EPHEMERAL: v.pipe(v.optional(v.string(), ""), v.transform(words)),
  FORMAT: v.optional(v.picklist(FORMATS), "args"),
  PING_INTERVAL: milliseconds(25_000),
  PING_TIMEOUT: milliseconds(20_000),
});

const ANONYMOUS_SCOPE = { none: [], read: ["read"], write: ["read", "write"] } as const;

/**
 * Reads and checks the settings.
 * @throws RelayError `misconfigured`, which names the variables
 */
export function readConfig(env: Env): Config {
  const result = v.safeParse(Variables, env);
  if (!result.success) {
    // The values stay out of the message: one of them is a secret.
    const names = new Set(result.issues.map((issue) => String(issue.path?.[0]?.key)));
    throw new RelayError("misconfigured", `check ${[...names].join(", ")} (docs/operations.md)`);
  }
  const { API_KEYS, ANONYMOUS, ORIGINS, NAMESPACES, EPHEMERAL, PING_INTERVAL, PING_TIMEOUT } =
    result.output;
  return {
    access: { keys: API_KEYS, anonymous: ANONYMOUS_SCOPE[ANONYMOUS] },
    origins: ORIGINS,
    namespaces: NAMESPACES,
    ephemeral: EPHEMERAL,
    format: result.output.FORMAT,
    session: {
      pingInterval: PING_INTERVAL,
      pingTimeout: PING_TIMEOUT,
      maxPayload: MAX_PAYLOAD,
      connectTimeout: 45_000,
      upgradeTimeout: 10_000,
    },
  };
}

/** The bindings are one object for an isolate's life: they are read once. */
const configs = new WeakMap<Env, Config>();

/** As `readConfig`, remembered. */
export function configOf(env: Env): Config {
  const known = configs.get(env);
  if (known !== undefined) return known;
  const config = readConfig(env);
  configs.set(env, config);
  return config;
}
