/** One Socket.IO connection to a namespace, inside a session. */
import type { Claims } from "../auth/access.ts";
import type { Seat } from "./seat.ts";
import type { Session } from "./session.ts";
import type { SocketSnapshot } from "./snapshot.ts";

export type Socket = {
  readonly session: Session;
  readonly namespace: string;
  /** Public id; survives a resume. */
  readonly id: string;
  /** Private id with which the client resumes; undefined in a room without recovery. */
  readonly pid: string | undefined;
  /** A fresh token changes them; whose they are stays. */
  claims: Claims;
  /** What the room's code keeps about it. */
  readonly seat: Seat;
  /** Did it resume? */
  readonly recovered: boolean;
  /** When it came, in milliseconds since 1970; a resume soon after keeps it. */
  readonly since: number;
  /** JSON that its client gave to be shown to others; undefined in a room with code. */
  readonly shown: string | undefined;
  /** Does it hear who comes and goes, and has it been told who is here? */
  watch: Watch | undefined;
  position: Position;
};

export type Watch = "owed" | "told";

/** How far a socket has been sent the log; `sent` only rises. */
export type Position =
  | { readonly state: "live"; sent: number }
  | {
      readonly state: "replaying";
      sent: number;
      /** How many events the replay has sent so far. */
      replayed: number;
      /** Is `roomlog:live` owed at the end? */
      readonly announce: boolean;
    }
  /** It may not read now; if it may again, it goes on from here, which may be in an earlier epoch. */
  | {
      readonly state: "stopped";
      sent: number;
      readonly replayed: number;
      readonly announce: boolean;
      readonly epoch: string;
    }
  /** The room's code has not let it in yet. */
  | { readonly state: "connecting"; sent: number };

/** What is shown of a client that gave nothing. */
export const NOTHING = "null";

/** When the first of these sockets' tokens runs out, in milliseconds since 1970; infinite if none does. */
export function firstExpiry(sockets: Iterable<Socket>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { claims } of sockets) first = Math.min(first, claims.expiresAt ?? first);
  return first;
}

/** Bytes that an attachment may need for what is shown of sockets. */
export function shownSize(sockets: Iterable<Socket>): number {
  let size = 0;
  for (const { shown = NOTHING } of sockets) size += shown === NOTHING ? 0 : 2 * shown.length;
  return size;
}

/** What of a socket is kept through hibernation. */
export function snapshotOf(socket: Socket): SocketSnapshot {
  const { namespace, id, pid, claims, position, recovered, since, shown, watch } = socket;
  const base = {
    namespace,
    id,
    pid,
    claims,
    ...(recovered && { recovered }),
    since,
    ...(shown !== undefined && shown !== NOTHING && { shown }),
    ...(watch !== undefined && { watch }),
  };
  if (position.state !== "replaying" && position.state !== "stopped") return base;
  const { state, ...replay } = position;
  return { ...base, replay };
}
