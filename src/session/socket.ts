/** One Socket.IO connection to a namespace, inside a session. */
import type { Claims } from "../auth/access.ts";
import type { Session } from "./session.ts";
import type { SocketSnapshot } from "./snapshot.ts";

export type Socket = {
  readonly session: Session;
  readonly namespace: string;
  /** Public id; survives a resume. */
  readonly id: string;
  /** Private id with which the client resumes. */
  readonly pid: string;
  readonly claims: Claims;
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
    };

/** What of a socket is kept through hibernation. */
export function snapshotOf({ namespace, id, pid, claims, position }: Socket): SocketSnapshot {
  const base = { namespace, id, pid, claims };
  if (position.state === "live") return base;
  const { sent, replayed, announce } = position;
  return { ...base, replay: { sent, replayed, announce } };
}
