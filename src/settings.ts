/** What the code of a room may set; a deployment's variables go before it. */
import type { Limits } from "./limits/limits.ts";
import type { Retention } from "./log/retention.ts";
import type { Format } from "./protocol/format.ts";

/** Times in milliseconds, sizes in bytes. */
export type RoomSettings = {
  /** Namespaces that are open beside `/`; `*` for any. Variable `NAMESPACES`. */
  readonly namespaces?: readonly string[];
  /** Names of events that are not logged; `*` for any run of characters. Variable `EPHEMERAL`. */
  readonly ephemeral?: readonly string[];
  /** Does who emits an event get it as well? Default: no. Variable `ECHO`. */
  readonly echo?: boolean;
  /** The form of events for connections that choose none. Variable `FORMAT`. */
  readonly format?: Format;
  /** Between pings; under 10,000 a room with clients can't sleep. Variable `PING_INTERVAL`. */
  readonly pingInterval?: number;
  /** How long a pong may take. Variable `PING_TIMEOUT`. */
  readonly pingTimeout?: number;
  /** A session that has joined no namespace by then is ended. Variable `CONNECT_TIMEOUT`. */
  readonly connectTimeout?: number;
  /** What one message may have, or the attachments of one together. Variable `MAX_PAYLOAD`. */
  readonly maxPayload?: number;
  /** One resume is sent at most so many of the log's events. Variable `REPLAY_LIMIT`. */
  readonly replayLimit?: number;
  /** For so long one that left without a word may come back unnoticed. Variable `PRESENCE_GRACE`. */
  readonly presenceGrace?: number;
  /** How long a handler of the room's may take. */
  readonly handlerTimeout?: number;
  /**
   * Bytes of the room's database, own tables included, above which new events are refused. Variable
   * `STORAGE_LIMIT`.
   */
  readonly storageLimit?: number;
  /** How long events are kept, how many, and how many bytes of them: whichever bites first. Variables `KEEP_DAYS`, `KEEP_EVENTS`, `KEEP_BYTES`. */
  readonly keep?: Partial<Retention>;
  /** How many sockets and sessions there may be, and how fast events may come. */
  readonly limits?: Partial<Limits>;
  /**
   * May clients resume? Without it frames are plain Socket.IO's: no pid, no offset, nothing is
   * replayed. Default: yes.
   */
  readonly recovery?: boolean;
};

/** What of it the room itself goes by. */
export type RoomBehaviour = Required<
  Pick<
    RoomSettings,
    | "namespaces"
    | "ephemeral"
    | "echo"
    | "format"
    | "recovery"
    | "replayLimit"
    | "handlerTimeout"
    | "presenceGrace"
    | "storageLimit"
  >
> & { readonly retention: Retention; readonly limits: Limits };

/** What may be set for one room alone, while it runs (HTTP-13). It goes before all else. */
export type OwnSettings = Partial<
  Pick<RoomBehaviour, "namespaces" | "ephemeral" | "echo" | "format" | "replayLimit">
> & { readonly keep?: Partial<Retention> };

/** What is not there stays; null goes back to what holds for the deployment. */
export type SettingsPatch = OrNull<Omit<OwnSettings, "keep">> & {
  readonly keep?: OrNull<Partial<Retention>> | null | undefined;
};

type OrNull<T> = { readonly [K in keyof T]?: T[K] | null | undefined };
