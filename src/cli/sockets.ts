/** `roomlog sockets` and `roomlog kick`: who is in a room, and taking them out. */
import { mayBeSocket } from "../server/client.ts";
import { exactly, readArguments } from "./arguments.ts";
import { type Command, relayHelp } from "./command.ts";
import { json } from "./json.ts";
import { harmless, print, table } from "./output.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";
import { UsageError } from "./usage-error.ts";

const HEAD = ["id", "identity", "namespace", "transport", "since", "data"];

export const sockets: Command = {
  summary: "list who is connected",
  help: `
Lists the sockets in a room. Takes a key with the scope presence.

  roomlog sockets <room>

  --json            an object a line${relayHelp(20)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...RELAY_OPTIONS,
      json: { type: "boolean" },
    });
    const [room] = exactly(positionals, "room");
    const all = await relayOf(values, context).sockets(room, { signal: context.signal });
    if (values.json) {
      for (const socket of all) await print(json.stringify(socket), context.signal);
      return;
    }
    const rows = all.map(({ id, identity, namespace, transport, since, data }) =>
      [id, identity ?? "-", namespace, transport, since, json.stringify(data ?? null)].map(
        harmless,
      ),
    );
    await print(table([HEAD, ...rows]), context.signal);
  },
};

export const kick: Command = {
  summary: "disconnect a socket, or all of an identity",
  help: `
Disconnects a socket by its id, or all sockets of an identity as roomlog sockets shows it. They may
come back if their token still holds. Takes a key with the scope admin.

  roomlog kick <room> <id>
  roomlog kick <room> --identity sub:alice
${relayHelp(20)}`,
  async run(args, context) {
    const known = { ...RELAY_OPTIONS, identity: { type: "string" } } as const;
    const { values, positionals } = readArguments(args, known, 2);
    const { identity } = values;
    if (identity === "") throw new UsageError("--identity is empty");
    const [room, id] =
      identity === undefined ? exactly(positionals, "room", "id") : exactly(positionals, "room");
    if (id !== undefined && !mayBeSocket(id)) throw new UsageError(`"${id}" is no socket`);
    const who = identity === undefined ? String(id) : { identity };
    const relay = relayOf(values, context);
    const { disconnected } = await relay.disconnect(room, who, { signal: context.signal });
    await print(`disconnected: ${disconnected}`, context.signal);
  },
};
