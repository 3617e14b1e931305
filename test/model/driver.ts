/** What the commands need of a room, wherever it runs. */
import type { HistoryRequest, HistoryResult } from "../../src/room/history.ts";
import type { PublishRequest, PublishResult } from "../../src/room/publish.ts";

/** A client's connection. */
export interface Link {
  readonly kind: "websocket" | "polling";
  /** Is it known to be over? */
  readonly closed: boolean;
  /** Sends Engine.IO packets. */
  send(...packets: string[]): void;
  /** Packets that have come since it was asked last. */
  take(): string[];
  /** Of a polling client: has a GET held, if none is. */
  fetch(): void;
  /** Of a polling client: probes with a WebSocket. The next call makes the switch. */
  upgrade(): void;
  /** The client is gone, without a word. */
  drop(): void;
}

export type Batch = {
  readonly events: readonly {
    readonly name: string;
    readonly args: readonly unknown[];
    readonly key: string | null;
    readonly ephemeral?: boolean;
  }[];
  readonly ifHead: string | null;
};

export type Log = {
  readonly first: string | null;
  readonly head: string;
  readonly events: readonly { readonly offset: string; readonly value: string }[];
};

export interface Driver {
  /** So many of the newest events are never trimmed. */
  readonly keeps: number;
  open(kind: Link["kind"]): Promise<Link>;
  /** As a backend does. */
  publish(batch: Batch): Promise<PublishResult>;
  /** The room's instance goes; WebSockets stay, what is on its way does not. */
  evict(): Promise<void>;
  /** The room's instance dies, and all connections with it. */
  crash(): Promise<void>;
  /** Time passes, in milliseconds, and what is due is done. */
  pass(milliseconds: number): Promise<void>;
  /** The offset of the newest event. */
  head(): Promise<string>;
  /** The whole log, as a backend reads it. */
  log(): Promise<Log>;
  /** All that is under way has been done. */
  settle(): Promise<void>;
  /** The next transaction fails, as on a disk that is full; false if this can't be had here. */
  failDisk(): boolean;
  /** The log is gone, and a new one begins; false if this can't be had here. */
  wipe(): boolean | Promise<boolean>;
}

/** A batch, as the Worker hands it to the object. */
export function requestOf({ events, ifHead }: Batch, identity: string): PublishRequest {
  return {
    claims: { identity, scope: ["read", "write"], rooms: ["*"] },
    ifHead,
    events: events.map(({ name, args, key, ephemeral = false }) => ({
      name,
      namespace: "/",
      data: JSON.stringify([name, ...args]),
      attachments: [],
      audience: null,
      idempotencyKey: key,
      ephemeral,
    })),
  };
}

/**
 * The log, read page by page.
 * @param read gives one page, as a backend gets it
 */
export async function readLog(
  read: (request: HistoryRequest) => HistoryResult | Promise<HistoryResult>,
): Promise<Log> {
  const claims = { identity: "", scope: ["read"], rooms: ["*"] } as const;
  const entries: { offset: string; value: string }[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read({ claims, order: "asc", limit: 1_000, after });
    if (page.kind !== "page") throw new Error(`no log: ${page.kind}`);
    const { first, head, events, next } = JSON.parse(page.body);
    for (const { offset, args } of events) entries.push({ offset, value: String(args[0]) });
    // One that does not go on is what the checker finds.
    if (next === null || next === after) return { first, head, events: entries };
    after = next;
  }
}

/**
 * What an event carries beside its value: every fourth so much that a replay of all that is kept
 * takes several pages (SUB-11).
 */
export function textOf(value: string): string {
  return Number(value.split("-")[1]) % 4 === 0 ? "x".repeat(60_000) : "";
}
