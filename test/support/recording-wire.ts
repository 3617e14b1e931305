/** A WebSocket that keeps what it was told. */
import { deserialize, serialize } from "node:v8";
import { type Packet, takePayload } from "../../src/protocol/engine.ts";
import type { Wire } from "../../src/session/wire.ts";

/** Bytes that the platform keeps with a WebSocket. */
const ATTACHMENT = 16_384;

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
  save(snapshot: unknown): boolean {
    const bytes = serialize(snapshot);
    if (bytes.length > ATTACHMENT) return false;
    this.saved = deserialize(bytes);
    return true;
  }

  lastPong(): number | undefined {
    return this.pong;
  }
}
