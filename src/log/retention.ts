/** What a log keeps (KEEP-1): by age, count and bytes, whichever bites first. Only a prefix goes. */
import type { EventLog } from "./event-log.ts";

export type Retention = {
  /** Milliseconds since an event was logged. */
  readonly age: number;
  readonly events: number;
  /** Of stored events: their text, their attachments, and what a row costs beside. */
  readonly bytes: number;
};

/** What may go in one pass: others' turns must not wait for it, and the keys have to fit into a row. */
const PASS = { events: 1_000, bytes: 4_000_000 };

/** What a pass came to. */
export type Retained = {
  /** Is there more to go at once? */
  readonly more: boolean;
  /** When the oldest event left was logged, in milliseconds since 1970; undefined if none is left. */
  readonly oldest: number | undefined;
};

/** Trims what is beyond the limits, at most a pass's worth. */
export function retain(log: EventLog, limits: Retention, now: number): Retained {
  const [oldest] = log.oldest(1);
  if (oldest === undefined) return { more: false, oldest: undefined };
  let events = log.head - log.first + 1;
  let bytes = log.measure();
  const isOver = (time: number) =>
    events > limits.events || bytes > limits.bytes || time + limits.age <= now;
  if (!isOver(oldest.time)) return { more: false, oldest: oldest.time };

  let last = 0;
  let passed = 0;
  for (const event of log.oldest(PASS.events)) {
    if (!isOver(event.time) || passed > PASS.bytes) break;
    events--;
    bytes -= event.bytes;
    passed += event.bytes;
    last = event.seq;
  }
  log.trim(last, now);
  const [next] = log.oldest(1);
  if (next === undefined) return { more: false, oldest: undefined };
  return { more: isOver(next.time), oldest: next.time };
}
