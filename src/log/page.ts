/** Pages of events, bounded by what they hold. */
import { sizeOf } from "../protocol/attachments.ts";
import type { LoggedEvent } from "./event-log.ts";

/** The front of `events`, until they hold `maxChars` characters and bytes; at least one. */
export function upTo(events: LoggedEvent[], maxChars = Number.POSITIVE_INFINITY): LoggedEvent[] {
  let chars = 0;
  const end = events.findIndex((event) => {
    chars += event.data.length + sizeOf(event.attachments);
    return chars > maxChars;
  });
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}
