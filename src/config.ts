/** The settings, checked: a deployment's variables go before what a room's code sets, and that before the defaults. */
import * as v from "valibot";
import type { AccessSettings } from "./auth/access.ts";
import { Scope } from "./auth/scope.ts";
import { readTokenSettings, TOKEN_VARIABLES } from "./auth/token-settings.ts";
import { takes } from "./auth/variable.ts";
import { RelayError } from "./errors.ts";
import { type Limits, MOST_ROOMS } from "./limits/limits.ts";
import type { Rate } from "./limits/rate.ts";
import { MAX_ATTACHMENTS } from "./protocol/attachments.ts";
import { FORMATS } from "./protocol/format.ts";
import { isNamespace, isRoomPattern } from "./protocol/names.ts";
import type { SessionSettings } from "./session/host.ts";
import type { RoomBehaviour, RoomSettings } from "./settings.ts";

export type Config = {
  readonly access: AccessSettings;
  readonly origins: readonly string[];
  /** Does the log tell what errors of a room and its code say? */
  readonly errorMessages: boolean;
  readonly room: RoomBehaviour;
  readonly session: SessionSettings;
};

const DAY = 24 * 60 * 60 * 1_000;

/** Where neither the deployment nor the room's code says anything. */
const DEFAULTS = {
  namespaces: ["*"],
  ephemeral: [],
  echo: false,
  recovery: true,
  format: "args",
  pingInterval: 25_000,
  pingTimeout: 20_000,
  connectTimeout: 45_000,
  maxPayload: 1_000_000,
  handlerTimeout: 30_000,
  replayLimit: 100_000,
  presenceGrace: 10_000,
  storageLimit: 9_000_000_000,
  keep: { age: 7 * DAY, events: 100_000, bytes: 256_000_000 },
  limits: {
    sockets: 10_000,
    socketsPerIdentity: 1_000,
    handshakes: 5_000,
    handshakesPerAddress: 1_000,
    namespaces: 16,
    rooms: 256,
    attachments: MAX_ATTACHMENTS,
    page: 1_000,
    packets: { perSecond: 1_000, burst: 5_000 },
    // These bound a bill, not a peak: they stop who never stops.
    emits: { perSecond: 2_000, burst: 500_000 },
    roomEmits: { perSecond: 10_000, burst: 2_000_000 },
  },
} as const satisfies Required<RoomSettings> & { readonly limits: Limits };

/** A row of the log has 2 MB, and an event is one row. */
const LARGEST_PAYLOAD = 1_900_000;

/** In milliseconds: an hour. */
const LONGEST_GRACE = 3_600_000;

/** Nothing that is counted goes further. */
const MOST = 999_999_999;
/** An object's database may have 10 GB. */
const MOST_BYTES = 9_500_000_000;
/** An object takes 32,768 WebSockets. */
const MOST_SOCKETS = 32_000;

function whole(from: number, to = MOST) {
  return takes(
    `a whole number from ${from} to ${to}`,
    v.pipe(
      v.string(),
      v.regex(/^\d{1,10}$/),
      v.transform(Number),
      v.minValue(from),
      v.maxValue(to),
    ),
  );
}

function oneOf<const T extends string>(...words: readonly T[]) {
  return takes(`one of ${words.join(", ")}`, v.picklist(words));
}

const flag = takes(
  "true or false",
  v.pipe(
    v.picklist(["true", "false"]),
    v.transform((text) => text === "true"),
  ),
);
const milliseconds = whole(50);
const count = whole(1);
const bytes = whole(0, MOST_BYTES);
const sockets = whole(1, MOST_SOCKETS);

/** A list such as `a b, c`. */
const words = v.pipe(
  v.string(),
  v.transform((list) => list.split(/[\s,]+/).filter((word) => word !== "")),
);

/** Is it written as browsers send it: else it would never be met? */
function isOrigin(text: string): boolean {
  if (text === "*" || text === "null") return true;
  const url = URL.parse(text);
  if (url === null || text.includes("*")) return false;
  // An app's own scheme, as in `capacitor://localhost`, has no origin for URL.
  return url.origin === "null"
    ? /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*$/.test(text)
    : url.origin === text;
}

const ENTRIES = "takes a JSON array of the entries that npm run key prints";

