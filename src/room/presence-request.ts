/** What a CONNECT says about presence: what to show of its socket, and whether it wants to hear of others. */
import { type Claims, may } from "../auth/access.ts";
import { utf8Length } from "../protocol/engine.ts";
import { type Auth, isGiven } from "../protocol/socket.ts";
import type { Session } from "../session/session.ts";
import { NOTHING } from "../session/socket.ts";
import { type ConnectRefusal, refusal } from "./admit.ts";
import { tellableIdentity } from "./member.ts";

export type PresenceRequest = {
  /** JSON; undefined in a room with code, whose `socket.data` is shown. */
  readonly shown: string | undefined;
  readonly watches: boolean;
};

/** Bytes of `auth.data` as JSON, and of all sockets of a session together: its attachment is small. */
const MAX_DATA = 1_024;
const MAX_SESSION_DATA = 3_072;

/** What about the room decides. */
export type PresenceContext = {
  /** The room's name. */
  readonly room: string;
  /** Does it have code? */
  readonly coded: boolean;
  /** Does it send events of Roomlog's own? */
  readonly recovery: boolean;
};

/**
 * May the holder of these claims see who is here? Where a room has code, `socket.data` is seen as
 * well: that is for holders of a key or token only, however open the room is.
 */
export function maySeeMembers(claims: Claims, room: string, coded: boolean): boolean {
  return may(claims, "presence", room) && (!coded || tellableIdentity(claims) !== null);
}

export function readPresence(
  auth: Auth,
  claims: Claims,
  session: Session,
  context: PresenceContext,
): PresenceRequest | ConnectRefusal {
  const shown = context.coded
    ? undefined
    : isGiven(auth.data)
      ? JSON.stringify(auth.data)
      : NOTHING;
  if (shown !== undefined && shown !== NOTHING && !fits(shown, session)) {
    const limits = `${MAX_DATA} bytes, and that of a connection's namespaces ${MAX_SESSION_DATA}`;
    return refusal("invalid_data", `auth.data may have ${limits}`);
  }
  const { presence } = auth;
  if (!context.recovery || !isGiven(presence) || presence === false)
    return { shown, watches: false };
  if (presence !== true) {
    return refusal("invalid_presence", "auth.presence has to be true or false");
  }
  if (!maySeeMembers(claims, context.room, context.coded)) {
    return refusal("forbidden", "auth.presence needs the scope presence");
  }
  return { shown, watches: true };
}

function fits(text: string, { sockets }: Session): boolean {
  const bytes = utf8Length(text);
  let sum = bytes;
  for (const { shown } of sockets.values()) sum += utf8Length(shown ?? "");
  return bytes <= MAX_DATA && sum <= MAX_SESSION_DATA;
}
