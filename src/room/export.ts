/** The log as lines of JSON, up to where it ended when that began (HTTP-11). */
import type { RoomCore } from "./core.ts";
import { Cursor, entryLine, type Filter, timeLeft } from "./reading.ts";

/** Why an export can't come to its end. Its reader sees a broken stream, not a shorter log. */
export class ExportBroken extends Error {}

/**
 * A page's lines at a time.
 * @param after the seq to begin behind
 * @throws ExportBroken
 */
export async function* exportLines(
  room: RoomCore,
  filter: Filter,
  after: number,
): AsyncGenerator<string, void> {
  const { epoch, head } = room.log;
  const cursor = new Cursor(room, filter, after);
  for (;;) {
    if (timeLeft(filter.claims, room.now()) <= 0) throw new ExportBroken("the token has expired");
    const step = cursor.next(head);
    if (step.kind === "gap") throw new ExportBroken(`${step.requested} is gone: ${step.reason}`);
    if (step.events.length === 0) return;
    const lines = step.events.map((event) => `${entryLine(event, epoch)}\n`).join("");
    await room.durable();
    yield lines;
  }
}
