/** A WebSocket that keeps what it was told. */
import { type Packet, takePayload } from "../../src/protocol/engine.ts";
import type { Wire } from "../../src/session/wire.ts";

export class RecordingWire implements Wire {
  /** As polling writes them: a binary frame is base64 behind a `b`. */
  readonly frames: string[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  saved: unknown;
  pong: number | undefined;

  send(frame: Packet): void {
    if (this.closed === undefined) this.frames.push(takePayload([frame], Number.MAX_VALUE));
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  /** As the platform does: what is kept is a copy. */
  save(snapshot: unknown): void {
    this.saved = structuredClone(snapshot);
  }

  lastPong(): number | undefined {
    return this.pong;
  }
}