const ApiKeys = v.array(
  v.strictObject(
    {
      id: v.pipe(
        v.string("has an id that is no string"),
        v.regex(/^[A-Za-z0-9_-]{1,64}$/, "has an id that is not 1 to 64 of A-Z a-z 0-9 _ -"),
      ),
      hash: v.pipe(
        v.string("has a hash that is no string"),
        v.regex(/^[0-9a-f]{64}$/, "has a hash that is not 64 of 0-9 a-f, a SHA-256"),
      ),
      scope: v.optional(
        v.array(
          v.picklist(Scope.options, `has a scope that is none of ${Scope.options.join(", ")}`),
          "has a scope that is no array",
        ),
        ["read", "write"],
      ),
      rooms: v.optional(
        v.pipe(
          v.array(
            v.pipe(
              v.string("has a room that is no string"),
              v.check(isRoomPattern, "has a room that is neither a name nor a pattern with *"),
            ),
            "has rooms that are no array",
          ),
          v.maxLength(64, "has more than 64 rooms"),
        ),
        ["*"],
      ),
    },
    "has to be an object with id and hash, and maybe scope and rooms; nothing else",
  ),
  `is no array; ${ENTRIES}`,
);

const Variables = v.object({
  API_KEYS: v.optional(
    v.pipe(v.string(ENTRIES), v.parseJson(undefined, `is not JSON; ${ENTRIES}`), ApiKeys),
    "[]",
  ),
  ...TOKEN_VARIABLES,
  ANONYMOUS: oneOf("none", "read", "write"),
  ORIGINS: takes(
    "origins such as https://app.example, with a scheme and without a slash at the end, or *",
    v.pipe(words, v.array(v.pipe(v.string(), v.check(isOrigin)))),
  ),
  NAMESPACES: takes(
    "namespaces such as /orders, which begin with a slash, or *",
    v.pipe(
      words,
      v.array(
        v.pipe(
          v.string(),
          v.check((name) => name === "*" || isNamespace(name)),
        ),
      ),
    ),
  ),
  EPHEMERAL: takes("names of events", words),
  FORMAT: oneOf(...FORMATS),
  PING_INTERVAL: milliseconds,
  PING_TIMEOUT: milliseconds,
  CONNECT_TIMEOUT: milliseconds,
  MAX_PAYLOAD: whole(1_000, LARGEST_PAYLOAD),
  KEEP_DAYS: takes(
    "a number of days, from a second to 99999",
    v.pipe(
      v.string(),
      v.regex(/^\d{1,5}(\.\d{1,6})?$/),
      v.transform((days) => Number(days) * DAY),
      v.minValue(1_000),
    ),
  ),
  STORAGE_LIMIT: bytes,
  REPLAY_LIMIT: count,
  PRESENCE_GRACE: whole(0, LONGEST_GRACE),
  KEEP_EVENTS: count,
  KEEP_BYTES: bytes,
  ECHO: flag,
  ERROR_MESSAGES: flag,
  MAX_SOCKETS: sockets,
  MAX_SOCKETS_PER_IDENTITY: sockets,
  MAX_HANDSHAKES: sockets,
  MAX_HANDSHAKES_PER_ADDRESS: sockets,
  MAX_NAMESPACES: whole(1, 64),
  MAX_ROOMS: whole(1, MOST_ROOMS),
  MAX_ATTACHMENTS: whole(0, MAX_ATTACHMENTS),
  MAX_PAGE: whole(1, 10_000),
  PACKET_RATE: count,
  PACKET_BURST: count,
  EMIT_RATE: count,
  EMIT_BURST: count,
  ROOM_EMIT_RATE: count,
  ROOM_EMIT_BURST: count,
});

const ANONYMOUS_SCOPE = { none: [], read: ["read"], write: ["read", "write", "presence"] } as const;

/**
 * Reads and checks the settings.
 * @param env bindings and variables, as env.ts has them
 * @param code what the room's code sets; the deployment's variables go before it
 * @throws RelayError `misconfigured`, which names the variables
 */
