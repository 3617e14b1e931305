/** All events of a room, one after the other: from the log, and on request as they come. */
import { BOOLEAN, OFFSET, type Shape, SIGNAL, STRING } from "./must.ts";
import {
  type Gap,
  type GapItem,
  type LoggedItem,
  readEvent,
  type WireEvent,
  type WirePage,
} from "./read.ts";
import { RelayRequestError } from "./request-error.ts";
import type { Requester } from "./requester.ts";
import { type Retries, withRetries } from "./retry.ts";
import { readSse, type SseMessage, type SsePlace } from "./sse.ts";
import { unbroken } from "./unbroken.ts";

export type EventsOptions = {
  /** The offset to go on from; default `"0"`, all that is kept. */
  readonly after?: string;
  /** Goes on with new events when all of the log has been read, until it is told to stop. */
  readonly live?: boolean;
  readonly event?: string;
  readonly namespace?: string;
  readonly signal?: AbortSignal;
};

export const EVENTS_OPTIONS: Shape = {
  after: OFFSET,
  live: BOOLEAN,
  event: STRING,
  namespace: STRING,
  signal: SIGNAL,
};

/** An event, or the word that some are missing. */
export type FeedItem = LoggedItem | GapItem;

export type Feed = AsyncGenerator<FeedItem, void, undefined>;

/** As many as a page may have. */
const PAGE_LIMIT = 1_000;

/** The log up to its present end, page by page. */
export async function* logged(
  requester: Requester,
  room: string,
  { after = "0", event, namespace, signal }: EventsOptions,
  retries: Retries,
): Feed {
  for (let place = after; ; ) {
    const query = { after: place, limit: PAGE_LIMIT, event, namespace };
    const ask = { room, path: "/events", query, signal };
    try {
      const page = (await withRetries(() => requester.json(ask), retries)) as WirePage;
      for (const entry of page.events) yield { ...readEvent(entry), kind: "event" };
      if (page.next === null) return;
      place = page.next;
    } catch (error) {
      const gap = gapOf(error, place);
      if (gap === undefined) throw error;
      yield gap;
      place = "0";
    }
  }
}

/**
 * The log and what comes behind it, over any number of broken connections. Ends only by the
 * signal, by a refusal that is final, or when nobody asks for more.
 */
export async function* live(
  requester: Requester,
  room: string,
  { after = "0", event, namespace, signal }: EventsOptions,
  retries: Retries,
): Feed {
  let place = after;
  const open = () => {
    const ask = { room, path: "/events", query: { after: place, event, namespace }, signal };
    return readSse(requester.stream("text/event-stream", ask));
  };
  const messages = unbroken(open, () => true, { ...retries, retries: Number.POSITIVE_INFINITY });
  for await (const message of messages) {
    if (message.id !== "") place = message.id;
    const item = itemOf(message, requester);
    if (item !== undefined) yield item;
  }
}

function itemOf(message: SseMessage | SsePlace, requester: Requester): FeedItem | undefined {
  if (!("data" in message)) return undefined;
  const { event, data } = message;
  if (event === "roomlog:gap") return { ...(requester.parse(data) as Gap), kind: "gap" };
  // Others of Roomlog's own may be added.
  if (event.startsWith("roomlog:")) return undefined;
  return { ...readEvent(requester.parse(data) as WireEvent), kind: "event" };
}

function gapOf(error: unknown, requested: string): GapItem | undefined {
  if (!(error instanceof RelayRequestError) || error.code !== "gap") return undefined;
  const { first, head, reason } = error.extra;
  return {
    kind: "gap",
    requested,
    first: typeof first === "string" ? first : null,
    head: String(head),
    reason: String(reason),
  };
}
