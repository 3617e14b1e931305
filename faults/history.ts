/**
 * What happened in a round, as seen from outside: by those who publish and those who read. Kept by
 * the harness, judged by the checker, written as one line of JSON each. Times are milliseconds of
 * one process's monotonic clock.
 */

/** `process-counter`, such as `p3-17`: the only argument of each event that is published. */
export type Value = string;

export type Entry =
  /**
   * The first try to publish it; all tries of one value have one key. `doomed` if it has to be
   * refused, as its key was another value's before; `perhaps` if that depends on what others do.
   */
  | {
      readonly type: "sent";
      readonly at: number;
      readonly value: Value;
      readonly doomed?: "surely" | "perhaps";
    }
  | {
      readonly type: "acked";
      readonly at: number;
      readonly value: Value;
      readonly offset: string;
      readonly duplicate: boolean;
    }
  /** A final refusal: this value must never be seen. */
  | {
      readonly type: "refused";
      readonly at: number;
      readonly value: Value;
      readonly code: string;
    }
  /** A try got no answer. */
  | { readonly type: "retried"; readonly at: number; readonly value: Value }
  /** Sent as an event that is not logged. */
  | { readonly type: "whispered"; readonly at: number; readonly value: Value }
  /**
   * A reader's socket was let in. `connection` is new each time; `asked` is the offset it came
   * with, null if it left that to its pid.
   */
  | {
      readonly type: "joined";
      readonly at: number;
      readonly reader: string;
      readonly connection: number;
      readonly asked: string | null;
      readonly recovered: boolean;
    }
  | {
      readonly type: "delivered";
      readonly at: number;
      readonly reader: string;
      readonly connection: number;
      readonly value: Value;
      readonly offset: string;
      /** The last packets as they came, if another reader got something else under this offset. */
      readonly raw?: readonly string[];
    }
  /** An event that is not logged arrived; its offset is how far the reader has come (SUB-8). */
  | {
      readonly type: "overheard";
      readonly at: number;
      readonly reader: string;
      readonly connection: number;
      readonly value: Value;
      readonly offset: string;
    }
  /** `roomlog:gap` (SUB-6). */
  | {
      readonly type: "gap";
      readonly at: number;
      readonly reader: string;
      readonly connection: number;
      readonly first: string | null;
      readonly head: string;
      readonly reason: string;
    }
  /** `roomlog:live` (SUB-7). */
  | {
      readonly type: "live";
      readonly at: number;
      readonly reader: string;
      readonly connection: number;
      readonly offset: string;
    }
  | { readonly type: "fault"; readonly at: number; readonly kind: string; readonly detail: string }
  /** The log as it stands in the end, read over HTTP. */
  | {
      readonly type: "log";
      readonly at: number;
      readonly first: string | null;
      readonly head: string;
      readonly events: readonly { readonly offset: string; readonly value: Value }[];
    };

export type EntryOf<T extends Entry["type"]> = Extract<Entry, { readonly type: T }>;

export type History = readonly Entry[];
