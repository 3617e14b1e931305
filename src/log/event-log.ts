/** The log's port. It is synchronous by type: in a Durable Object, synchronous means atomic. */

import type { Attachments } from "../protocol/attachments.ts";

/** An event about to be logged. */
export type NewEvent = {
  readonly namespace: string;
  /** JSON text of `[name, ...args]`, kept byte for byte. */
  readonly data: string;
  /** What the placeholders in `data` stand for. */
  readonly attachments: Attachments;
  /** Whom it is for; null for all in its namespace. */
  readonly audience: Audience | null;
  /** Id of the socket that emitted it; null for a publish over HTTP. */
  readonly sender: string | null;
  readonly publication: Publication | null;
};

/** Sockets by room or id: those in one of `to` (all, if it is empty) and in none of `except`. */
export type Audience = { readonly to: readonly string[]; readonly except: readonly string[] };

/** How a retry is recognised: keys of different identities never meet (EMIT-3). */
export type Publication = {
  readonly identity: string;
  readonly key: string;
  /** Look for the key in all of the log behind this seq, however old (EMIT-4). */
  readonly after: number | null;
  /** Digest of what the publisher sent, where the event to log says something else. */
  readonly digest: number | null;
};

/** An event in the log. */
export type LoggedEvent = {
  readonly seq: number;
  /** When it was logged, in milliseconds since 1970. */
  readonly time: number;
  readonly namespace: string;
  readonly sender: string | null;
  readonly audience: Audience | null;
  readonly data: string;
  readonly attachments: Attachments;
};

/** What became of an append. */
export type Appended = { readonly kind: "appended"; readonly event: LoggedEvent } | Known;

/** An event whose key is in the log already. */
export type Known =
  /** The key is known; `seq` is the first one's. */
  { readonly kind: "duplicate"; readonly seq: number } | KeyRefused;

/** Why a key gets no event into the log. */
export type KeyRefused =
  /** It is known, with other content. */
  | { readonly kind: "key_reused" }
  /** It tells that it was made when events were logged whose keys are forgotten (EMIT-4). */
  | { readonly kind: "key_expired" };

/** Which events to read. Bounds are exclusive seqs. */
export type Read = {
  readonly after?: number;
  readonly before?: number;
  readonly order?: "asc" | "desc";
  readonly namespace?: string;
  /** Only events of this name. */
  readonly event?: string;
  /** Only events that are for all in their namespace. */
  readonly forAll?: boolean;
  readonly limit: number;
  /** Stop once the events read hold this many characters and bytes; at least one is read. */
  readonly maxChars?: number;
};

/** The ordered log of one room. */
export interface EventLog {
  /** Changes only when continuity is lost, by `renew`. */
  readonly epoch: string;
  /** Seq of the newest event ever logged, 0 before the first; never reused in its epoch. */
  readonly head: number;
  /** Seq of the oldest event kept, `head + 1` when there is none. */
  readonly first: number;
  /** Runs `turn` as one transaction: all of its appends become durable together, or none does. */
  transaction<T>(turn: () => T): T;
  append(event: NewEvent, time: number): Appended;
  /** What `append` would find, were it to find this event's key. */
  find(event: NewEvent): Known | undefined;
  read(query: Read): LoggedEvent[];
  /** How many events are not yet counted in what `measure` found last. */
  readonly unmeasured: number;
  /** Counts the stored bytes of the events that are kept. */
  measure(): number;
  /** The oldest events that are kept. */
  oldest(limit: number): StoredSize[];
  /**
   * Drops the events up to `seq`, inclusive. Only a prefix ever goes. Their keys are remembered for
   * as long as EMIT-4 promises.
   * @param now milliseconds since 1970
   */
  trim(seq: number, now: number): void;
  /**
   * Continuity is lost: begins a new epoch.
   * @param keep are the events and their keys kept? Else the log is empty, and begins at seq 1 again
   */
  renew(keep: boolean): void;
}

/** What an event costs to keep. */
export type StoredSize = { readonly seq: number; readonly time: number; readonly bytes: number };

/** What a row costs beside its text and its attachments, in bytes: about. */
export const ROW_BYTES = 100;

/** Keys of trimmed events are remembered for so long, in milliseconds (EMIT-4). */
export const KEYS_KEPT_FOR = 24 * 60 * 60 * 1_000;

/** A key is remembered for at least the newest so many keyed events (EMIT-4). */
export const KEY_WINDOW = 100_000;
