// What `npm start` prints once the relay listens: who may use it, and what to try.

/** What may be done without a key or token; `closed` if nobody has one either. */
type Access = "write" | "read" | "none" | "closed";

const ACCESS: Record<Access, string> = {
  write: "Anyone on this machine may read and write. ",
  read: "Anyone on this machine may read; writing takes a key or token. ",
  none: "Reading and writing take a key or token. ",
  closed: "Closed to everyone. ",
};

const SECRETS = ["API_KEYS", "JWT_SECRET", "JWT_JWKS", "JWT_JWKS_URL"];

/**
 * @param url where it listens
 * @param state the folder in which rooms are kept
 * @param settings as the Worker gets them
 */
export function greeting(
  url: string,
  state: string,
  settings: Readonly<Record<string, string>>,
): string {
  const access = accessOf(settings);
  return `
Roomlog listens on ${url}
Rooms are kept in ${state}. ${ACCESS[access]}Ctrl-C stops.

${access === "closed" ? HOW_TO_OPEN : thingsToTry(url, access)}`;
}

function accessOf(settings: Readonly<Record<string, string>>): Access {
  const { ANONYMOUS = "none" } = settings;
  if (ANONYMOUS === "write" || ANONYMOUS === "read") return ANONYMOUS;
  return SECRETS.some((name) => name in settings) ? "none" : "closed";
}

const HOW_TO_OPEN = `Nobody has a key. To open it, start it again with one of:

   ANONYMOUS=write                 anybody may read and write
   API_KEYS='[{ ... }]'            npm run key  makes one, and prints what to set
   JWT_SECRET=...                  32 random bytes or more; tokens: README, "Deploy"
`;

function thingsToTry(url: string, access: Access): string {
  const open = access === "write";
  const page = open
    ? `Open ${url}/?room=lobby and write in one of the panes, in a second tab too.`
    : `Open ${url}/docs: what can be asked for over HTTP, and with which key.`;
  const header = open ? "" : ' \\\n     -H "authorization: Bearer $KEY"';
  const auth = open ? "" : ", auth: { token: KEY }";
  return `Three things to try${open ? "" : ", with a key or token as KEY"}:

1. ${page}

2. Publish from a shell:

   curl -X POST ${url}/rooms/lobby/events -H 'content-type: application/json'${header} \\
     -d '{"event":"chat","args":["hello from curl"]}'

3. Connect any Socket.IO client:

   import { io } from "socket.io-client";
   const socket = io("${url}", { path: "/rooms/lobby/socket.io"${auth} });
   socket.on("chat", (text, offset) => console.log(text, offset));
   socket.emit("chat", "hello", (ack) => console.log("stored at", ack.offset));
`;
}
