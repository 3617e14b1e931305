/** Publishing over HTTP: a backend's events, in the same order as everybody's. */
import { type Claims, holdsKey } from "../auth/access.ts";
import type { Audience, KeyRefused } from "../log/event-log.ts";
import { formatOffset, parseOffset } from "../log/offset.ts";
import { isKeyRefused, type Receipt, receiptOf } from "../log/receipt.ts";
import type { Attachments } from "../protocol/attachments.ts";
import type { Outcome } from "./commits.ts";
import type { RoomCore } from "./core.ts";
import { type Denied, denial } from "./rights.ts";

/** Events that the Worker has checked. Crosses from Worker to object: plain data only. */
export type PublishRequest = {
  readonly claims: Claims;
  readonly events: readonly {
    readonly name: string;
    readonly namespace: string;
    /** JSON text of `[name, ...args]`. */
    readonly data: string;
    /** What the placeholders in it stand for. */
    readonly attachments: Attachments;
    readonly audience: Audience | null;
    readonly idempotencyKey: string | null;
    /** Is it to be sent and not logged, whatever its name (EMIT-7)? */
    readonly ephemeral: boolean;
  }[];
  /** Log them only if this is the newest offset then. Optional: an older Worker does not know it. */
  readonly ifHead?: string | null;
  /** Are these from a log, to be logged again whatever they are called (HTTP-12)? */
  readonly logged?: boolean;
};

/** What became of one event, as the answer tells it. */
export type Published = Receipt | { readonly offset: null; readonly ephemeral: true };

type Event = PublishRequest["events"][number];

/** All were logged (or were there already), or none. */
export type PublishResult =
  | {
      readonly kind: "published";
      readonly events: Published[];
      /** After an import: the newest offset. */
      readonly head?: string;
    }
  | Denied
  /** The room has code of its own, and only backends get past it. */
  | { readonly kind: "needs_key" }
  | KeyRefused
  /** `ifHead` is not the newest offset: `head` is. */
  | { readonly kind: "head_moved"; readonly head: string }
  | { readonly kind: "storage_full" }
  /** This identity, or all of the room, publishes too fast. */
  | { readonly kind: "rate_limited"; readonly retryAfter: number }
  /** Too much waits to be logged. */
  | { readonly kind: "overloaded" }
  | { readonly kind: "failed" };

/** Logs the events, all or none, and sends them to the room; ephemeral ones are only sent. */
export async function publish(
  room: RoomCore,
  name: string,
  request: PublishRequest,
): Promise<PublishResult> {
  const result = await tryPublish(room, name, request);
  if (result.kind !== "published") room.refused(result.kind);
  return result;
}

async function tryPublish(
  room: RoomCore,
  name: string,
  { claims, events, ifHead = null, logged: known = false }: PublishRequest,
): Promise<PublishResult> {
  const denied = denial(room, name, claims, "write");
  if (denied !== undefined) return denied;
  // Code that decides about clients' events must not be passed by on another way.
  if (room.handlesEvents && !holdsKey(claims)) return { kind: "needs_key" };
  const wait = room.take(claims.identity, events.length);
  if (wait > 0) return { kind: "rate_limited", retryAfter: Math.ceil(wait / 1_000) };
  // Decided once: the room may be set otherwise while they wait for their turn.
  const isEphemeral = (event: Event) => event.ephemeral || (!known && room.isEphemeral(event.name));
  const ephemeral = new Set(events.filter(isEphemeral));
  const durable = events.filter((event) => !ephemeral.has(event));
  const outcome = await submit(room, claims.identity, durable, ifHead);
  const { epoch, head } = room.log;
  if (outcome.kind === "head_moved") return { ...outcome, head: formatOffset(epoch, head) };
  if (outcome.kind !== "logged") return outcome;
  const logged: Published[] = [];
  for (const result of outcome.results) {
    if (isKeyRefused(result)) return result;
    logged.push(receiptOf(result, epoch));
  }
  // Only now, so that nothing is sent of what is refused.
  const published = events.flatMap((event) =>
    ephemeral.has(event) ? send(room, event) : (logged.shift() ?? []),
  );
  return {
    kind: "published",
    events: published,
    ...(known && { head: formatOffset(epoch, head) }),
  };
}

function submit(
  room: RoomCore,
  identity: string,
  events: readonly Event[],
  ifHead: string | null,
): Promise<Outcome> {
  if (events.length === 0 && ifHead === null) {
    return Promise.resolve({ kind: "logged", results: [] });
  }
  return new Promise((settle) => {
    const submitted = events.map(({ idempotencyKey: key, ...event }) => ({
      ...eventOf(event),
      publication: key === null ? null : { identity, key, after: null, digest: null },
    }));
    room.submit(submitted, settle, parseOffset(ifHead) ?? null);
  });
}

function eventOf({ namespace, data, attachments, audience }: Omit<Event, "idempotencyKey">) {
  return { namespace, data, attachments, audience, sender: null };
}

function send(room: RoomCore, event: Event): Published {
  room.sendEphemeral(eventOf(event));
  return { offset: null, ephemeral: true };
}
