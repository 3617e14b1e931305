/** All sessions of a room: opened, restored after hibernation, pinged, and ended. */
import type { Limits } from "../limits/limits.ts";
import { Lobby } from "../limits/lobby.ts";
import { ENGINE_ERRORS, type EngineError, encodeOpen, type Packet } from "../protocol/engine.ts";
import type { Format } from "../protocol/format.ts";
import type { ClientPacket } from "../protocol/socket.ts";
import type { Counters } from "../telemetry/counters.ts";
import type { EndReason } from "./end-reason.ts";
import { RoomFlow } from "./flow.ts";
import { Heartbeat, SLEEPING_INTERVAL } from "./heartbeat.ts";
import type { SessionHost, SessionSettings } from "./host.ts";
import { newSid } from "./ids.ts";
import { Polling } from "./polling.ts";
import { Session } from "./session.ts";
import { readSnapshot, type SocketSnapshot } from "./snapshot.ts";
import { CLOSE_CODES, type Wire } from "./wire.ts";

/** What the sessions need of their platform. */
export type SessionPorts = {
  readonly settings: SessionSettings;
  readonly limits: Limits;
  readonly counters: Counters;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks for a `tick` at `time`, or earlier. */
  wakeAt(time: number): void;
  /** Shall the runtime answer pongs by itself? */
  autoPong(enabled: boolean): void;
  /** Gets exceptions that nobody else can be told of, and what failed. */
  report(error: unknown, what?: string): void;
};

/** Whom they tell what their clients do. */
export type SessionListener = {
  onPacket(session: Session, packet: ClientPacket): void | Promise<void>;
  /** What waited for a client is on its way: there may be room for more. */
  onDrain(): void;
  /** A session is back from hibernation, with what its sockets kept. */
  onRestore(session: Session, sockets: readonly SocketSnapshot[]): void;
  /** All sessions are back from hibernation. */
  onRestored(): void;
  onEnd(session: Session, reason: EndReason): void;
  /** Where the room speaks something else than Socket.IO: takes Engine.IO's messages as they are. */
  readonly onMessage?: ((session: Session, message: Packet) => void) | undefined;
};

/** A round of pings may come so many milliseconds early. */
const EARLY = 5_000;

export class Sessions {
  readonly #ports: SessionPorts;
  readonly #listener: SessionListener;
  readonly #host: SessionHost;
  readonly #bySid = new Map<string, Session>();
  /** What polling clients may still fetch of sessions that the room has ended. */
  readonly #remains = new Map<string, { readonly polling: Polling; readonly until: number }>();
  readonly #byWire = new Map<Wire, Session>();
  readonly #flow = new RoomFlow();
  readonly #lobby: Lobby<Session>;
  /** Those whose pongs prove what they have received. */
  readonly #owing = new Set<Session>();
  #autoPong: boolean;
  /** When the sleeping sessions are pinged next. */
  #round = 0;

  constructor(ports: SessionPorts, listener: SessionListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.#lobby = new Lobby(ports.limits);
    this.#host = {
      settings: ports.settings,
      flow: this.#flow,
      counters: ports.counters,
      packets: ports.limits.packets,
      now: () => ports.now(),
      firstPing: (now, sleeping) => this.#firstPing(now, sleeping),
      onPacket: (session, packet) => listener.onPacket(session, packet),
      onOwing: (session, owing) => this.#setOwing(session, owing),
      onDrain: () => listener.onDrain(),
      onMessage: listener.onMessage,
      onOutside: (session) => {
        this.#lobby.enter(session, undefined);
        ports.wakeAt(session.deadline);
      },
      report: (error) => ports.report(error, "packet_failed"),
      onEnd: (session, reason) => this.#ended(session, reason),
      wakeAt: (time) => ports.wakeAt(time),
    };
    this.#autoPong = this.#mayAutoPong;
    ports.autoPong(this.#autoPong);
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#bySid.values();
  }

  // --- Handshakes ---------------------------------------------------------------------------

  get size(): number {
    return this.#bySid.size;
  }

  /**
   * May one more come, or are there too many that are in no namespace?
   * @param address where it comes from, if that is known
   */
  admits(address: string | undefined): boolean {
    // Where something else is spoken, nothing is ever joined.
    return this.#listener.onMessage !== undefined || this.#lobby.admits(address);
  }

