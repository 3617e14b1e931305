/** Bindings and variables of a deployment, and the settings read from them. */
import * as v from "valibot";
import type { AccessSettings } from "./auth/access.ts";
import { Scope } from "./auth/scope.ts";
import { readTokenSettings, TOKEN_VARIABLES } from "./auth/token-settings.ts";
import { RelayError } from "./errors.ts";
import { type Limits, MOST_ROOMS } from "./limits/limits.ts";
import type { Rate } from "./limits/rate.ts";
import type { Room } from "./platform/room.ts";
import { MAX_ATTACHMENTS } from "./protocol/attachments.ts";
import { FORMATS } from "./protocol/format.ts";
import { isNamespace, isRoomPattern } from "./protocol/names.ts";
import type { SessionSettings } from "./session/host.ts";
import type { RoomBehaviour, RoomSettings } from "./settings.ts";

/** What the Worker asks of a room's object, whatever events the room's class has. */
export type RoomObject = Rpc.DurableObjectBranded &
  Pick<
    Room,
    | "publish"
    | "history"
    | "stream"
    | "info"
    | "configure"
    | "renew"
    | "listSockets"
    | "disconnectSockets"
    | "moveSockets"
    | "metrics"
  >;

/** What `wrangler.toml`, `wrangler secret put` and `npm start` provide. */
export interface Env {
  readonly ROOMS: DurableObjectNamespace<RoomObject>;
  /** Optional: how often one address may ask (HTTP-30). */
  readonly RATE_LIMITER?: RateLimit;
  /** Optional: where rooms write what they have counted. */
  readonly ANALYTICS?: AnalyticsEngineDataset;
  /** Secret: JSON array of `{ id, hash, scope?, rooms? }`, as `npm run key` prints them. */
  readonly API_KEYS?: string;
  /** Secret: what tokens are signed with (HS256); several, separated by white space, for rotation. */
  readonly JWT_SECRET?: string;
  /** Or public keys that verify them, as a JSON Web Key Set … */
  readonly JWT_JWKS?: string;
  /** … or where that is fetched from. */
  readonly JWT_JWKS_URL?: string;
  /** The one algorithm of tokens: with public keys `ES256`, `RS256` or `EdDSA`. */
  readonly JWT_ALGORITHM?: string;
  /** What a token's `iss` has to be, if it matters. */
  readonly JWT_ISSUER?: string;
  /** What a token's `aud` has to be or to hold, if it matters. */
  readonly JWT_AUDIENCE?: string;
  /** What may be done without a key or token: `none` (the default), `read` or `write` (both, and presence). */
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
  /** Milliseconds until a session that has joined no namespace is ended. Default 45,000. */
  readonly CONNECT_TIMEOUT?: string;
  /** Bytes that one message may have, or the attachments of one together. Default 1,000,000. */
  readonly MAX_PAYLOAD?: string;
  /** Days for which events are kept; default 7. A fraction is fine. */
  readonly KEEP_DAYS?: string;
  /** How many events are kept; default 100,000. */
  readonly KEEP_EVENTS?: string;
  /** How many bytes of events are kept; default 256,000,000. */
  readonly KEEP_BYTES?: string;
  /** One resume is sent at most so many events; default 100,000. */
  readonly REPLAY_LIMIT?: string;
  /** Milliseconds for which one that left without a word may come back unnoticed; default 10,000. */
  readonly PRESENCE_GRACE?: string;
  /** Bytes of a room's database above which new events are refused; default 9,000,000,000. */
  readonly STORAGE_LIMIT?: string;
  /** Does who emits an event get it as well? `true` or `false` (the default). */
  readonly ECHO?: string;
  /** Does the log tell what errors of a room and its code say? `true` or `false` (the default). */
  readonly ERROR_MESSAGES?: string;
  /** Sockets that a room takes; default 10,000. */
  readonly MAX_SOCKETS?: string;
  /** … of one identity; default 1,000. */
  readonly MAX_SOCKETS_PER_IDENTITY?: string;
  /** Sessions of a room that have joined nothing yet; default 5,000. */
  readonly MAX_HANDSHAKES?: string;
  /** … from one address; default 1,000. */
  readonly MAX_HANDSHAKES_PER_ADDRESS?: string;
  /** Namespaces that one session joins; default 16. */
  readonly MAX_NAMESPACES?: string;
  /** Rooms that one socket is in; default 256. */
  readonly MAX_ROOMS?: string;
  /** Binary arguments of one event; default 10, which is all that clients take. */
  readonly MAX_ATTACHMENTS?: string;
  /** Events, or sockets, in one page over HTTP; default 1,000. */
  readonly MAX_PAGE?: string;
  /** Packets a second, of one session, that ask for no answer; default 1,000. */
  readonly PACKET_RATE?: string;
  /** So many of them at once; default five seconds' worth. */
  readonly PACKET_BURST?: string;
  /** Events a second of one identity; default 2,000. */
  readonly EMIT_RATE?: string;
  /** So many of them at once; default 500,000, or five seconds' worth of a rate that is set. */
  readonly EMIT_BURST?: string;
  /** Events a second of a whole room; default 10,000. */
  readonly ROOM_EMIT_RATE?: string;
  /** So many of them at once; default 2,000,000, or five seconds' worth. */
  readonly ROOM_EMIT_BURST?: string;
}

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

/** Where the settings are read: a Worker's requests can't wait for one another, an object's can. */
type Place = "worker" | "object";

/**
 * Reads and checks the settings.
 * @param code what the room's code sets; the deployment's variables go before it
 * @throws RelayError `misconfigured`, which names the variables
 */
export function readConfig(env: Env, code: RoomSettings = {}, place: Place = "worker"): Config {
  const result = v.safeParse(Variables, env);
  if (!result.success) {
    // The values stay out of the message: one of them is a secret.
    throw misconfigured(new Set(result.issues.map((issue) => String(issue.path?.[0]?.key))));
  }
  const given = result.output;
  const tokens = readTokenSettings(given, { now: () => Date.now(), joint: place === "object" });
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
export function configReader(code: RoomSettings = {}): (env: Env) => Config {
  const configs = new WeakMap<Env, Config>();
  return (env) => {
    const known = configs.get(env);
    if (known !== undefined) return known;
    const config = readConfig(env, code);
    configs.set(env, config);
    return config;
  };
}