export function readConfig(env: object, code: RoomSettings = {}): Config {
  const result = v.safeParse(Variables, env);
  if (!result.success) throw misconfigured(wrongIn(result.issues));
  const given = result.output;
  const tokens = readTokenSettings(given, { now: () => Date.now() });
  if (typeof tokens === "object") throw misconfigured([tokens.wrong]);
  const base: Required<RoomSettings> = { ...DEFAULTS, ...code };
  return {
    access: { keys: given.API_KEYS, anonymous: ANONYMOUS_SCOPE[given.ANONYMOUS ?? "none"], tokens },
    origins: given.ORIGINS ?? [],
    errorMessages: given.ERROR_MESSAGES ?? false,
    room: {
      namespaces: given.NAMESPACES ?? base.namespaces,
      ephemeral: given.EPHEMERAL ?? base.ephemeral,
      echo: given.ECHO ?? base.echo,
      format: given.FORMAT ?? base.format,
      recovery: base.recovery,
      handlerTimeout: base.handlerTimeout,
      replayLimit: given.REPLAY_LIMIT ?? base.replayLimit,
      presenceGrace: given.PRESENCE_GRACE ?? base.presenceGrace,
      storageLimit: given.STORAGE_LIMIT ?? base.storageLimit,
      retention: {
        age: given.KEEP_DAYS ?? base.keep.age ?? DEFAULTS.keep.age,
        events: given.KEEP_EVENTS ?? base.keep.events ?? DEFAULTS.keep.events,
        bytes: given.KEEP_BYTES ?? base.keep.bytes ?? DEFAULTS.keep.bytes,
      },
      limits: readLimits(given, { ...DEFAULTS.limits, ...base.limits }),
    },
    session: {
      pingInterval: given.PING_INTERVAL ?? base.pingInterval,
      pingTimeout: given.PING_TIMEOUT ?? base.pingTimeout,
      maxPayload: given.MAX_PAYLOAD ?? base.maxPayload,
      connectTimeout: given.CONNECT_TIMEOUT ?? base.connectTimeout,
      upgradeTimeout: 10_000,
    },
  };
}

/** A burst that nobody sets is so many seconds' worth. */
const BURST_SECONDS = 5;

function readLimits(given: v.InferOutput<typeof Variables>, base: Limits): Limits {
  const rate = (perSecond: number | undefined, burst: number | undefined, base: Rate) => ({
    perSecond: perSecond ?? base.perSecond,
    // Who sets a rate alone means that one, and no burst of another.
    burst: burst ?? (perSecond === undefined ? base.burst : perSecond * BURST_SECONDS),
  });
  return {
    sockets: given.MAX_SOCKETS ?? base.sockets,
    socketsPerIdentity: given.MAX_SOCKETS_PER_IDENTITY ?? base.socketsPerIdentity,
    handshakes: given.MAX_HANDSHAKES ?? base.handshakes,
    handshakesPerAddress: given.MAX_HANDSHAKES_PER_ADDRESS ?? base.handshakesPerAddress,
    namespaces: given.MAX_NAMESPACES ?? base.namespaces,
    rooms: given.MAX_ROOMS ?? base.rooms,
    attachments: given.MAX_ATTACHMENTS ?? base.attachments,
    page: given.MAX_PAGE ?? base.page,
    packets: rate(given.PACKET_RATE, given.PACKET_BURST, base.packets),
    emits: rate(given.EMIT_RATE, given.EMIT_BURST, base.emits),
    roomEmits: rate(given.ROOM_EMIT_RATE, given.ROOM_EMIT_BURST, base.roomEmits),
  };
}

/** What is wrong with each variable, once. Of a list's entry only its place is told. */
function wrongIn(issues: readonly v.BaseIssue<unknown>[]): string[] {
  const wrong = new Map<string, string>();
  for (const { path, message } of issues) {
    const [name, entry] = path?.map(({ key }) => key) ?? [];
    const where = typeof entry === "number" ? `, entry ${entry + 1}` : "";
    const variable = String(name);
    if (!wrong.has(variable)) wrong.set(variable, `${variable}${where}: ${message}`);
  }
  return [...wrong.values()];
}

function misconfigured(wrong: readonly string[]): RelayError {
  return new RelayError("misconfigured", `${wrong.join(". ")}. See docs/operations.md, Settings`);
}

/** As `readConfig`, read once: the bindings are one object for an isolate's life. */
export function configReader(code: RoomSettings = {}): (env: object) => Config {
  const configs = new WeakMap<object, Config>();
  return (env) => {
    const known = configs.get(env);
    if (known !== undefined) return known;
    const config = readConfig(env, code);
    configs.set(env, config);
    return config;
  };
}
