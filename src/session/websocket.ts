/**
 * The WebSocket transport. Fences go out between the packets, so that their pongs prove what has
 * arrived (see flow.ts).
 */
import { type Packet, PING } from "../protocol/engine.ts";
import { Flow, type RoomFlow } from "./flow.ts";
import type { Wire } from "./wire.ts";

/** What the transport needs of its session. */
export type WebSocketPorts = {
  readonly flow: RoomFlow;
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether the client owes a proof of what it has received, from now on. */
  onOwing(owing: boolean): void;
};

export class WebSocketTransport {
  readonly kind = "websocket";
  readonly wire: Wire;
  readonly #ports: WebSocketPorts;
  readonly #flow: Flow;

  constructor(wire: Wire, ports: WebSocketPorts) {
    this.wire = wire;
    this.#ports = ports;
    this.#flow = new Flow(ports.flow);
  }

  /** What the client has not proved to have received. */
  get waiting(): number {
    return this.#flow.fenced;
  }

  admits(amount: number): boolean {
    return this.#flow.admits(amount);
  }

  send(packet: Packet): void {
    this.wire.send(packet);
    if (this.#flow.sent(packet.length)) this.#fence();
  }

  #fence(): void {
    const { owing } = this.#flow;
    this.#flow.fence(this.#ports.now());
    if (!owing) this.#ports.onOwing(true);
    this.wire.send(PING);
  }

  /** A ping of the heartbeat goes out: its pong comes among those of the fences. */
  pinged(now: number): void {
    if (this.#flow.owing) this.#flow.fence(now);
  }

  /** Is a proof awaited? */
  get owing(): boolean {
    return this.#flow.owing;
  }

  /** Since when; infinite if none is. */
  get owingSince(): number {
    return this.#flow.owing ? this.#flow.since : Number.POSITIVE_INFINITY;
  }

  /** A pong came. */
  proved(now: number): void {
    this.#flow.proved(now);
    if (!this.#flow.owing) this.#ports.onOwing(false);
  }

  /** Has the runtime answered a fence's pong by itself, though it was told to let it through? */
  get answered(): boolean {
    return (this.lastPong ?? 0) > this.owingSince;
  }

  /** The runtime's stamp of the pong that it last answered by itself; a hint only. */
  get lastPong(): number | undefined {
    return this.wire.lastPong();
  }

  close(code: number, reason: string): void {
    // A client that is gone may never answer the close: its socket must not come back to life.
    this.wire.save(null);
    this.wire.close(code, reason);
  }

  /** It is over: what waits no longer counts. */
  leave(): void {
    this.#flow.leave();
    this.#ports.onOwing(false);
  }
}
