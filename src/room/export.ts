/** The log as lines of JSON, up to where it ends when it is asked for (HTTP-11). */
import type { RoomCore } from "./core.ts";
import { Cursor, entryLine, type Filter, type Pieces, timeLeft } from "./reading.ts";

/** Why an export can't come to its end. Its reader sees a broken stream, not a shorter log. */
export class ExportBroken extends Error {}

/**
 * From the log as it is now, a page's lines at a time. They throw ExportBroken.
 * @param after the seq to begin behind
 */
export function exportLines(room: RoomCore, filter: Filter, after: number): Pieces {
  const { epoch, head } = room.log;
  const cursor = new Cursor(room, filter, after);
  return async function* () {
    for (;;) {
      if (timeLeft(filter.claims, room.now()) <= 0) throw new ExportBroken("the token has expired");
      const step = cursor.next(head);
      if (step.kind === "gap") throw new ExportBroken(`${step.requested} is gone: ${step.reason}`);
      if (step.events.length === 0) return;
      const lines = step.events.map((event) => `${entryLine(event, epoch)}\n`).join("");
      await room.durable();
      yield lines;
    }
  };
}
