/** `roomlog publish`: one event from the command line, or many from stdin. */
import { addAbortSignal } from "node:stream";
import type { Published, RelayClient, RelayEvent } from "../server.ts";
import { exactly, readArguments } from "./arguments.ts";
import { batches } from "./batches.ts";
import { type Command, type Context, relayHelp } from "./command.ts";
import { json } from "./json.ts";
import { harmless, print, tell } from "./output.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";
import { UsageError } from "./usage-error.ts";

export const publish: Command = {
  summary: "publish an event, or many from stdin",
  help: `
Publishes an event and prints its offset.

  roomlog publish <room> <event> [arguments …]
  roomlog publish <room> -                       events from stdin, one JSON object a line

An argument is JSON, such as -17, true or '{"a":1}'; what is none is taken as text. Text that begins
with {, [ or " has to be a JSON string, such as '"[draft] hello"': no slip in JSON is to be sent as
text. Put -- before text that begins with a dash. A line from stdin is what POST
/rooms/{room}/events takes: {"event":"chat","args":["hello"]}

  --key <key>         idempotency key: the same publication again is recognised. Of events from
                      stdin each gets this key, a colon and the number of its line
  --namespace <name>  default /
  --if-head <offset>  only if this is still the newest event
  --ephemeral         to whoever is there, not logged${relayHelp(22)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      key: { type: "string" },
      namespace: { type: "string" },
      "if-head": { type: "string" },
      ephemeral: { type: "boolean" },
    });
    const [room, event] = exactly(positionals.slice(0, 2), "room", "event");
    const relay = relayOf(values, context);
    const { key, namespace, ephemeral, "if-head": ifHead } = values;
    const common = {
      ...(namespace !== undefined && { namespace }),
      ...(ephemeral !== undefined && { ephemeral }),
    };
    if (event === "-") {
      exactly(positionals, "room", "event");
      if (ifHead !== undefined) throw new UsageError("--if-head is for a single event");
      return await publishLines(relay, room, common, key, context);
    }
    const published = await relay.publish(
      room,
      { event, args: positionals.slice(2).map(readArgument), ...common },
      {
        signal: context.signal,
        ...(key !== undefined && { idempotencyKey: key }),
        ...(ifHead !== undefined && { ifHead }),
      },
    );
    await print(outcome(published), context.signal);
  },
};

async function publishLines(
  relay: RelayClient,
  room: string,
  common: Partial<RelayEvent>,
  key: string | undefined,
  { signal }: Context,
): Promise<void> {
  let published = 0;
  try {
    for await (const lines of batches(addAbortSignal(signal, process.stdin))) {
      const events = lines.map(({ text, number }) => ({
        ...common,
        ...(key !== undefined && { idempotencyKey: `${key}:${number}` }),
        ...readEvent(text, number),
      }));
      const outcomes = await relay.publish(room, events, { signal });
      published += outcomes.length;
      await print(outcomes.map(outcome).join("\n"), signal);
    }
  } catch (error) {
    tell(`${published} events were published before this:`);
    throw error;
  }
}

function readEvent(text: string, number: number): RelayEvent {
  try {
    const event = json.parse(text);
    if (typeof event === "object" && event !== null && "event" in event) return event as RelayEvent;
  } catch {
    // Told below.
  }
  throw new UsageError(`line ${number} is no {"event":…} in JSON`);
}

/** What looks like JSON and is none is a mistake, not a text. */
function readArgument(text: string): unknown {
  try {
    return json.parse(text);
  } catch {
    if (/^\s*[[{"]/.test(text)) {
      const asString = harmless(JSON.stringify(text));
      throw new UsageError(`not JSON: ${harmless(text)} (if it is a text, write ${asString})`);
    }
    return text;
  }
}

function outcome(published: Published): string {
  if (published.offset === null) return "sent";
  return published.duplicate ? `${published.offset} (duplicate)` : published.offset;
}
