/**
 * When to ping a client, and when to give it up. All times in milliseconds since 1970.
 *
 * An exact heartbeat is the reference server's: a pong is due within the timeout, the next ping an
 * interval after it. A sleeping one lets the room hibernate: its WebSockets are pinged in one
 * round, and the runtime answers their pongs by itself, which wakes nobody. The runtime's stamp of
 * the last pong is only a hint, so a client that seems silent is pinged once more, and that pong is
 * awaited by hand, before the client is given up.
 */

/** From this ping interval on, a room with nothing to do sleeps between pings. */
export const SLEEPING_INTERVAL = 10_000;

export type HeartbeatTimes = { readonly pingInterval: number; readonly pingTimeout: number };

/** What a tick asks the session to do. */
export type Beat = "wait" | "ping" | "dead";

export class Heartbeat {
  readonly #times: HeartbeatTimes;
  #heardAt: number;
  #pingAt: number;
  /** When a pong that is awaited by hand has to be there. */
  pongBy: number | undefined;

  /**
   * @param heardAt when the client was last known to be there
   * @param pingAt when the first ping is due
   */
  constructor(times: HeartbeatTimes, heardAt: number, pingAt: number, pongBy?: number) {
    this.#times = times;
    this.#heardAt = heardAt;
    this.#pingAt = pingAt;
    this.pongBy = pongBy;
  }

  /** When `tick` has something to do next. */
  get next(): number {
    return Math.min(this.pongBy ?? Number.POSITIVE_INFINITY, this.#pingAt);
  }

  /**
   * Moves on to `now`.
   * @param sleeping may the room sleep while this client's pong comes?
   * @param lastPong the runtime's stamp, if there is one
   */
  tick(now: number, sleeping: boolean, lastPong: number | undefined): Beat {
    const { pingInterval, pingTimeout } = this.#times;
    if (this.pongBy !== undefined) return now < this.pongBy ? "wait" : "dead";
    if (now < this.#pingAt) return "wait";
    const seen = Math.max(this.#heardAt, lastPong ?? 0);
    if (!sleeping || now - seen > pingInterval + pingTimeout) this.pongBy = now + pingTimeout;
    this.#pingAt = sleeping ? now + pingInterval : Number.POSITIVE_INFINITY;
    return "ping";
  }

  /** A pong came (or, of a sleeping client, anything at all). */
  heard(now: number, sleeping: boolean): void {
    this.#heardAt = now;
    this.pongBy = undefined;
    if (!sleeping) this.#pingAt = now + this.#times.pingInterval;
  }
}
