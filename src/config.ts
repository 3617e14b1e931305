/** The settings, checked: a deployment's variables go before what a room's code sets, and that before the defaults. */
import * as v from "valibot";
import type { AccessSettings } from "./auth/access.ts";
import { Scope } from "./auth/scope.ts";
import { readTokenSettings, TOKEN_VARIABLES } from "./auth/token-settings.ts";
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

const natural = v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number));
/** An object's database may have 10 GB. */
const bytes = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,10}$/), v.transform(Number), v.maxValue(9_500_000_000)),
);
const flag = v.optional(
  v.pipe(
    v.picklist(["true", "false"]),
    v.transform((text) => text === "true"),
  ),
);
const milliseconds = v.optional(v.pipe(natural, v.minValue(50)));
const count = v.optional(v.pipe(natural, v.minValue(1)));
const upTo = (most: number) => v.optional(v.pipe(natural, v.minValue(1), v.maxValue(most)));
/** An object takes 32,768 WebSockets. */
const sockets = upTo(32_000);

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
      v.pipe(v.array(v.pipe(v.string(), v.check(isRoomPattern))), v.maxLength(64)),
      ["*"],
    ),
  }),
);

const Variables = v.object({
  API_KEYS: v.optional(v.pipe(v.string(), v.parseJson(), ApiKeys), "[]"),
  ...TOKEN_VARIABLES,
  ANONYMOUS: v.optional(v.picklist(["none", "read", "write"]), "none"),
  ORIGINS: v.pipe(v.optional(v.string(), ""), v.transform(words)),
  NAMESPACES: v.optional(
    v.pipe(
      v.string(),
      v.transform(words),
      v.array(v.custom<string>((name) => name === "*" || isNamespace(String(name)))),
    ),
  ),
  EPHEMERAL: v.optional(v.pipe(v.string(), v.transform(words))),
  FORMAT: v.optional(v.picklist(FORMATS)),
  PING_INTERVAL: milliseconds,
  PING_TIMEOUT: milliseconds,
  CONNECT_TIMEOUT: milliseconds,
  MAX_PAYLOAD: v.optional(v.pipe(natural, v.minValue(1_000), v.maxValue(LARGEST_PAYLOAD))),
  KEEP_DAYS: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,5}(\.\d{1,6})?$/),
      v.transform((days) => Number(days) * DAY),
      v.minValue(1_000),
    ),
  ),
  STORAGE_LIMIT: bytes,
  REPLAY_LIMIT: count,
  PRESENCE_GRACE: v.optional(v.pipe(natural, v.maxValue(LONGEST_GRACE))),
  KEEP_EVENTS: count,
  KEEP_BYTES: bytes,
  ECHO: flag,
  ERROR_MESSAGES: flag,
  MAX_SOCKETS: sockets,
  MAX_SOCKETS_PER_IDENTITY: sockets,
  MAX_HANDSHAKES: sockets,
  MAX_HANDSHAKES_PER_ADDRESS: sockets,
  MAX_NAMESPACES: upTo(64),
  MAX_ROOMS: upTo(MOST_ROOMS),
  MAX_ATTACHMENTS: v.optional(v.pipe(natural, v.maxValue(MAX_ATTACHMENTS))),
  MAX_PAGE: upTo(10_000),
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
  if (!result.success) {
    // The values stay out of the message: one of them is a secret.
    throw misconfigured(new Set(result.issues.map((issue) => String(issue.path?.[0]?.key))));
  }
  const given = result.output;
  const tokens = readTokenSettings(given, { now: () => Date.now() });
  if (typeof tokens === "object") throw misconfigured(tokens.wrong);
  const base: Required<RoomSettings> = { ...DEFAULTS, ...code };
  return {
    access: { keys: given.API_KEYS, anonymous: ANONYMOUS_SCOPE[given.ANONYMOUS], tokens },
    origins: given.ORIGINS,
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

function misconfigured(names: Iterable<string>): RelayError {
  return new RelayError("misconfigured", `check ${[...names].join(", ")} (docs/operations.md)`);
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
