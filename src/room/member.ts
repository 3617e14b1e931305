/** What the others are shown of a socket: over HTTP, and where they hear who comes and goes. */
import type { Claims } from "../auth/access.ts";
import type { Socket } from "../session/socket.ts";

/** A member of a namespace, as others see it. */
export type Member = {
  readonly id: string;
  readonly namespace: string;
  readonly identity: string | null;
  /** In milliseconds since 1970. */
  readonly since: number;
  /** `{ id, identity, data, since }`, as JSON. */
  readonly text: string;
};

/** Identities that can be told: who comes without a key or token has one made from a secret. */
const TELLABLE = /^(?:key|sub):/;

/** Who holds the claims, in a form that others may read; null for the anonymous. */
export function tellableIdentity({ identity }: Claims): string | null {
  return TELLABLE.test(identity) ? identity : null;
}

/** So many characters of `socket.data` are shown to others; longer ones are not. */
const MAX_SHOWN = 4_096;

export function memberOf(socket: Socket): Member {
  const { id, namespace, since, claims } = socket;
  const identity = tellableIdentity(claims);
  const who = JSON.stringify({ id, identity }).slice(0, -1);
  const at = new Date(since).toISOString();
  const text = `${who},"data":${dataOf(socket)},"since":"${at}"}`;
  return { id, namespace, identity, since, text };
}

/** What the room's code keeps with the socket; in a room without code, what its client gave. */
function dataOf({ shown, seat }: Socket): string {
  if (shown !== undefined) return shown;
  try {
    const text = JSON.stringify(seat.data);
    return text.length > MAX_SHOWN ? "null" : text;
  } catch {
    // Not JSON, which can only be stored as an error: see Seats.
    return "null";
  }
}
