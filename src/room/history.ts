/** Reading a room over HTTP: pages of its log. */
import type { Claims } from "../auth/access.ts";
import type { Read } from "../log/event-log.ts";
import { formatOffset, type GapReason, locate } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";
import { entryJson, type Filter, filterOf, timeLeft } from "./reading.ts";
import { type Denied, denial } from "./rights.ts";

/** Which events to read. Crosses from Worker to object: plain data only. */
export type HistoryRequest = Filter & {
  readonly claims: Claims;
  /** Offsets, as the caller wrote them. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** For so many milliseconds, wait for an event if there is none yet (HTTP-9). */
  readonly wait?: number | undefined;
};

type Bounds = { readonly first: string | null; readonly head: string };

export type HistoryResult =
  /** `body` is the answer's JSON text: stored text goes out as it is. */
  | { readonly kind: "page"; readonly body: string; readonly empty: boolean }
  | Denied
  | ({ readonly kind: "gap"; readonly reason: GapReason } & Bounds);

/** A page stops once it holds so many characters. */
const PAGE_CHARS = 1_000_000;

/** One page of the log; an empty one is held back for as long as the request waits. */
export async function history(
  room: RoomCore,
  name: string,
  request: HistoryRequest,
): Promise<HistoryResult> {
  const result = readHistory(room, name, request);
  if (result.kind !== "page" || !result.empty || !request.wait) return result;
  await untilMatch(room, request, Math.min(request.wait, timeLeft(request.claims, room.now())));
  return readHistory(room, name, request);
}

/** Resolves when an event is logged that matches, or the log has begun a new epoch, or after `ms`. */
async function untilMatch(room: RoomCore, request: HistoryRequest, ms: number): Promise<void> {
  const { log } = room;
  const { epoch } = log;
  const until = room.now() + ms;
  for (let seen = log.head; ; seen = log.head) {
    if (!(await room.untilLogged(until - room.now()))) return;
    if (log.epoch !== epoch) return;
    if (log.read({ ...filterOf(request), after: seen, limit: 1 }).length > 0) return;
  }
}

/** One page of the log, with `next` to go on from, or null where nothing more is. */
export function readHistory(room: RoomCore, name: string, request: HistoryRequest): HistoryResult {
  const denied = denial(room, name, request.claims, "read");
  if (denied !== undefined) return denied;
  const { log } = room;
  const after = request.after === undefined ? undefined : locate(request.after, log);
  const before = request.before === undefined ? undefined : locate(request.before, log);
  const bounds = extentOf(log);
  for (const reason of [after, before]) {
    if (typeof reason === "string") return { kind: "gap", reason, ...bounds };
  }

  const { order, limit } = request;
  const query: Read = {
    order,
    limit,
    ...filterOf(request),
    ...(typeof after === "number" && { after }),
    ...(typeof before === "number" && { before }),
  };
  const events = log.read({ ...query, maxChars: PAGE_CHARS });
  const last = events.at(-1)?.seq;
  const onward = order === "asc" ? { after: last ?? 0 } : { before: last ?? 0 };
  const more = last !== undefined && log.read({ ...query, ...onward, limit: 1 }).length > 0;
  const next = more ? formatOffset(log.epoch, last) : null;
  const head = JSON.stringify({ epoch: log.epoch, ...bounds }).slice(0, -1);
  const items = events.map((event) => entryJson(event, log.epoch)).join(",");
  const body = `${head},"events":[${items}],"next":${JSON.stringify(next)}}`;
  return { kind: "page", body, empty: events.length === 0 };
}
