/** One Engine.IO session: a client's connection, whichever transport carries it. */
import { Bucket } from "../limits/rate.ts";
import {
  CLOSE,
  ENGINE_ERRORS,
  type EngineError,
  MESSAGE,
  type Packet,
  PING,
  PONG,
  packetsOf,
} from "../protocol/engine.ts";
import type { Format } from "../protocol/format.ts";
import { Assembly, keepable, type Parts } from "./assembly.ts";
import { type EndReason, LATE_CODES, LATE_REASONS, type LateReason } from "./end-reason.ts";
import { FLOOD } from "./flow.ts";
import { Heartbeat, SLEEPING_INTERVAL } from "./heartbeat.ts";
import type { SessionHost } from "./host.ts";
import { Inbox } from "./inbox.ts";
import { Polling } from "./polling.ts";
import { Probe } from "./probe.ts";
import type { Snapshot } from "./snapshot.ts";
import { firstExpiry, type Socket, shownSize, snapshotOf } from "./socket.ts";
import { WebSocketTransport } from "./websocket.ts";
import { CLOSE_CODES, type Wire } from "./wire.ts";

type Transport = Polling | WebSocketTransport;

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
  /** Lets go of a POST that is still being read. */
  #stopReading = () => {};
  #flooded = false;
  /** When it came, or was last in a namespace. */
  #outsideSince: number;
  readonly #pace: Bucket;
  readonly #assembly: Assembly;
  readonly #inbox = new Inbox(
    (packet) => this.#handle(packet),
    () => this.end("too many packets", CLOSE_CODES.policy),
    (error) => {
      this.#host.report(error);
      this.end("internal error", CLOSE_CODES.internal);
    },
  );

  /** @param carrier of its packets: a WebSocket, or what waits for a client that polls */
  constructor(
    host: SessionHost,
    carrier: Wire | Polling,
    identity: {
      readonly sid: string;
      readonly openedAt: number;
      readonly format: Format;
      readonly heartbeat: Heartbeat;
      readonly outsideSince?: number | undefined;
      readonly parts?: Parts | undefined;
    },
  ) {
    this.#host = host;
    this.#transport = carrier instanceof Polling ? carrier : this.#websocket(carrier);
    this.sid = identity.sid;
    this.openedAt = identity.openedAt;
    this.#outsideSince = identity.outsideSince ?? identity.openedAt;
    this.format = identity.format;
    this.heartbeat = identity.heartbeat;
    this.#pace = new Bucket(host.packets);
    this.#assembly = new Assembly(host.settings.maxPayload, identity.parts);
  }

  /** Can the room sleep while this session is open? */
  get sleeping(): boolean {
    return (
      this.#transport.kind === "websocket" && this.#host.settings.pingInterval >= SLEEPING_INTERVAL
    );
  }

  /** What a polling client may still fetch, after the room has chosen to end its session. */
  get remains(): Polling | undefined {
    return this.#transport.kind === "polling" ? this.#transport : undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** By what it is connected now. */
  get transport(): Transport["kind"] {
    return this.#transport.kind;
  }

  /** Has it been let into a namespace? */
  get joined(): boolean {
    return this.sockets.size > 0;
  }

  /** One of its sockets has left. Its client may still have to be told, and may join again. */
  leave(namespace: string): void {
    this.sockets.delete(namespace);
    this.#outsideSince = this.#host.now();
    if (!this.joined && !this.#ended) this.#host.onOutside(this);
  }

  /**
   * Counts a packet that asks for no answer. One that does is paced by whoever waits for that.
   * @returns false if there were too many, and the session is over
   */
  spend(now: number): boolean {
    if (this.#pace.take(now) === 0) return true;
    this.end("too many packets", CLOSE_CODES.policy);
    return false;
  }

  /** May the session be upgraded to a WebSocket now? */
  get upgradable(): boolean {
    return this.#transport.kind === "polling" && this.#probe === undefined;
  }

  /** May the client be sent so much of the log now, or had the log better keep it? */
  admits(amount: number): boolean {
    return this.#transport.admits(amount);
  }

  /** Sends one Engine.IO packet. */
  send(packet: Packet): void {
    this.#host.counters.sentBytes += packet.length;
    this.#transport.send(packet);
    this.#limit(this.#transport.waiting);
  }

  /** Gives a client up for which too much waits; not at once, as others may be about to be sent the same. */
  #limit(waiting: number): void {
    if (waiting <= FLOOD + 2 * this.#host.settings.maxPayload || this.#flooded) return;
    this.#flooded = true;
    queueMicrotask(() => this.end("too slow", CLOSE_CODES.tryAgainLater));
  }

  #websocket(wire: Wire): WebSocketTransport {
    return new WebSocketTransport(wire, {
      flow: this.#host.flow,
      now: () => this.#host.now(),
      onOwing: (owing) => {
        this.#host.onOwing(this, owing);
        if (owing) this.#host.wakeAt(this.deadline);
      },
    });
  }

  /** The client has proved what it received. */
  #proved(transport: WebSocketTransport, now: number): void {
    transport.proved(now);
    this.#host.onDrain();
  }

  /** Keeps with the WebSocket what has to outlive hibernation. */
  save(): void {
    if (this.#transport.kind !== "websocket" || this.#ended) return;
    const snapshot = this.snapshot();
    const { wire } = this.#transport;
    // Beside many sockets, parts of a packet may not fit. What can't be kept can't be woken up.
    if (wire.save(snapshot) || wire.save({ ...snapshot, parts: undefined })) return;
    this.end("too much to keep", CLOSE_CODES.tooBig);
  }

  snapshot(): Snapshot {
    return {
      v: 1,
      sid: this.sid,
      openedAt: this.openedAt,
      format: this.format,
      pongBy: this.heartbeat.pongBy,
      outsideSince: this.joined ? undefined : this.#outsideSince,
      parts: keepable(this.#assembly.parts, shownSize(this.sockets.values())),
      sockets: Array.from(this.sockets.values(), snapshotOf),
    };
  }

  /** A frame on one of the session's WebSockets. */
  receive(wire: Wire, frame: Packet, now: number): void | Promise<void> {
    if (wire === this.#probe?.wire) {
      this.#probed(this.#probe, frame, now);
      return;
    }
    if (this.#transport.kind !== "websocket" || this.#transport.wire !== wire) return;
    if (this.heartbeat.pongBy !== undefined && this.sleeping) {
      this.heartbeat.heard(now, true);
      this.save();
    }
    return this.#take(frame);
  }

  /** One of the session's WebSockets broke a rule. */
  reject(wire: Wire, reason: EndReason, code: number): void {
    if (wire === this.#probe?.wire) this.#dropProbe(this.#probe, reason, code);
    else this.end(reason, code);
  }

  /** One of the session's WebSockets is gone. */
  disconnected(wire: Wire): void {
    if (wire === this.#probe?.wire) this.#probe = undefined;
    else if (this.#transport.kind === "websocket" && this.#transport.wire === wire)
      this.#end("transport close");
  }

  /** A polling GET: resolves when there is something to send. */
  poll(now: number): Promise<string | EngineError> | EngineError {
    if (this.#expired(now) || this.#transport.kind !== "polling") return ENGINE_ERRORS.badRequest;
    const polling = this.#transport;
    if (polling.held) {
      this.end("overlapping requests");
      return ENGINE_ERRORS.badRequest;
    }
    this.#probe?.polled(now);
    const payload = polling.poll();
    this.#host.onDrain();
    return payload;
  }

  /**
   * A polling POST with one or more packets; resolves when all are taken, or wait in the inbox.
   * @param readPayload reads its body; if it can't, the session ends and the reason is thrown
   */
  async post(readPayload: () => Promise<string>, now: number): Promise<"ok" | EngineError> {
    if (this.#expired(now) || this.#transport.kind !== "polling") return ENGINE_ERRORS.badRequest;
    if (this.#posting) {
      this.end("overlapping requests");
      return ENGINE_ERRORS.badRequest;
    }
    this.#posting = true;
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    this.#stopReading = () => resolve(undefined);
    try {
      // A client that never sends the rest of its body keeps no request of an ended session.
      const payload = await Promise.race([readPayload(), stopped]);
      if (payload === undefined) return ENGINE_ERRORS.badRequest;
      this.#host.counters.receivedBytes += payload.length;
      for (const packet of packetsOf(payload)) {
        // Not awaited: until this POST is answered, its client can't send the pong that it may owe.
        void this.#take(packet);
        if (this.#ended && packet !== CLOSE) return ENGINE_ERRORS.badRequest;
      }
      return "ok";
    } catch (error) {
      this.end("parse error");
      throw error;
    } finally {
      this.#posting = false;
    }
  }

  /** A WebSocket asks to take over from polling. */
  probe(wire: Wire, now: number): void {
    this.#probe = new Probe(wire, now + this.#host.settings.upgradeTimeout);
  }

  /** Does what is due. */
  tick(now: number): void {
    this.#readStamp(now);
    const late = this.#lateFor(now);
    if (late !== undefined) {
      this.end(late, LATE_CODES[late]);
      return;
    }
    this.#tickProbe(now);
    const lastPong = this.#lastPong;
    const beat = this.heartbeat.tick(now, this.sleeping, lastPong);
    if (beat === "dead") this.end("ping timeout");
    if (beat !== "ping") return;
    this.#ping(now);
    if (this.sleeping && this.heartbeat.pongBy !== undefined) this.save();
  }

  /** The runtime may have answered a fence's pong by itself, though it was told to let it through. */
  #readStamp(now: number): void {
    const transport = this.#transport;
    if (transport.kind === "websocket" && transport.answered) this.#proved(transport, now);
  }

  #ping(now: number): void {
    this.send(PING);
    if (this.#transport.kind === "websocket") this.#transport.pinged(now);
  }

  /** The runtime's stamp of the pong that it last answered by itself; a hint only. */
  get #lastPong(): number | undefined {
    return this.#transport.kind === "websocket" ? this.#transport.lastPong : undefined;
  }

  /** When `tick` has something to do next. */
  get deadline(): number {
    const probe = this.#probe?.deadline ?? Number.POSITIVE_INFINITY;
    return Math.min(this.heartbeat.next, probe, ...Object.values(this.#limits));
  }

  /** Which time limit has passed? */
  #lateFor(now: number): LateReason | undefined {
    const limits = this.#limits;
    return LATE_REASONS.find((reason) => now >= limits[reason]);
  }

  /** When each would end the session, in milliseconds since 1970; infinite where nothing is awaited. */
  get #limits(): Record<LateReason, number> {
    const { settings, onMessage } = this.#host;
    const { connectTimeout, pingInterval, pingTimeout } = settings;
    const never = Number.POSITIVE_INFINITY;
    const owingSince = this.#transport.kind === "websocket" ? this.#transport.owingSince : never;
    return {
      // Where something else than Socket.IO is spoken, nothing is ever joined.
      "connect timeout": this.joined || onMessage ? never : this.#outsideSince + connectTimeout,
      "reassembly timeout": this.#assembly.parts?.until ?? never,
      "token expired": firstExpiry(this.sockets.values()),
      "too slow": owingSince + pingInterval + pingTimeout,
    };
  }

  /** Ends the session from the server's side; the client sees a disconnect and may come back. */
  end(reason: EndReason, code: number = CLOSE_CODES.normal): void {
    if (this.#ended) return;
    if (this.#transport.kind === "websocket") this.#transport.close(code, reason);
    else if (this.#transport.held || reason === "server disconnect") this.#transport.send(CLOSE);
    this.#end(reason);
  }

  #end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopReading();
    this.#probe?.close("session closed", CLOSE_CODES.normal);
    if (this.#transport.kind === "websocket") this.#transport.leave();
    this.#host.onEnd(this, reason);
  }

  /** A pong has no place in the order of messages, and is not to wait for a CONNECT to be checked. */
  #take(packet: Packet): void | Promise<void> {
    if (typeof packet !== "string" || packet.charAt(0) !== PONG) return this.#inbox.take(packet);
    if (!this.#ended) this.#pong(this.#host.now());
  }

  #pong(now: number): void {
    if (this.#transport.kind === "websocket" && this.#transport.owing)
      this.#proved(this.#transport, now);
    else if (!this.spend(now)) return;
    this.heartbeat.heard(now, this.sleeping);
    // The next ping may be due before the pong would have been overdue.
    this.#host.wakeAt(this.deadline);
  }

  #handle(packet: Packet): void | Promise<void> {
    if (this.#ended) return;
    // It may have waited, and its time begins now.
    const now = this.#host.now();
    if (typeof packet !== "string") return this.#message(packet, now);
    switch (packet.charAt(0)) {
      case MESSAGE:
        return this.#message(packet, now);
      case CLOSE:
        this.#release();
        return this.end("transport close");
      default:
        return this.end("parse error", CLOSE_CODES.protocolError);
    }
  }

  #message(message: Packet, now: number): void | Promise<void> {
    if (this.#host.onMessage) return this.#host.onMessage(this, message);
    const assembled = this.#assembly.take(message, now);
    switch (assembled.kind) {
      case "whole":
        // The parts of one that has become whole must not come back after hibernation.
        if (typeof message !== "string") this.save();
        return this.#host.onPacket(this, assembled.packet);
      case "part":
        this.save();
        this.#host.wakeAt(this.deadline);
        return;
      case "invalid":
        return this.end("parse error", CLOSE_CODES.protocolError);
      case "too_large":
        return this.end("message too large", CLOSE_CODES.tooBig);
    }
  }

  #probed(probe: Probe, frame: Packet, now: number): void {
    const what = probe.take(frame);
    if (what === "answered") this.#release();
    else if (what === "upgrade" && this.#transport.kind === "polling") {
      this.#upgrade(this.#transport, probe, now);
    } else {
      this.#dropProbe(probe, "invalid probe");
    }
  }

  /** The switch is one synchronous turn, so what waited goes first and nothing slips between. */
  #upgrade(polling: Polling, { wire }: Probe, now: number): void {
    this.#probe = undefined;
    this.#host.counters.upgrades++;
    this.#transport = this.#websocket(wire);
    const { settings } = this.#host;
    this.heartbeat = new Heartbeat(settings, now, this.#host.firstPing(now, this.sleeping));
    this.save();
    for (const packet of polling.leave()) this.send(packet);
    this.#host.onDrain();
  }

  #tickProbe(now: number): void {
    const due = this.#probe?.due(now);
    if (due === "release") this.#release();
    if (due === "timeout" && this.#probe) this.#dropProbe(this.#probe, "upgrade timeout");
  }

  /** Lets a held GET go, with a noop if there is nothing to send. */
  #release(): void {
    if (this.#transport.kind === "polling") this.#transport.release();
  }

  #dropProbe(probe: Probe, reason: string, code?: number): void {
    this.#probe = undefined;
    probe.close(reason, code);
  }

  /** Clients poll right at the deadline: it holds whether or not the alarm has come. */
  #expired(now: number): boolean {
    const { pongBy } = this.heartbeat;
    if (pongBy !== undefined && now >= pongBy) this.end("ping timeout");
    if (now >= firstExpiry(this.sockets.values()))
      this.end("token expired", LATE_CODES["token expired"]);
    return this.#ended;
  }
}
