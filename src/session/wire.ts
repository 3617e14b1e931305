/** A WebSocket, as a session sees it; the platform implements it. */
import type { Packet } from "../protocol/engine.ts";

export interface Wire {
  /** Sends a text or binary frame. Never throws: on a socket that is gone it does nothing. */
  send(frame: Packet): void;
  close(code: number, reason: string): void;
  /**
   * Keeps what must outlive hibernation with the socket.
   * @returns false if it is too large (16 KiB): what was kept before stays
   */
  save(snapshot: unknown): boolean;
  /** When the runtime last answered this client's pong by itself, if it says. A hint only. */
  lastPong(): number | undefined;
}

/** WebSocket close codes in use (RFC 6455 §7.4.1). */
export const CLOSE_CODES = {
  normal: 1000,
  protocolError: 1002,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  /** Registered with IANA, 2012. */
  tryAgainLater: 1013,
  /** Registered with IANA, 2022, for what HTTP answers with 401. */
  unauthorized: 3000,
} as const;
