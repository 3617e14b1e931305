/** What `GET /rooms/{room}/events` answers (HTTP-4), with its binary arguments put in. */
import { fillIn, takeOut } from "../protocol/attachments.ts";
import { decodeBase64, encodeBase64 } from "../protocol/base64.ts";
import { OFFSET, type Shape, SIGNAL, STRING } from "./must.ts";

/** An event of the log. Binary arguments are Uint8Arrays. */
export type StoredEvent = {
  readonly offset: string;
  /** When it was logged, such as `2026-11-22T20:50:24.819Z`. */
  readonly time: string;
  readonly event: string;
  readonly args: readonly unknown[];
  readonly namespace: string;
  /** Only shown to API keys, where the event was for some only. */
  readonly to?: readonly string[];
  readonly except?: readonly string[];
};

/** Events are missing: what was asked for is not kept, or not of this log. */
export type Gap = {
  readonly requested: string | null;
  /** The oldest event that is kept, or null. */
  readonly first: string | null;
  readonly head: string;
  readonly reason: string;
};

export type LoggedItem = StoredEvent & { readonly kind: "event" };
export type GapItem = Gap & { readonly kind: "gap" };

export type ReadOptions = {
  /** Offsets, exclusive. */
  readonly after?: string;
  readonly before?: string;
  /** At most 1,000; default 100. */
  readonly limit?: number;
  readonly order?: "asc" | "desc";
  readonly event?: string;
  readonly namespace?: string;
  readonly signal?: AbortSignal;
};

export const READ_OPTIONS: Shape = {
  after: OFFSET,
  before: OFFSET,
  limit: [(value) => Number.isInteger(value) && Number(value) > 0, "a whole number from 1"],
  order: [(value) => value === "asc" || value === "desc", '"asc" or "desc"'],
  event: STRING,
  namespace: STRING,
  signal: SIGNAL,
};

export type Page = {
  readonly epoch: string;
  readonly first: string | null;
  readonly head: string;
  readonly events: readonly StoredEvent[];
  /** The `after` of the next page (with `desc` the `before`), or null if nothing more is there. */
  readonly next: string | null;
};

/** What the relay's JSON has for an event. */
export type WireEvent = StoredEvent & { readonly attachments?: readonly string[] };
export type WirePage = Omit<Page, "events"> & { readonly events: readonly WireEvent[] };

export function readPage({ events, ...page }: WirePage): Page {
  return { ...page, events: events.map(readEvent) };
}

export function readEvent({ attachments = [], ...event }: WireEvent): StoredEvent {
  const bytes = attachments.map((text) => decodeBase64(text) ?? new Uint8Array());
  return { ...event, args: fillIn(event.args, bytes) };
}

/** The other way round. */
export function writeEvent(event: StoredEvent): WireEvent {
  const { args, attachments } = takeOut(event.args);
  if (attachments.length === 0) return event;
  return { ...event, args, attachments: attachments.map(encodeBase64) };
}
