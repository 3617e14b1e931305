/**
 * How much a client was sent without having proved to receive it. On a WebSocket a ping is a fence:
 * pongs come in the order of the pings, so a pong proves that all before its ping has arrived
 * (Engine.IO v4, heartbeat). All amounts in characters of text and bytes of attachments.
 */

/** A fence follows each such amount. */
const FENCE = 256 * 1024;

/** Of one client. Beyond it gets nothing of the log. */
export const WINDOW = 1024 * 1024;

/**
 * So much may wait for one client, the largest packet besides: what is no event of the log, such as
 * acks, can't wait there, so a client that goes on asking without reading is given up.
 */
export const FLOOD = 2 * WINDOW;

/** Of all clients of a room. Beyond it, those get nothing of the log that owe a proof. */
const ROOM_WINDOW = 32 * 1024 * 1024;

/** What waits for proof in a whole room. */
export class RoomFlow {
  waiting = 0;

  get full(): boolean {
    return this.waiting > ROOM_WINDOW;
  }
}

/** One session's part of what waits in its room. */
export class Share {
  readonly #room: RoomFlow;
  #amount = 0;
  #left = false;

  constructor(room: RoomFlow) {
    this.#room = room;
  }

  get amount(): number {
    return this.#amount;
  }

  set amount(amount: number) {
    if (!this.#left) this.#room.waiting += amount - this.#amount;
    this.#amount = amount;
  }

  /** The session is over: what waits for it no longer counts. */
  leave(): void {
    this.amount = 0;
    this.#left = true;
  }
}

/** The flow to one WebSocket. */
export class Flow {
  readonly #room: RoomFlow;
  /** What is behind a fence and not proved. */
  readonly #share: Share;
  #sent = 0;
  #proven = 0;
  /** How much had been sent at each fence whose pong is awaited. */
  readonly #fences: number[] = [];
  /** When the client last proved something, or came to owe it. */
  #since = 0;

  constructor(room: RoomFlow) {
    this.#room = room;
    this.#share = new Share(room);
  }

  /** Counts what was sent; says whether a fence is due behind it. */
  sent(amount: number): boolean {
    this.#sent += amount;
    return this.#sent - this.#lastFence >= FENCE;
  }

  /** A ping goes out now. */
  fence(now: number): void {
    if (!this.owing) this.#since = now;
    this.#fences.push(this.#sent);
    this.#share.amount = this.#sent - this.#proven;
  }

  /** A pong came. */
  proved(now: number): void {
    const proven = this.#fences.shift();
    if (proven === undefined) return;
    this.#proven = proven;
    this.#since = now;
    this.#share.amount = this.#lastFence - proven;
  }

  /** Is a proof awaited? */
  get owing(): boolean {
    return this.#fences.length > 0;
  }

  /** Since when, in milliseconds since 1970, has the client proved nothing? Only of one that owes. */
  get since(): number {
    return this.#since;
  }

  /** What is behind a fence and is not proved. */
  get fenced(): number {
    return this.#share.amount;
  }

  /** What was sent and is not proved. */
  get unproven(): number {
    return this.#sent - this.#proven;
  }

  /** May the client be sent `amount` of the log? What is too much for any window has to come in pages. */
  admits(amount: number): boolean {
    return this.unproven + amount <= WINDOW && !(this.#room.full && this.owing);
  }

  leave(): void {
    this.#share.leave();
  }

  get #lastFence(): number {
    return this.#fences.at(-1) ?? this.#proven;
  }
}
