/** One Engine.IO session: a client's connection, whichever transport carries it. */
import {
  CLOSE,
  ENGINE_ERRORS,
  type EngineError,
  MESSAGE,
  PING,
  PONG,
  PROBE_PING,
  PROBE_PONG,
  packetsOf,
  UPGRADE,
} from "../protocol/engine.ts";
import type { Format } from "../protocol/format.ts";
import { type ClientPacket, decodePacket } from "../protocol/socket.ts";
import { Heartbeat, type HeartbeatTimes, SLEEPING_INTERVAL } from "./heartbeat.ts";
import { Inbox } from "./inbox.ts";
import type { Polling } from "./polling.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Socket, snapshotOf } from "./socket.ts";
import { CLOSE_CODES, type Wire } from "./wire.ts";

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
  /** When a session that begins to ping now sends its first one. */
  firstPing(now: number, sleeping: boolean): number;
  onPacket(session: Session, packet: ClientPacket): void | Promise<void>;
  /** What waited for a client is on its way: there may be room for more. */
  onDrain(): void;
  /** Called once, when the session is over. */
  onEnd(session: Session): void;
};

export type Transport =
  | { readonly kind: "polling"; readonly polling: Polling }
  | { readonly kind: "websocket"; readonly wire: Wire };

/** A WebSocket on its way to become the session's transport. */
type Probe = {
  readonly wire: Wire;
  readonly until: number;
  answered: boolean;
  /** When to let a held GET go, so that the client may leave for its WebSocket. */
  releaseAt: number | undefined;
};

/** While a probe is pending, a held poll is let go after so long, in milliseconds. */
const RELEASE_POLL = 100;

/** Beyond so many waiting characters a reader gets no live events; the log has them for later. */
const CONGESTED = 256 * 1024;

