/** A WebSocket on its way to become the transport of a session that polls. */
import { type Packet, PROBE_PING, PROBE_PONG, UPGRADE } from "../protocol/engine.ts";
import { CLOSE_CODES, type Wire } from "./wire.ts";

/** A poll that comes after the probe was answered is held for so long, in milliseconds. */
const RELEASE_POLL = 100;

export class Probe {
  readonly wire: Wire;
  readonly #until: number;
  #answered = false;
  #releaseAt = Number.POSITIVE_INFINITY;

  /** @param until when it has to have upgraded, in milliseconds since 1970 */
  constructor(wire: Wire, until: number) {
    this.wire = wire;
    this.#until = until;
  }

  /** When `due` has something to say next. */
  get deadline(): number {
    return Math.min(this.#until, this.#releaseAt);
  }

  /** Takes a frame of the client's, and says what it came to. */
  take(frame: Packet): "answered" | "upgrade" | "invalid" {
    if (frame === UPGRADE && this.#answered) return "upgrade";
    if (frame !== PROBE_PING || this.#answered) return "invalid";
    this.#answered = true;
    this.wire.send(PROBE_PONG);
    return "answered";
  }

  /** The client polls again: it is to leave for its WebSocket soon. */
  polled(now: number): void {
    if (this.#answered) this.#releaseAt = now + RELEASE_POLL;
  }

  /** What is due: it took too long, or a held GET is to be let go. */
  due(now: number): "timeout" | "release" | undefined {
    if (now >= this.#until) return "timeout";
    if (now < this.#releaseAt) return undefined;
    this.#releaseAt = Number.POSITIVE_INFINITY;
    return "release";
  }

  close(reason: string, code: number = CLOSE_CODES.protocolError): void {
    this.wire.close(code, reason);
  }
}
