/** What a WebSocket's attachment holds: all of a session that outlives hibernation. */
import * as v from "valibot";
import { Scope } from "../auth/scope.ts";
import { FORMATS } from "../protocol/format.ts";

const Claims = v.object({
  identity: v.string(),
  scope: v.pipe(v.array(Scope), v.readonly()),
  rooms: v.pipe(v.array(v.string()), v.readonly()),
  expiresAt: v.optional(v.number()),
});

const SocketSnapshot = v.object({
  namespace: v.string(),
  id: v.string(),
  pid: v.optional(v.string()),
  claims: Claims,
  recovered: v.optional(v.boolean()),
  since: v.optional(v.number()),
  shown: v.optional(v.string()),
  watch: v.optional(v.picklist(["owed", "told"])),
  /** Present while the socket replays, or has stopped; a live one has been sent all there is. */
  replay: v.optional(
    v.object({
      sent: v.number(),
      replayed: v.number(),
      announce: v.boolean(),
      /** Where it has stopped. */
      epoch: v.optional(v.string()),
    }),
  ),
});

const Parts = v.object({
  text: v.string(),
  attachments: v.array(v.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array)),
  until: v.number(),
});

const Snapshot = v.object({
  /** Version of this shape: an attachment of another one can't be trusted. */
  v: v.literal(1),
  sid: v.string(),
  openedAt: v.number(),
  format: v.optional(v.picklist(FORMATS), "args"),
  pongBy: v.optional(v.number()),
  /** Of one that is in no namespace: since when, if not since it was opened. */
  outsideSince: v.optional(v.number()),
  /** Of a packet whose attachments have not all come. */
  parts: v.optional(Parts),
  sockets: v.array(SocketSnapshot),
});

export type Snapshot = v.InferOutput<typeof Snapshot>;
export type SocketSnapshot = v.InferOutput<typeof SocketSnapshot>;

/** Reads an attachment; undefined for a probe's (it has none) or one of another version. */
export function readSnapshot(attachment: unknown): Snapshot | undefined {
  const result = v.safeParse(Snapshot, attachment);
  return result.success ? result.output : undefined;
}
