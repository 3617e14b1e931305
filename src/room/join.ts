/** Where a socket begins to read: from its CONNECT's `auth` and what the log keeps. */
import { type Extent, type GapReason, locate, parseOffset } from "../log/offset.ts";
import { type Auth, isGiven } from "../protocol/socket.ts";
import type { Pid } from "../session/ids.ts";

/** `auth.rewind` gives at most so many events. */
export const MAX_REWIND = 1_000;

/** Where a socket starts, and what it is told. */
export type Place = {
  /** It gets the events after this seq. */
  readonly start: number;
  /** Did it resume, so that it keeps its pid (SUB-5)? */
  readonly resumed: boolean;
  /** Did it ask for replay, so that it hears when that is done (SUB-7)? */
  readonly replay: boolean;
  readonly gap: { readonly requested: string | number | null; readonly reason: GapReason } | null;
};

/**
 * SUB-3 to SUB-6: an offset first, then the pid's own, then `rewind`, else live from head.
 * @param limit a replay has at most so many of the log's events
 */
export function placeReader(auth: Auth, pid: Pid | undefined, log: Extent, limit: number): Place {
  const requested = auth.offset ?? pid?.joined;
  const isLost = pid === undefined && isGiven(auth.pid);
  if (!isGiven(requested) && !isLost) return placeWithoutOffset(auth.rewind, log);

  // A pid that can't be read said where to go on from: that is a loss to be told.
  const epoch = parseOffset(pid?.joined)?.epoch;
  // An offset of this epoch proves as much as a pid of it: its socket was there when it began.
  const known = [epoch, parseOffset(requested)?.epoch].includes(log.epoch);
  const located = isGiven(requested) ? locate(requested, log, epoch) : "malformed";
  const oldest = Math.max(log.first - 1, log.head - limit);
  if (typeof located === "number" && located >= oldest) {
    return { start: located, resumed: pid !== undefined && known, replay: true, gap: null };
  }
  const reason = typeof located === "number" ? "too_far" : located;
  const gap = { requested: quotable(requested), reason };
  return { start: oldest, resumed: false, replay: true, gap };
}

function placeWithoutOffset(rewind: unknown, log: Extent): Place {
  const events = typeof rewind === "number" ? Math.min(rewind, MAX_REWIND) : 0;
  const start = Math.max(log.first - 1, log.head - events);
  return { start, resumed: false, replay: events > 0, gap: null };
}

/** Is `auth.rewind` a count of events, if it is there at all? */
export function isRewind(value: unknown): boolean {
  return (
    value === undefined || value === null || (Number.isSafeInteger(value) && Number(value) >= 0)
  );
}

/** What a client sent as its offset, in a form that is safe to send back. */
export function quotable(requested: unknown): string | number | null {
  if (typeof requested === "string") return requested.slice(0, 64);
  return typeof requested === "number" ? requested : null;
}
