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
    readonly namespace: string;
    /** JSON text of `[event, ...args]`. */
    readonly data: string;
    readonly idempotencyKey: string | null;
  }[];
};

export type Published = { readonly offset: string; readonly duplicate: boolean };

/** All were logged (or were there already), or none. */
export type PublishResult =
  | { readonly kind: "published"; readonly events: Published[] }
  | { readonly kind: "forbidden" }
  | { readonly kind: "key_reused" }
  | { readonly kind: "failed" };

/** Logs the events, all or none, and sends them to the room. */
export async function publish(
  room: Room,
  name: string,
  { claims, events }: PublishRequest,
): Promise<PublishResult> {
  if (!may(claims, "write", name)) return { kind: "forbidden" };
  const { identity } = claims;
  const outcome = await new Promise<Outcome>((settle) => {
    const submitted = events.map(({ namespace, data, idempotencyKey: key }) => ({
      namespace,
      data,
      sender: null,
      publication: key === null ? null : { identity, key, after: null },
    }));
    room.submit({ events: submitted, settle });
  });
  if (outcome.kind !== "logged") return outcome;
  const { epoch } = room.log;
  const published = outcome.results.map((result) => toPublished(result, epoch));
  const complete = published.filter((event) => event !== undefined);
  return complete.length === published.length
    ? { kind: "published", events: complete }
    : { kind: "key_reused" };
}

function toPublished(result: Appended, epoch: string): Published | undefined {
  switch (result.kind) {
    case "appended":
      return { offset: formatOffset(epoch, result.event.seq), duplicate: false };
    case "duplicate":
      return { offset: formatOffset(epoch, result.seq), duplicate: true };
    case "key_reused":
      return undefined;
  }
}
