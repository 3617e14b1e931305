/** The long-polling transport: packets wait here for the GET that fetches them. */
import {
  ENGINE_ERRORS,
  type EngineError,
  NOOP,
  type Packet,
  takePayload,
} from "../protocol/engine.ts";

/** Holds the packets of one session, and at most one parked GET. */
export class Polling {
  readonly #maxPayload: number;
  readonly #queue: Packet[] = [];
  #parked: ((answer: string | EngineError) => void) | undefined;
  #flushing = false;
  /** Characters and bytes that wait. */
  backlog = 0;

  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  /** Is a GET being held? */
  get held(): boolean {
    return this.#parked !== undefined;
  }

  /** Does nothing wait to be fetched? */
  get empty(): boolean {
    return this.#queue.length === 0;
  }

  send(packet: Packet): void {
    this.#queue.push(packet);
    this.backlog += packet.length;
    if (this.#parked === undefined || this.#flushing) return;
    // All that is sent in this turn goes out in one answer.
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  /** The answer to a GET: what waits, or what comes next. Only one may be held. */
  poll(): Promise<string | EngineError> {
    return new Promise((resolve) => {
      this.#parked = resolve;
      this.#flush();
    });
  }

  /** Answers a held GET at once, with a noop if nothing waits. */
  release(): void {
    if (this.#parked === undefined) return;
    if (this.#queue.length === 0) this.#queue.push(NOOP);
    this.#flush();
  }

  /**
   * Ends polling: what waits goes to the next transport. A GET that is held came too late, though it
   * may have overtaken the switch on its way.
   */
  leave(): Packet[] {
    this.backlog = 0;
    this.#parked?.(ENGINE_ERRORS.badRequest);
    this.#parked = undefined;
    return this.#queue.splice(0);
  }

  #flush(): void {
    const answer = this.#parked;
    if (answer === undefined || this.#queue.length === 0) return;
    this.#parked = undefined;
    const payload = takePayload(this.#queue, this.#maxPayload);
    this.backlog = this.#queue.reduce((sum, packet) => sum + packet.length, 0);
    answer(payload);
  }
}
