/** The log as a stream of text: the whole of it as lines (HTTP-11), or followed as it grows (HTTP-10). */
import { type GapReason, locate } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";
import { exportLines } from "./export.ts";
import { follow } from "./follow.ts";
import type { Filter, Pieces } from "./reading.ts";
import { type Denied, denial } from "./rights.ts";

/** Crosses from Worker to object: plain data only. */
export type StreamRequest = Filter & {
  readonly form: "lines" | "events";
  /** An offset, as the caller wrote it. */
  readonly after?: string | undefined;
};

/** What became of the request; `body` is the stream, in the form in which it is handed on. */
export type StreamResult<Body> =
  | { readonly kind: "stream"; readonly body: Body }
  | Denied
  | {
      readonly kind: "gap";
      readonly reason: GapReason;
      readonly first: string | null;
      readonly head: string;
    };

/** Where the stream begins is settled here, whenever it is read. */
export function openStream(
  room: RoomCore,
  name: string,
  request: StreamRequest,
): StreamResult<Pieces> {
  const denied = denial(room, name, request.claims, "read");
  if (denied !== undefined) return denied;
  if (request.form === "events") return { kind: "stream", body: follow(room, request) };
  const { log } = room;
  const after = locate(request.after ?? "0", log);
  if (typeof after !== "number") return { kind: "gap", reason: after, ...extentOf(log) };
  return { kind: "stream", body: exportLines(room, request, after) };
}
