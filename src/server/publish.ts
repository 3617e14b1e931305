/** What a backend publishes, as the body of `POST /rooms/{room}/events` (HTTP-1, HTTP-2, HTTP-8). */
import { takeOut } from "../protocol/attachments.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import {
  ANYTHING,
  BOOLEAN,
  LIST,
  must,
  mustBe,
  OFFSET,
  type Shape,
  SIGNAL,
  STRING,
  STRING_OR_STRINGS,
  STRINGS,
} from "./must.ts";
import type { Json } from "./requester.ts";

/** An event to publish. Its arguments may hold binary: ArrayBuffers and views of them. */
export type RelayEvent = {
  readonly event: string;
  readonly args?: readonly unknown[];
  /** The only argument, instead of `args`. */
  readonly data?: unknown;
  readonly namespace?: string;
  /** Rooms or socket ids that it is for; all, if there is none. */
  readonly to?: string | readonly string[];
  readonly except?: string | readonly string[];
  /** Sent to whoever is there, and not logged. */
  readonly ephemeral?: boolean;
  readonly idempotencyKey?: string;
};

export type PublishOptions = {
  /**
   * Recognises the same publication when it is made again, by this process or another one. Without
   * it each call has a key of its own, for its own retries. Of a batch, the events that have no key
   * get this one with `:0`, `:1` … behind it.
   */
  readonly idempotencyKey?: string;
  /** Only if this is still the newest offset; else `head_moved`. */
  readonly ifHead?: string;
  readonly signal?: AbortSignal;
};

const EVENT: Shape = {
  event: STRING,
  args: LIST,
  data: ANYTHING,
  namespace: STRING,
  to: STRING_OR_STRINGS,
  except: STRING_OR_STRINGS,
  ephemeral: BOOLEAN,
  idempotencyKey: STRING,
  // Base64, as over HTTP: a line of JSON has no other bytes.
  attachments: STRINGS,
};

export const PUBLISH_OPTIONS: Shape = {
  idempotencyKey: STRING,
  ifHead: OFFSET,
  signal: SIGNAL,
};

/** Where an event is in the log. */
export type Published =
  | { readonly offset: string; readonly duplicate: boolean }
  | { readonly offset: null; readonly ephemeral: true };

/** The body for one event, or for a batch. Each has a key, so it may be sent again. */
export function publishBody(
  events: RelayEvent | readonly RelayEvent[],
  { idempotencyKey = crypto.randomUUID(), ifHead }: PublishOptions,
  json: Json,
): string {
  const body = isBatch(events)
    ? { events: events.map((event, i) => eventBody(event, `${idempotencyKey}:${i}`)) }
    : eventBody(events, idempotencyKey);
  return json.stringify({ ...body, ifHead });
}

/** TypeScript does not take a readonly array for an array. */
export function isBatch(
  events: RelayEvent | readonly RelayEvent[],
): events is readonly RelayEvent[] {
  return Array.isArray(events);
}

function eventBody(event: RelayEvent, key: string) {
  mustBe(EVENT, event, "an event");
  must(event.event !== undefined, "an event has to have its name, event");
  const { args, data, idempotencyKey, ...others } = event;
  // Both together are for the relay to refuse.
  const only = args === undefined ? { args: data === undefined ? [] : [data] } : { args, data };
  const { args: texts, attachments } = takeOut(only.args);
  return {
    ...others,
    ...only,
    args: texts,
    ...(attachments.length > 0 && { attachments: attachments.map(encodeBase64) }),
    idempotencyKey: idempotencyKey ?? key,
  };
}
