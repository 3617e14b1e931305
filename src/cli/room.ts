/** `roomlog info` and `roomlog wipe`: a room as a whole. */
import { exactly, readArguments } from "./arguments.ts";
import { type Command, relayHelp } from "./command.ts";
import { json } from "./json.ts";
import { print, table } from "./output.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";
import { UsageError } from "./usage-error.ts";

export const info: Command = {
  summary: "show a room's state and settings",
  help: `
Shows what a room holds, how many are connected, and its settings.

  roomlog info <room>

  --json            as GET /rooms/{room} answers${relayHelp(20)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      json: { type: "boolean" },
    });
    const [room] = exactly(positionals, "room");
    const state = await relayOf(values, context).info(room, { signal: context.signal });
    if (values.json) return await print(json.stringify(state), context.signal);
    const { settings, ...others } = state;
    const rows = (from: object, prefix = "") =>
      Object.entries(from).map(([name, value]) => [`${prefix}${name}`, shown(value)]);
    await print(table([...rows(others), ...rows(settings, "settings.")]), context.signal);
  },
};

export const wipe: Command = {
  summary: "empty a room's log for good",
  help: `
Deletes all events of a room. Who is connected is told, and goes on with an empty log.

  roomlog wipe <room> --yes

  --yes             needed, because nothing brings them back${relayHelp(20)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      yes: { type: "boolean" },
    });
    const [room] = exactly(positionals, "room");
    if (!values.yes) throw new UsageError(`this deletes all events of ${room}: add --yes`);
    const { head } = await relayOf(values, context).wipe(room, { signal: context.signal });
    await print(`wiped; the new log begins at ${head}`, context.signal);
  },
};

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : json.stringify(value);
}
