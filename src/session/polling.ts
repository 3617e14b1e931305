/** The long-polling transport: packets wait here for the GET that fetches them. */
import {
  ENGINE_ERRORS,
  type EngineError,
  NOOP,
  type Packet,
  takePayload,
} from "../protocol/engine.ts";
import { type RoomFlow, Share, WINDOW } from "./flow.ts";

/** Holds the packets of one session, and at most one parked GET. */
export class Polling {
  readonly kind = "polling";
  readonly #maxPayload: number;
  readonly #queue: Packet[] = [];
  #parked: ((answer: string | EngineError) => void) | undefined;
  #flushing = false;
  readonly #room: RoomFlow;
  readonly #share: Share;

  constructor(maxPayload: number, room: RoomFlow) {
    this.#maxPayload = maxPayload;
    this.#room = room;
    this.#share = new Share(room);
  }

  /** Characters and bytes that wait to be fetched. */
  get waiting(): number {
    return this.#share.amount;
  }

  /** May so much of the log wait besides? */
  admits(amount: number): boolean {
    return this.waiting + amount <= WINDOW && !(this.#room.full && !this.empty);
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
    this.#share.amount += packet.length;
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
    this.drop();
    this.#parked?.(ENGINE_ERRORS.badRequest);
    this.#parked = undefined;
    return this.#queue.splice(0);
  }

  /** What waits is nobody's concern any more. */
  drop(): void {
    this.#share.leave();
  }

  #flush(): void {
    const answer = this.#parked;
    if (answer === undefined || this.#queue.length === 0) return;
    this.#parked = undefined;
    const payload = takePayload(this.#queue, this.#maxPayload);
    this.#share.amount = this.#queue.reduce((sum, packet) => sum + packet.length, 0);
    answer(payload);
  }
}
