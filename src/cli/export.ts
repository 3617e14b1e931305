/** `roomlog export`: a room's log as a file. */
import { parseOffset } from "../log/offset.ts";
import { exactly, readAfter, readArguments } from "./arguments.ts";
import { type Command, relayHelp } from "./command.ts";
import { print, tell } from "./output.ts";
import { Progress } from "./progress.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";

export const exportRoom: Command = {
  summary: "write a room's log to stdout, an event a line",
  help: `
Writes a room's log to stdout, one JSON object a line, up to the newest event there is now.

  roomlog export <room> > room.ndjson
  roomlog export <room> --after <offset> >> room.ndjson

  --after <offset>  goes on behind this event, such as the last of the file; default: the beginning${relayHelp(20)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      after: { type: "string", default: "0" },
    });
    const [room] = exactly(positionals, "room");
    const after = readAfter(values.after);
    const { signal } = context;
    const relay = relayOf(values, context);
    const { first, head } = await relay.info(room, { signal });
    const start = Math.max(seqOf(after), seqOf(first ?? head) - 1);
    const length = Math.max(1, seqOf(head) - start);
    const progress = new Progress();
    let events = 0;
    let last = after;
    try {
      for await (const { offset, text } of relay.exportLines(room, { after: last, signal })) {
        await print(text, signal);
        last = offset;
        events++;
        progress.update({ events, fraction: (seqOf(offset) - start) / length });
      }
    } catch (error) {
      progress.end();
      if (events > 0) tell(`${events} events were written; to go on: --after ${last}`);
      throw error;
    }
    progress.end();
    tell(`${events} events${events > 0 ? `, the last is ${last}` : ""}`);
  },
};

/** A bare `0` and the like count as well. */
function seqOf(offset: string): number {
  return parseOffset(offset)?.seq ?? 0;
}
