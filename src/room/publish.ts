/** Publishing over HTTP: a backend's events, in the same order as everybody's. */
import { type Claims, may } from "../auth/access.ts";
import type { Appended } from "../log/event-log.ts";
import { formatOffset } from "../log/offset.ts";
import type { Outcome } from "./commits.ts";
import type { Room } from "./room.ts";

/** Events that the Worker has checked. Crosses from Worker to object: plain data only. */
export type PublishRequest = {
  readonly claims: Claims;
  readonly events: readonly {
    readonly name: string;
    readonly namespace: string;
    /** JSON text of `[name, ...args]`. */
    readonly data: string;
    readonly idempotencyKey: string | null;
    /** Is it to be sent and not logged, whatever its name (EMIT-7)? */
    readonly ephemeral: boolean;
  }[];
};

/** What became of one event, as the answer tells it. */
export type Published =
  | { readonly offset: string; readonly duplicate: boolean }
  | { readonly offset: null; readonly ephemeral: true };

type Event = PublishRequest["events"][number];

/** All were logged (or were there already), or none. */
export type PublishResult =
  | { readonly kind: "published"; readonly events: Published[] }
  | { readonly kind: "forbidden" }
  | { readonly kind: "key_reused" }
  | { readonly kind: "failed" };

/** Logs the events, all or none, and sends them to the room; ephemeral ones are only sent. */
export async function publish(
  room: Room,
  name: string,
  { claims, events }: PublishRequest,
): Promise<PublishResult> {
  if (!may(claims, "write", name)) return { kind: "forbidden" };
  const isEphemeral = (event: Event) => event.ephemeral || room.isEphemeral(event.name);
  const durable = events.filter((event) => !isEphemeral(event));
  const outcome = await submit(room, claims.identity, durable);
  if (outcome.kind !== "logged") return outcome;
  const { epoch } = room.log;
  const logged: Published[] = [];
  for (const result of outcome.results) {
    if (result.kind === "key_reused") return result;
    logged.push(toPublished(result, epoch));
  }
  // Only now, so that nothing is sent of what is refused.
  const published = events.flatMap((event) =>
    isEphemeral(event) ? send(room, event) : (logged.shift() ?? []),
  );
  return { kind: "published", events: published };
}

function submit(room: Room, identity: string, events: readonly Event[]): Promise<Outcome> {
  if (events.length === 0) return Promise.resolve({ kind: "logged", results: [] });
  return new Promise((settle) => {
    const submitted = events.map(({ namespace, data, idempotencyKey: key }) => ({
      namespace,
      data,
      sender: null,
      publication: key === null ? null : { identity, key, after: null },
    }));
    room.submit({ events: submitted, settle });
  });
}

function send(room: Room, { namespace, data }: Event): Published {
  room.sendEphemeral({ namespace, data, sender: null });
  return { offset: null, ephemeral: true };
}

type Kept = Exclude<Appended, { readonly kind: "key_reused" }>;

function toPublished(result: Kept, epoch: string): Published {
  return result.kind === "appended"
    ? { offset: formatOffset(epoch, result.event.seq), duplicate: false }
    : { offset: formatOffset(epoch, result.seq), duplicate: true };
}
