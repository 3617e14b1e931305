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
  readonly claims: Claims;
  /** What the room's code keeps about it. */
  readonly seat: Seat;
  /** Did it resume? */
  readonly recovered: boolean;
  position: Position;
};

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
  /** The room's code has not let it in yet. */
  | { readonly state: "connecting"; sent: number };

/** What of a socket is kept through hibernation. */
export function snapshotOf(socket: Socket): SocketSnapshot {
  const { namespace, id, pid, claims, position, recovered } = socket;
  const base = { namespace, id, pid, claims, ...(recovered && { recovered }) };
  if (position.state !== "replaying") return base;
  const { sent, replayed, announce } = position;
  return { ...base, replay: { sent, replayed, announce } };
}
