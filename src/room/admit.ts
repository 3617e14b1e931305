/** Who a CONNECT comes from, before it may join: all that has to be awaited happens here. */
import type { AccessSettings, Claims } from "../auth/access.ts";
import { type Auth, isGiven } from "../protocol/socket.ts";
import { digest, newSecret, type Pid, parsePid, socketId } from "../session/ids.ts";
import { identify, isForbidden } from "./identify.ts";
import { isRewind } from "./join.ts";

/** A client that may join. */
export type Admission = {
  readonly id: string;
  readonly claims: Claims;
  /** What a new pid is made from. */
  readonly secret: string;
  /** The pid that it came with. */
  readonly pid: Pid | undefined;
};

/** A CONNECT_ERROR: its message, and what programs read. */
export type ConnectRefusal = { readonly message: string; readonly data?: unknown };

export function refusal(code: string, message: string): ConnectRefusal {
  return { message, data: { code } };
}

/** `auth.clientId` has to be hard to guess: who knows it has the identity. */
const CLIENT_ID_LENGTH = 16;

/**
 * Checks a client's token, and works out its ids and its identity (EMIT-3).
 * @param ownTokens does the room's code check tokens? Where the relay knows none, they are its own
 */
export async function admit(
  auth: Auth,
  namespace: string,
  room: string,
  access: AccessSettings,
  ownTokens: boolean,
): Promise<Admission | ConnectRefusal> {
  const { clientId } = auth;
  if (isGiven(clientId) && !isClientId(clientId)) {
    const message = `auth.clientId has to be a string of ${CLIENT_ID_LENGTH} to 256 characters`;
    return refusal("invalid_client_id", message);
  }
  if (!isRewind(auth.rewind)) {
    return refusal("invalid_rewind", "auth.rewind has to be a count of events");
  }

  const isOwn = ownTokens && access.keys.length === 0 && access.tokens === undefined;
  const client = isGiven(clientId) ? `client:${await digest(clientId)}` : "";
  const known = await identify(isOwn ? undefined : auth.token, client, room, access);
  if (isForbidden(known)) return refusal(known.code, known.message);

  const pid = parsePid(auth.pid);
  const secret = pid?.secret ?? newSecret();
  const id = await socketId(secret, namespace, known.identity);
  const identity = known.identity === "" ? `pid:${id}` : known.identity;
  return { id, claims: { ...known, identity }, secret, pid };
}

export function isConnectRefusal(answer: object): answer is ConnectRefusal {
  return "message" in answer;
}

function isClientId(value: unknown): value is string {
  return typeof value === "string" && value.length >= CLIENT_ID_LENGTH && value.length <= 256;
}
