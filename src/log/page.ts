/** Pages of events, bounded by what they hold. */
import type { LoggedEvent } from "./event-log.ts";

/** The front of `events`, until they hold `maxChars` characters; at least one. */
export function upTo(events: LoggedEvent[], maxChars: number): LoggedEvent[] {
  let chars = 0;
  const end = events.findIndex((event) => {
    chars += event.data.length;
    return chars > maxChars;
  });
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}
