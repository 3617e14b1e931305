/** `roomlog key`: an API key for a backend (AUTH-2). Only its hash is kept anywhere. */
import { createHash, randomBytes } from "node:crypto";
import { Scope } from "../auth/scope.ts";
import { exactly, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { print } from "./output.ts";
import { UsageError } from "./usage-error.ts";

export const key: Command = {
  summary: "make an API key for a backend",
  help: `
Makes an API key, and prints it with what to do with it.

  roomlog key <id> [--scope read,write] [--rooms 'chat-*,lobby']

  <id>       who it is for: 1 to 64 characters of A-Z a-z 0-9 _ -
  --scope    what it may do: some of ${Scope.options.join(", ")} (default read,write)
  --rooms    where: names or patterns with * (default *)
`,
  async run(args, { signal }) {
    const { values, positionals } = readArguments(args, {
      scope: { type: "string", default: "read,write" },
      rooms: { type: "string", default: "*" },
    });
    const [id] = exactly(positionals, "id");
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new UsageError(`not an id: ${id}`);
    const isScope = (item: string) => Scope.options.some((known) => known === item);
    const scope = list(values.scope, isScope, "scope");
    const rooms = list(values.rooms, (item) => /^[A-Za-z0-9_.:~*-]{1,128}$/.test(item), "room");
    const secret = `${id}.${randomBytes(32).toString("base64url")}`;
    const hash = createHash("sha256").update(secret).digest("hex");
    await print(instructions(secret, JSON.stringify([{ id, hash, scope, rooms }])), signal);
  },
};

function instructions(key: string, entry: string): string {
  return `The key, shown this once:

  ${key}

Its entry for the secret API_KEYS, a JSON array (put several keys into one array):

  ${entry}

Deploy it, pasting the array when asked:

  npx wrangler secret put API_KEYS

Or try it here:

  API_KEYS='${entry}' npm start
`;
}

function list(text: string, valid: (item: string) => boolean, what: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  const wrong = items.find((item) => !valid(item));
  if (wrong !== undefined) throw new UsageError(`not a ${what}: "${wrong}"`);
  return [...new Set(items)];
}
