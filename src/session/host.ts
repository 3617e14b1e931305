/** What a session needs of its room, and tells it. */
import type { Rate } from "../limits/rate.ts";
import type { Packet } from "../protocol/engine.ts";
import type { ClientPacket } from "../protocol/socket.ts";
import type { Counters } from "../telemetry/counters.ts";
import type { EndReason } from "./end-reason.ts";
import type { RoomFlow } from "./flow.ts";
import type { HeartbeatTimes } from "./heartbeat.ts";
import type { Session } from "./session.ts";

/** Times in milliseconds, sizes in bytes. */
export type SessionSettings = HeartbeatTimes & {
  readonly maxPayload: number;
  /** A session that joined no namespace by then is closed. */
  readonly connectTimeout: number;
  /** A probe that did not upgrade by then is closed. */
  readonly upgradeTimeout: number;
};

/** Whom a session tells what comes from its client. */
export type SessionHost = {
  readonly settings: SessionSettings;
  readonly flow: RoomFlow;
  readonly counters: Counters;
  /** How many packets it may send that ask for no answer. */
  readonly packets: Rate;
  /** Milliseconds since 1970. */
  now(): number;
  /** When a session that begins to ping now sends its first one. */
  firstPing(now: number, sleeping: boolean): number;
  /** Asks for a tick at `time` (milliseconds since 1970), or earlier. */
  wakeAt(time: number): void;
  onPacket(session: Session, packet: ClientPacket): void | Promise<void>;
  /** Where the room speaks something else than Socket.IO: takes Engine.IO's messages as they are. */
  readonly onMessage?: ((session: Session, message: Packet) => void) | undefined;
  /** Whether a pong has to come through from now on, as it proves what the client has received. */
  onOwing(session: Session, owing: boolean): void;
  /** What waited for a client is on its way: there may be room for more. */
  onDrain(): void;
  /** It has left the last namespace that it was in. */
  onOutside(session: Session): void;
  /** Gets what the room failed with while it took a packet. */
  report(error: unknown): void;
  /** Called once, when the session is over. */
  onEnd(session: Session, reason: EndReason): void;
};
