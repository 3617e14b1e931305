/** `roomlog tail`: a room's events as they come. */
import { writeEvent } from "../server/read.ts";
import type { FeedItem, GapItem, LoggedItem } from "../server.ts";
import { exactly, readAfter, readArguments } from "./arguments.ts";
import { type Command, relayHelp } from "./command.ts";
import { json } from "./json.ts";
import { harmless, print } from "./output.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";

export const tail: Command = {
  summary: "show events as they come",
  help: `
Shows the events of a room as they come, and goes on by itself when the relay restarts. What could
not be had is shown as a gap. Ctrl-C stops.

  roomlog tail <room>

  --after <offset>    begins behind this event; 0 is the beginning; default: the present
  --event <name>      only events of this name
  --namespace <name>  only of this namespace
  --json              an object a line, as GET /events has them; a gap is {"gap":{…}}${relayHelp(22)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      after: { type: "string" },
      event: { type: "string" },
      namespace: { type: "string" },
      json: { type: "boolean" },
    });
    const [room] = exactly(positionals, "room");
    const from = values.after === undefined ? undefined : readAfter(values.after);
    const relay = relayOf(values, context);
    const { signal } = context;
    const { event, namespace } = values;
    try {
      const after = from ?? (await relay.info(room, { signal })).head;
      const filter = {
        ...(event !== undefined && { event }),
        ...(namespace !== undefined && { namespace }),
      };
      for await (const item of relay.events(room, { after, live: true, signal, ...filter })) {
        await print(values.json ? asJson(item) : asText(item), signal);
      }
    } catch (error) {
      // To be stopped is how it ends.
      if (!signal.aborted) throw error;
    }
  },
};

function asText(item: FeedItem): string {
  return item.kind === "gap" ? gapText(item) : eventText(item);
}

function gapText({ requested, first, reason }: GapItem): string {
  const onward = first === null ? "nothing is kept" : `going on from ${first}`;
  return `--- gap: events are missing after ${requested} (${reason}); ${onward}`;
}

function eventText({ offset, time, event, args, namespace }: LoggedItem): string {
  const where = namespace === "/" ? "" : `${namespace} `;
  const values = args.map((arg) => json.stringify(arg, bytesShown)).join(" ");
  return harmless(`${offset}  ${time}  ${where}${event}  ${values}`.trimEnd());
}

function asJson(item: FeedItem): string {
  if (item.kind === "gap") {
    const { kind: _, ...gap } = item;
    return json.stringify({ gap });
  }
  const { kind: _, ...event } = item;
  return json.stringify(writeEvent(event));
}

function bytesShown(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? `(${value.length} bytes)` : value;
}