export class Session {
  readonly sid: string;
  readonly openedAt: number;
  /** In which form it gets and sends events. */
  readonly format: Format;
  /** By namespace. */
  readonly sockets = new Map<string, Socket>();
  heartbeat: Heartbeat;
  readonly #host: SessionHost;
  #transport: Transport;
  #probe: Probe | undefined;
  #ended = false;
  #posting = false;
  readonly #inbox = new Inbox(
    (packet, now) => this.#handle(packet, now),
    () => this.end("too many packets at once", CLOSE_CODES.policy),
  );

  constructor(
    host: SessionHost,
    transport: Transport,
    identity: {
      readonly sid: string;
      readonly openedAt: number;
      readonly format: Format;
      readonly heartbeat: Heartbeat;
    },
  ) {
    this.#host = host;
    this.#transport = transport;
    this.sid = identity.sid;
    this.openedAt = identity.openedAt;
    this.format = identity.format;
    this.heartbeat = identity.heartbeat;
  }

  /** Can the room sleep while this session is open? */
  get sleeping(): boolean {
    return (
      this.#transport.kind === "websocket" && this.#host.settings.pingInterval >= SLEEPING_INTERVAL
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** May the session be upgraded to a WebSocket now? */
  get upgradable(): boolean {
    return this.#transport.kind === "polling" && this.#probe === undefined;
  }

  /** Does so much wait for the client that the log had better keep the rest? */
  get congested(): boolean {
    return this.#transport.kind === "polling" && this.#transport.polling.backlog > CONGESTED;
  }

  /** Sends one Engine.IO packet. */
  send(packet: string): void {
    if (this.#transport.kind === "websocket") this.#transport.wire.send(packet);
    else this.#transport.polling.send(packet);
  }

  /** Keeps with the WebSocket what has to outlive hibernation. */
  save(): void {
    if (this.#transport.kind === "websocket" && !this.#ended) {
      this.#transport.wire.save(this.snapshot());
    }
  }

  snapshot(): Snapshot {
    return {
      v: 1,
      sid: this.sid,
      openedAt: this.openedAt,
      format: this.format,
      pongBy: this.heartbeat.pongBy,
      sockets: Array.from(this.sockets.values(), snapshotOf),
    };
  }

  /** A text frame on one of the session's WebSockets. */
  receive(wire: Wire, frame: string, now: number): void | Promise<void> {
    if (wire === this.#probe?.wire) return this.#probed(this.#probe, frame, now);
    if (this.#transport.kind !== "websocket" || this.#transport.wire !== wire) return;
    if (this.heartbeat.pongBy !== undefined && this.sleeping) {
      this.heartbeat.heard(now, true);
      this.save();
    }
    return this.#inbox.take(frame, now);
  }

  /** One of the session's WebSockets broke a rule. */
  reject(wire: Wire, reason: string, code: number): void {
    if (wire === this.#probe?.wire) this.#dropProbe(this.#probe, reason, code);
    else this.end(reason, code);
  }

  /** One of the session's WebSockets is gone. */
  disconnected(wire: Wire): void {
    if (wire === this.#probe?.wire) this.#probe = undefined;
    else if (this.#transport.kind === "websocket" && this.#transport.wire === wire) this.#end();
  }

  /** A polling GET: resolves when there is something to send. */
  poll(now: number): Promise<string> | EngineError {
    if (this.#expired(now) || this.#transport.kind !== "polling") return ENGINE_ERRORS.badRequest;
    const { polling } = this.#transport;
    if (polling.held) {
      this.end("overlapping GETs");
      return ENGINE_ERRORS.badRequest;
    }
    if (this.#probe?.answered) this.#probe.releaseAt = now + RELEASE_POLL;
    const payload = polling.poll();
    this.#host.onDrain();
    return payload;
  }

  /**
   * A polling POST with one or more packets; resolves when all are taken.
   * @param readPayload reads its body; if it can't, the session ends and the reason is thrown
   */
  async post(readPayload: () => Promise<string>, now: number): Promise<"ok" | EngineError> {
    if (this.#expired(now) || this.#transport.kind !== "polling") return ENGINE_ERRORS.badRequest;
    if (this.#posting) {
      this.end("overlapping POSTs");
      return ENGINE_ERRORS.badRequest;
    }
    this.#posting = true;
    try {
      for (const packet of packetsOf(await readPayload())) {
        await this.#inbox.take(packet, now);
        if (this.#ended && packet !== CLOSE) return ENGINE_ERRORS.badRequest;
      }
      return "ok";
    } catch (error) {
      this.end("unreadable POST");
      throw error;
    } finally {
      this.#posting = false;
    }
  }

  /** A WebSocket asks to take over from polling. */
  probe(wire: Wire, now: number): void {
    const until = now + this.#host.settings.upgradeTimeout;
    this.#probe = { wire, until, answered: false, releaseAt: undefined };
  }

  /** Does what is due. */
  tick(now: number): void {
    if (now >= this.#connectBy) {
      this.end("connect timeout");
      return;
    }
    this.#tickProbe(now);
    const lastPong =
      this.#transport.kind === "websocket" ? this.#transport.wire.lastPong() : undefined;
    const beat = this.heartbeat.tick(now, this.sleeping, lastPong);
    if (beat === "dead") this.end("ping timeout");
    if (beat !== "ping") return;
    this.send(PING);
    if (this.sleeping && this.heartbeat.pongBy !== undefined) this.save();
  }

  /** When `tick` has something to do next. */
  get deadline(): number {
    const probe = Math.min(
      this.#probe?.until ?? Number.POSITIVE_INFINITY,
      this.#probe?.releaseAt ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(this.#connectBy, this.heartbeat.next, probe);
  }

  get #connectBy(): number {
    const { connectTimeout } = this.#host.settings;
    return this.sockets.size > 0 ? Number.POSITIVE_INFINITY : this.openedAt + connectTimeout;
  }

  /** Ends the session from the server's side; the client sees a disconnect and may come back. */
  end(reason: string, code: number = CLOSE_CODES.normal): void {
    if (this.#ended) return;
    if (this.#transport.kind === "websocket") {
      // A client that is gone may never answer the close: its socket must not come back to life.
      this.#transport.wire.save(null);
      this.#transport.wire.close(code, reason);
    } else if (this.#transport.polling.held) {
      this.#transport.polling.send(CLOSE);
    }
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#probe?.wire.close(CLOSE_CODES.normal, "session closed");
    this.#host.onEnd(this);
  }

  #handle(packet: string, now: number): void | Promise<void> {
    if (this.#ended) return;
    switch (packet.charAt(0)) {
      case MESSAGE: {
        const message = decodePacket(packet);
        if (message !== undefined) return this.#host.onPacket(this, message);
        return this.end("invalid packet", CLOSE_CODES.protocolError);
      }
      case PONG:
        return this.heartbeat.heard(now, this.sleeping);
      case CLOSE:
        this.#release();
        return this.end("client closed");
      default:
        return this.end("invalid packet", CLOSE_CODES.protocolError);
    }
  }

  #probed(probe: Probe, frame: string, now: number): void {
    if (frame === PROBE_PING && !probe.answered) {
      probe.answered = true;
      probe.wire.send(PROBE_PONG);
      this.#release();
    } else if (frame === UPGRADE && probe.answered && this.#transport.kind === "polling") {
      this.#upgrade(this.#transport.polling, probe, now);
    } else {
      this.#dropProbe(probe, "invalid probe");
    }
  }

  /** The switch is one synchronous turn, so what waited goes first and nothing slips between. */
  #upgrade(polling: Polling, { wire }: Probe, now: number): void {
    this.#probe = undefined;
    this.#transport = { kind: "websocket", wire };
    const { settings } = this.#host;
    this.heartbeat = new Heartbeat(settings, now, this.#host.firstPing(now, this.sleeping));
    this.save();
    for (const packet of polling.leave()) wire.send(packet);
    this.#host.onDrain();
  }

  #tickProbe(now: number): void {
    const probe = this.#probe;
    if (probe === undefined) return;
    if (now >= probe.until) {
      this.#dropProbe(probe, "upgrade timeout");
    } else if (probe.releaseAt !== undefined && now >= probe.releaseAt) {
      probe.releaseAt = undefined;
      this.#release();
    }
  }

  /** Lets a held GET go, with a noop if there is nothing to send. */
  #release(): void {
    if (this.#transport.kind === "polling") this.#transport.polling.release();
  }

  #dropProbe(probe: Probe, reason: string, code: number = CLOSE_CODES.protocolError): void {
    this.#probe = undefined;
    probe.wire.close(code, reason);
  }

  /** Clients poll right at the deadline: it holds whether or not the alarm has come. */
  #expired(now: number): boolean {
    const { pongBy } = this.heartbeat;
    if (pongBy !== undefined && now >= pongBy) this.end("ping timeout");
    return this.#ended;
  }
}
