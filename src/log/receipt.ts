/** What a publisher is told about an event that is in the log. */
import type { Appended, KeyRefused } from "./event-log.ts";
import { formatOffset } from "./offset.ts";

/** An append that left its event in the log, or found it there. */
export type Kept = Exclude<Appended, KeyRefused>;

/** Where the event stands, and whether it stood there before. */
export type Receipt = { readonly offset: string; readonly duplicate: boolean };

export function receiptOf(kept: Kept, epoch: string): Receipt {
  return kept.kind === "appended"
    ? { offset: formatOffset(epoch, kept.event.seq), duplicate: false }
    : { offset: formatOffset(epoch, kept.seq), duplicate: true };
}

/** Did the key keep the event out of the log? */
export function isKeyRefused(result: Appended): result is KeyRefused {
  return result.kind === "key_reused" || result.kind === "key_expired";
}
