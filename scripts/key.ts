// `npm run key -- <id>`: makes an API key for a backend. Only its hash is kept anywhere.
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

const SCOPES = ["read", "write", "presence", "admin"];
const USAGE = `Makes an API key.

  npm run key -- <id> [--scope read,write] [--rooms 'chat-*,lobby']

  <id>       who it is for: 1 to 64 characters of A-Z a-z 0-9 _ -
  --scope    what it may do: some of ${SCOPES.join(", ")} (default read,write)
  --rooms    where: names or patterns with * (default *)
`;

try {
  const { id, scope, rooms } = readArguments(process.argv.slice(2));
  const key = `${id}.${randomBytes(32).toString("base64url")}`;
  const hash = createHash("sha256").update(key).digest("hex");
  const entry = JSON.stringify([{ id, hash, scope, rooms }]);
  console.log(`The key, shown this once:

  ${key}

Its entry for the secret API_KEYS, a JSON array (put several keys into one array):

  ${entry}

Deploy it, pasting the array when asked:

  npx wrangler secret put API_KEYS

Or try it here:

  API_KEYS='${entry}' npm start
`);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 2;
}

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      scope: { type: "string", default: "read,write" },
      rooms: { type: "string", default: "*" },
    },
  });
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new Error("Name one id.");
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw new Error(`Not an id: ${id}`);
  }
  const scope = list(values.scope, (item) => SCOPES.includes(item), "scope");
  const rooms = list(values.rooms, (item) => /^[A-Za-z0-9_.:~*-]{1,128}$/.test(item), "room");
  return { id, scope, rooms };
}

function list(text: string, valid: (item: string) => boolean, what: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  const wrong = items.find((item) => !valid(item));
  if (wrong !== undefined) throw new Error(`Not a ${what}: "${wrong}"`);
  return [...new Set(items)];
}
