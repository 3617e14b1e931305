/** Offsets: `"<epoch>-<seq>"`, opaque to clients. */

/** An offset as a client wrote it; a bare seq (no epoch) means the current epoch. */
export type Offset = { readonly epoch: string | undefined; readonly seq: number };

const OFFSET = /^(?:([a-z0-9]{1,32})-)?(0|[1-9][0-9]{0,15})$/;

/** Writes the offset of `seq`. */
export function formatOffset(epoch: string, seq: number): string {
  return `${epoch}-${seq}`;
}

/**
 * Reads an offset from whatever a client sent: the full string, or a bare seq as string or number.
 * @returns undefined if it is none of these
 */
export function parseOffset(value: unknown): Offset | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const match = OFFSET.exec(String(value));
  if (match === null) return undefined;
  const seq = Number(match[2]);
  return Number.isSafeInteger(seq) ? { epoch: match[1], seq } : undefined;
}

/** Why an offset can't be served (SUB-6). */
export type GapReason = "malformed" | "epoch" | "future" | "trimmed" | "too_far";

/** What a log keeps, by seq: `first - 1 <= head`, equal when nothing is kept. */
export type Extent = { readonly epoch: string; readonly first: number; readonly head: number };

/**
 * The seq after which to read on, or why that would hide a loss.
 * A bare `0` asks for all that is kept, so it is never a gap (SUB-3).
 * @param epoch what a bare seq counts in; by default the log's present epoch
 */
export function locate(value: unknown, log: Extent, epoch = log.epoch): number | GapReason {
  const offset = parseOffset(value);
  if (offset === undefined) return "malformed";
  if (offset.epoch === undefined && offset.seq === 0) return log.first - 1;
  if ((offset.epoch ?? epoch) !== log.epoch) return "epoch";
  if (offset.seq > log.head) return "future";
  if (offset.seq < log.first - 1) return "trimmed";
  return offset.seq;
}
