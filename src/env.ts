/** The bindings and variables of a deployment, as they come. What they mean is in config.ts. */
import type { Room } from "./platform/room.ts";

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
  /** Sessions of a room that are in no namespace; default 5,000. */
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
