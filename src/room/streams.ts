/** The log as a stream of text: the whole of it as lines (HTTP-11), or followed as it grows (HTTP-10). */
import { may } from "../auth/access.ts";
import { type GapReason, locate } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";
import { exportLines } from "./export.ts";
import { follow } from "./follow.ts";
import type { Filter } from "./reading.ts";

/** Crosses from Worker to object: plain data only. */
export type StreamRequest = Filter & {
  readonly form: "lines" | "events";
  /** An offset, as the caller wrote it. */
  readonly after?: string | undefined;
};

/** Makes a stream's text, piece by piece, until it ends or `signal` aborts. */
export type Pieces = (signal: AbortSignal) => AsyncGenerator<string, void>;

/** What became of the request; `body` is the stream, in the form in which it is handed on. */
export type StreamResult<Body> =
  | { readonly kind: "stream"; readonly body: Body }
  | { readonly kind: "forbidden" }
  | {
      readonly kind: "gap";
      readonly reason: GapReason;
      readonly first: string | null;
      readonly head: string;
    };

export function openStream(
  room: RoomCore,
  name: string,
  request: StreamRequest,
): StreamResult<Pieces> {
  if (!may(request.claims, "read", name)) return { kind: "forbidden" };
  if (request.form === "events") {
    return { kind: "stream", body: (signal) => follow(room, request, signal) };
  }
  const { log } = room;
  const after = locate(request.after ?? "0", log);
  if (typeof after !== "number") return { kind: "gap", reason: after, ...extentOf(log) };
  return { kind: "stream", body: () => exportLines(room, request, after) };
}
