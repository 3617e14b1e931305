/** What a room's own code may take over; what it leaves out is the plain relay's. */
import type { Packet } from "../protocol/engine.ts";
import type { EndReason } from "../session/end-reason.ts";
import type { Session } from "../session/session.ts";
import type { IncomingEvent } from "./incoming-event.ts";
import type { ConnectingSocket, ServerSocket } from "./server-socket.ts";

/** Why a socket is gone. */
export type DisconnectReason =
  | EndReason
  | "client namespace disconnect"
  | "server namespace disconnect";

/** Does the room have any code? */
export function hasCode(handlers: Handlers): boolean {
  return Object.values(handlers).some((handler) => handler !== undefined);
}

export type Handlers = {
  /** Before a socket is let in; what it throws refuses it. */
  onConnect?(socket: ConnectingSocket): void | Promise<void>;
  onEvent?(socket: ServerSocket, event: IncomingEvent): void | Promise<void>;
  onDisconnect?(socket: ServerSocket, reason: DisconnectReason): void | Promise<void>;
  /** Instead of all the above: takes Engine.IO's messages as they come. */
  readonly onMessage?: ((session: Session, message: Packet) => void) | undefined;
};