  /** A handshake over polling. */
  openPolling(format: Format, address?: string): Session {
    const polling = new Polling(this.#ports.settings.maxPayload, this.#flow);
    return this.#open(polling, ["websocket"], format, address);
  }

  /** A handshake over WebSocket. */
  openWebSocket(wire: Wire, format: Format, address?: string): Session {
    const session = this.#open(wire, [], format, address);
    this.#byWire.set(wire, session);
    session.save();
    return session;
  }

  #open(
    carrier: Wire | Polling,
    upgrades: readonly string[],
    format: Format,
    address: string | undefined,
  ): Session {
    const { settings } = this.#ports;
    const now = this.#ports.now();
    const sleeping = !(carrier instanceof Polling) && this.#mayAutoPong;
    const heartbeat = new Heartbeat(settings, now, this.#firstPing(now, sleeping));
    const identity = { sid: newSid(), openedAt: now, format, heartbeat };
    const session = new Session(this.#host, carrier, identity);
    this.#bySid.set(session.sid, session);
    this.#lobby.enter(session, address);
    this.#ports.counters.sessions.count(session.transport);
    session.send(encodeOpen(session.sid, upgrades, settings));
    this.#ports.wakeAt(session.deadline);
    return session;
  }

  /** Why this session can't take a WebSocket, if it can't. */
  refuseUpgrade(sid: string): "unknown" | "taken" | undefined {
    const session = this.#bySid.get(sid);
    if (session === undefined) return "unknown";
    return session.upgradable ? undefined : "taken";
  }

  /** The WebSocket of a session that may upgrade. */
  upgrade(sid: string, wire: Wire): void {
    const session = this.#bySid.get(sid);
    if (session === undefined) return;
    this.#byWire.set(wire, session);
    session.probe(wire, this.#ports.now());
    this.#ports.wakeAt(session.deadline);
  }

  /**
   * After hibernation: takes the sockets that were kept, with what was kept for each.
   * @param alarm when the alarm will ring
   */
  restore(kept: readonly (readonly [Wire, unknown])[], alarm: number): void {
    this.#round = this.#roundAfter(
      kept.map(([wire]) => wire.lastPong()),
      alarm,
    );
    for (const [wire, attachment] of kept) this.#restoreOne(wire, attachment);
    this.#listener.onRestored();
    this.#scheduleAutoPong();
  }

  /**
   * When a room that slept pings its clients next. The alarm may ring for something else, such as a
   * token that runs out: then all have answered not long ago. The oldest pong counts, so that nobody
   * puts the round off for others.
   */
  #roundAfter(lastPongs: readonly (number | undefined)[], alarm: number): number {
    const known = lastPongs.filter((at) => at !== undefined);
    if (known.length === 0) return alarm;
    const oldest = known.reduce((first, at) => Math.min(first, at));
    const due = oldest + this.#ports.settings.pingInterval;
    // To be somewhat early costs less than to be woken again.
    return due > alarm + EARLY ? due : alarm;
  }

  #restoreOne(wire: Wire, attachment: unknown): void {
    const snapshot = readSnapshot(attachment);
    // A probe whose session is gone, or a socket that another version of this code left behind.
    if (snapshot === undefined) {
      wire.close(CLOSE_CODES.internal, "session lost");
      return;
    }
    const { sid, openedAt, format, pongBy, outsideSince, parts } = snapshot;
    const heartbeat = new Heartbeat(this.#ports.settings, openedAt, this.#round, pongBy);
    const identity = { sid, openedAt, format, heartbeat, outsideSince, parts };
    const session = new Session(this.#host, wire, identity);
    this.#bySid.set(sid, session);
    this.#byWire.set(wire, session);
    this.#listener.onRestore(session, snapshot.sockets);
    if (!session.joined) this.#lobby.enter(session, undefined);
  }

  // --- What comes from clients --------------------------------------------------------------

  /** A frame on a WebSocket. Resolves when what it began is done, if anything is to be awaited. */
  message(wire: Wire, frame: Packet): void | Promise<void> {
    this.#ports.counters.receivedBytes += frame.length;
    return this.#byWire.get(wire)?.receive(wire, frame, this.#ports.now());
  }

  /** A WebSocket broke a rule before its frame could be read. */
  reject(wire: Wire, reason: EndReason, code: number): void {
    const session = this.#byWire.get(wire);
    if (session === undefined) wire.close(code, reason);
    else session.reject(wire, reason, code);
  }

  /**
   * A WebSocket is gone.
   * @param attachment what it kept: one that closed while the room slept is heard of only now
   */
  disconnected(wire: Wire, attachment?: unknown): void {
    if (!this.#byWire.has(wire)) this.#restoreOne(wire, attachment);
    this.#byWire.get(wire)?.disconnected(wire);
    this.#byWire.delete(wire);
  }

  /** A polling GET: resolves with the payload to answer. */
  poll(sid: string): Promise<string | EngineError> | EngineError {
    const session = this.#bySid.get(sid);
    if (session === undefined) return this.#pollRemains(sid);
    const answer = session.poll(this.#ports.now());
    if (!session.ended) this.#ports.wakeAt(session.deadline);
    return answer;
  }

  #pollRemains(sid: string): Promise<string | EngineError> | EngineError {
    const remains = this.#remains.get(sid)?.polling;
    if (remains === undefined || remains.empty) return ENGINE_ERRORS.sessionUnknown;
    return remains.poll();
  }

  /** A polling POST. */
  async post(sid: string, readPayload: () => Promise<string>): Promise<"ok" | EngineError> {
    const session = this.#bySid.get(sid);
    return session?.post(readPayload, this.#ports.now()) ?? ENGINE_ERRORS.sessionUnknown;
  }

  // --- Time ---------------------------------------------------------------------------------

  /** Does all that is due: pings, timeouts. Safe to call at any time. */
  tick(): void {
    const now = this.#ports.now();
    if (now >= this.#round) this.#round = now + this.#ports.settings.pingInterval;
    let next = Number.POSITIVE_INFINITY;
    for (const session of this.#bySid.values()) {
      session.tick(now);
      if (!session.ended) next = Math.min(next, session.deadline);
    }
    for (const [sid, { polling, until }] of this.#remains) {
      if (now >= until) this.#forget(sid, polling);
      else next = Math.min(next, until);
    }
    this.#scheduleAutoPong();
    if (next < Number.POSITIVE_INFINITY) this.#ports.wakeAt(next);
  }

  /** Sleeping sessions are pinged in one round, so that the room wakes once for all. */
  #firstPing(now: number, sleeping: boolean): number {
    if (!sleeping) return now + this.#ports.settings.pingInterval;
    if (this.#round <= now) this.#round = now + this.#ports.settings.pingInterval;
    return this.#round;
  }

  /** With short intervals the room is awake anyway, and the frames are the reference server's. */
  get #mayAutoPong(): boolean {
    return this.#ports.settings.pingInterval >= SLEEPING_INTERVAL;
  }

  #forget(sid: string, remains: Polling): void {
    remains.drop();
    this.#remains.delete(sid);
  }

  #setOwing(session: Session, owing: boolean): void {
    if (owing) this.#owing.add(session);
    else if (!this.#owing.delete(session)) return;
    if (this.#owing.size === (owing ? 1 : 0)) this.#scheduleAutoPong();
  }

  /** While a pong is awaited that says more than that the client is there, pongs have to come through. */
  #scheduleAutoPong(): void {
    let awaited = this.#owing.size > 0;
    for (const { sleeping, heartbeat } of this.#bySid.values()) {
      awaited ||= sleeping && heartbeat.pongBy !== undefined;
    }
    const enabled = this.#mayAutoPong && !awaited;
    if (this.#autoPong === enabled) return;
    this.#autoPong = enabled;
    this.#ports.autoPong(enabled);
  }

  #ended(session: Session, reason: EndReason): void {
    this.#bySid.delete(session.sid);
    this.#lobby.leave(session);
    this.#ports.counters.ended.count(reason);
    const polling = session.remains;
    if (polling !== undefined && reason !== "server disconnect") polling.drop();
    else if (polling !== undefined) {
      const until = this.#ports.now() + this.#ports.settings.pingTimeout;
      this.#remains.set(session.sid, { polling, until });
      this.#ports.wakeAt(until);
    }
    this.#listener.onEnd(session, reason);
  }
}
