/**
 * A room: the one order in which events go from its clients into its log and back. What the relay
 * itself awaits, it awaits before an event is queued; from the append to the sends it is one
 * synchronous turn.
 */
import { type AccessSettings, isExpired } from "../auth/access.ts";
import { Pace } from "../limits/pace.ts";
import type { EventLog, NewEvent } from "../log/event-log.ts";
import { formatOffset, type Offset } from "../log/offset.ts";
import { sizeOf } from "../protocol/attachments.ts";
import type { Packet } from "../protocol/engine.ts";
import type { ClientPacket } from "../protocol/socket.ts";
import type { EndReason } from "../session/end-reason.ts";
import type { Session } from "../session/session.ts";
import { type SessionListener, type SessionPorts, Sessions } from "../session/sessions.ts";
import type { SocketSnapshot } from "../session/snapshot.ts";
import type { Socket } from "../session/socket.ts";
import { CLOSE_CODES } from "../session/wire.ts";
import type { RoomBehaviour, SettingsPatch } from "../settings.ts";
import type { Gauges } from "../telemetry/prometheus.ts";
import { type RefusalLine, Refusals } from "../telemetry/refusals.ts";
import { Behaviour, type OwnSettingsStore } from "./behaviour.ts";
import { Code } from "./code.ts";
import { Commits, type Outcome, submission } from "./commits.ts";
import { type EphemeralEvent, type OffsetOf, restart, sendEphemeral } from "./delivery.ts";
import { Door } from "./door.ts";
import { Emits } from "./emits.ts";
import { type DisconnectReason, type Handlers, hasCode } from "./handlers.ts";
import { Members } from "./members.ts";
import { Outlet } from "./outlet.ts";
import { Presence } from "./presence.ts";
import type { PresenceStore } from "./presence-rows.ts";
import { Questions } from "./questions.ts";
import { RENEWAL } from "./renew.ts";
import { Retainer } from "./retainer.ts";
import { type SeatStore, Seats } from "./seats.ts";
import { ServerSocket, type SocketPorts } from "./server-socket.ts";
import { socketPortsOf } from "./socket-ports.ts";
import { StorageGuard } from "./storage-guard.ts";
import { Turns } from "./turns.ts";
import { Waiters } from "./waiters.ts";

/** What a room needs of its platform. */
export type RoomPorts = SessionPorts & {
  /** The room's name. */
  readonly name: string;
  readonly access: AccessSettings;
  /** How it behaves where nothing was set for it alone. */
  readonly defaults: RoomBehaviour;
  /** Opens the log; the room does so when it first needs it. */
  openLog(): EventLog;
  openSeats(): SeatStore;
  openPresence(): PresenceStore;
  openSettings(): OwnSettingsStore;
  /** Has the database so little room left that no new event may come in (KEEP-2)? */
  storageFull(): boolean;
  /** Resolves when all that was written is on disk. */
  durable(): Promise<void>;
  /** Runs `turn` once, after what has already arrived was taken. */
  soon(turn: () => void): void;
  /** Something was refused; told now and then. */
  refused(line: RefusalLine): void;
};

export class RoomCore implements SessionListener {
  readonly sessions: Sessions;
  readonly onMessage: ((session: Session, message: Packet) => void) | undefined;
  readonly #ports: RoomPorts;
  readonly #behaviour: Behaviour;
  readonly #refusals: Refusals;
  readonly #pace: Pace;
  readonly #commits: Commits;
  readonly #seats: Seats;
  readonly #code: Code;
  readonly #outlet: Outlet;
  readonly #emits: Emits;
  readonly #questions = new Questions();
  /** What the code's sockets and broadcasts need. */
  readonly socketPorts: SocketPorts;
  readonly members = new Members((socket) => new ServerSocket(socket, this.socketPorts));
  readonly #presence: Presence;
  readonly #door: Door;
  readonly #retainer: Retainer;
  readonly #waiters = new Waiters();
  readonly #turns: Turns;
  #log: EventLog | undefined;

  constructor(ports: RoomPorts, handlers: Handlers = {}) {
    this.#ports = ports;
    this.onMessage = handlers.onMessage;
    this.#behaviour = new Behaviour(ports.defaults, () => ports.openSettings());
    const behaviour = () => this.behaviour;
    this.#refusals = new Refusals(ports.counters, (line) => ports.refused(line));
    this.#pace = new Pace(ports.limits);
    this.#commits = new Commits((error, what) => ports.report(error, what), ports.counters);
    const openSeats = () => this.#opened().openSeats();
    this.#seats = new Seats(openSeats, hasCode(handlers), this.members);
    this.#presence = new Presence({
      members: this.members,
      offsetOf: this.#offsetOf,
      grace: () => this.behaviour.presenceGrace,
      openPresence: () => this.#opened().openPresence(),
      now: () => ports.now(),
      wakeAt: (time) => ports.wakeAt(time),
      turnSoon: () => this.#turns.soon(),
      report: (error) => ports.report(error, "presence_failed"),
    });
    this.#code = new Code(handlers, {
      commits: this.#commits,
      seats: this.#seats,
      behaviour,
      turnSoon: () => this.#turns.soon(),
      head: () => this.log.head,
      report: (error) => ports.report(error, "handler_failed"),
    });
    this.#outlet = new Outlet({
      commits: this.#commits,
      seats: this.#seats,
      turn: () => this.#turns.run(),
      turnSoon: () => this.#turns.soon(),
    });
    this.socketPorts = socketPortsOf({
      members: this.members,
      outlet: this.#outlet,
      questions: this.#questions,
      offsetOf: this.#offsetOf,
      log: () => this.log,
      maxRooms: () => this.behaviour.limits.rooms,
      sendEphemeral: (event) => this.sendEphemeral(event),
      touch: (socket) => {
        this.#seats.touch(socket);
        if (!this.#commits.open) this.#turns.soon();
      },
      leave: (socket, reason) => this.#leave(socket, reason),
    });
    this.#emits = new Emits({
      name: ports.name,
      behaviour,
      now: () => ports.now(),
      counters: ports.counters,
      code: this.#code,
      outlet: this.#outlet,
      refusals: this.#refusals,
      take: (identity) => this.take(identity, 1),
      log: () => this.log,
      viewOf: (socket) => this.members.viewOf(socket),
      submit: (events, settle) => this.submit(events, settle),
      sendEphemeral: (event) => this.sendEphemeral(event),
    });
    this.#door = new Door({
      name: ports.name,
      access: ports.access,
      behaviour,
      now: () => ports.now(),
      wakeAt: (time) => ports.wakeAt(time),
      counters: ports.counters,
      code: this.#code,
      seats: this.#seats,
      members: this.members,
      presence: this.#presence,
      socketPorts: this.socketPorts,
      refusals: this.#refusals,
      log: () => this.log,
      expires: (socket) => this.#expires(socket),
      replay: (socket) => this.#turns.replay(socket),
      turnSoon: () => this.#turns.soon(),
      report: (error) => ports.report(error, "handler_failed"),
    });
    this.#retainer = new Retainer({
      retention: () => this.behaviour.retention,
      counters: ports.counters,
      log: () => this.log,
      now: () => ports.now(),
      wakeAt: (time) => ports.wakeAt(time),
      turnSoon: () => this.#turns.soon(),
    });
    this.#turns = new Turns({
      commits: this.#commits,
      seats: this.#seats,
      members: this.members,
      presence: this.#presence,
      storage: new StorageGuard(() => ports.storageFull()),
      retainer: this.#retainer,
      waiters: this.#waiters,
      counters: ports.counters,
      offsetOf: this.#offsetOf,
      log: () => this.log,
      now: () => ports.now(),
      soon: (turn) => ports.soon(turn),
      expires: (socket) => this.#expires(socket),
      report: (error, what) => ports.report(error, what),
    });
    this.sessions = new Sessions(ports, this);
  }

  get log(): EventLog {
    this.#log ??= this.#ports.openLog();
    return this.#log;
  }

  /** The stores' tables are in the log's schema. */
  #opened(): RoomPorts {
    this.log;
    return this.#ports;
  }

  /** Has the room code, which may keep secrets in `socket.data`? */
  get coded(): boolean {
    return this.#code.any;
  }

  /** Does what is due for clients: pings, timeouts, news of who has left. Safe to call at any time. */
  tick(): void {
    this.sessions.tick();
    this.#presence.tick();
  }

  /** How the room behaves now. */
  get behaviour(): RoomBehaviour {
    return this.#behaviour.current;
  }

  /** Sets something for this room alone, at once and for good (HTTP-13). */
  configure(patch: SettingsPatch): void {
    this.log.transaction(() => this.#behaviour.change(patch));
    this.#retainer.changed();
  }

  /**
   * Continuity is lost: begins a new epoch, and tells the readers. What waits to be logged is logged
   * in the new one.
   * @param keep are the events kept?
   */
  renew(keep: boolean): void {
    const { epoch } = this.log;
    this.log.transaction(() => {
      this.log.renew(keep);
      if (!keep) this.#seats.during(() => this.#renewSeats());
    });
    for (const socket of this.members) {
      const { recovery } = this.behaviour;
      const reads = this.members.readers.has(socket);
      if (recovery && reads) restart(socket, this.log, epoch, this.#ports.counters);
      // Who has stopped is told when it may read again.
      else if (!recovery || socket.position.state !== "stopped")
        socket.position = { state: "live", sent: this.log.head };
      this.members.setReading(socket, reads);
    }
    this.#waiters.wake();
    this.#turns.soon();
  }

  #renewSeats(): void {
    for (const socket of this.members) {
      socket.seat.renew();
      this.#seats.touch(socket);
    }
  }

  /**
   * Resolves when something has been logged, or the log has changed otherwise: true; or with false
   * after `ms` milliseconds, or when `signal` aborts.
   */
  untilLogged(ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.#waiters.wait(ms, signal);
  }

  /** What has been read is on disk when this resolves. */
  durable(): Promise<void> {
    return this.#ports.durable();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#ports.now();
  }

  /** Trims what has grown too old (KEEP-1). Safe to call at any time; opens the log. */
  retain(): void {
    this.#retainer.tick();
  }

  /** The sockets that have joined, as the room's code sees them. */
  get sockets(): ServerSocket[] {
    return Array.from(this.members, (socket) => this.members.viewOf(socket));
  }

  /**
   * Queues events to be logged, all or none, in the next turn.
   * @param ifHead they are logged only if this is the newest offset then
   */
  submit(
    events: readonly NewEvent[],
    settle: (outcome: Outcome) => void,
    ifHead: Offset | null = null,
  ): void {
    if (this.#commits.full) {
      settle({ kind: "overloaded" });
      return;
    }
    let size = 0;
    for (const { data, attachments } of events) size += data.length + sizeOf(attachments);
    this.#commits.add(submission(events, ifHead, settle), size);
    this.#turns.soon();
  }

  /**
   * May so many events of this identity come in (EMIT-9)?
   * @returns 0, or in how many milliseconds they may
   */
  take(identity: string, count: number): number {
    return this.#pace.take(identity, count, this.#ports.now());
  }

  /** Counts a refusal that is told over HTTP. */
  refused(code: string): void {
    this.#refusals.add(code, this.#ports.now());
  }

  get gauges(): Omit<Gauges, "databaseBytes"> {
    const { size, replaying } = this.members;
    return { sessions: this.sessions.size, sockets: size, replaying: replaying.size };
  }

  /** EMIT-7: is an event of this name sent without being logged? */
  isEphemeral(name: unknown): boolean {
    return this.#emits.isEphemeral(name);
  }

  /** Sends an event that is not logged. It does not wait for the turn: it has no place in the log. */
  sendEphemeral(event: EphemeralEvent): void {
    const { counters } = this.#ports;
    counters.ephemeral++;
    counters.deliveries += sendEphemeral(this.members.readers, event, this.#offsetOf);
  }

  // --- For the room's code --------------------------------------------------------------------

  /** Runs `turn` in the next turn's transaction with all it emits; rejects if it throws. */
  perform<T>(turn: () => T): Promise<T> {
    return this.#outlet.perform(turn);
  }

  /**
   * Runs `turn` now, all or nothing: what it writes and emits is undone if it throws, inside a
   * handler too.
   */
  transaction<T>(turn: () => T): T {
    return this.#outlet.transaction(turn);
  }

  /** Does the room's code decide what becomes of clients' events? */
  get handlesEvents(): boolean {
    return this.#code.handlesEvents;
  }

  readonly #offsetOf: OffsetOf = (seq) =>
    this.behaviour.recovery ? formatOffset(this.log.epoch, seq) : undefined;

  // --- What sessions tell --------------------------------------------------------------------

  onPacket(session: Session, packet: ClientPacket): void | Promise<void> {
    const socket = session.sockets.get(packet.namespace);
    if (packet.type === "connect") {
      if (socket === undefined) return this.#door.connect(session, packet);
      session.end("parse error", CLOSE_CODES.protocolError);
    } else if (socket === undefined) {
      session.end("parse error", CLOSE_CODES.protocolError);
    } else if (this.#expires(socket)) {
      return;
    } else if (packet.type === "event") {
      // One that asks for an ack is paced by that.
      if (packet.ackId === undefined && !session.spend(this.#ports.now())) return;
      if (packet.args[0] === RENEWAL) return this.#door.renew(socket, packet);
      this.#emits.take(socket, packet);
    } else if (packet.type === "ack") {
      if (session.spend(this.#ports.now())) this.#questions.answer(socket, packet);
    } else {
      this.#leave(socket, "client namespace disconnect");
      session.save();
    }
  }

  onDrain(): void {
    if (this.members.replaying.size > 0 || this.#presence.owing) this.#turns.soon();
  }

  onRestore(session: Session, sockets: readonly SocketSnapshot[]): void {
    this.#door.restore(session, sockets);
  }

  onRestored(): void {
    this.#presence.awake();
  }

  onEnd(session: Session, reason: EndReason): void {
    for (const socket of session.sockets.values()) this.#leave(socket, reason);
  }

  /** Is the socket's token over? Its session then ends, whether or not the alarm has rung (AUTH-4). */
  #expires({ session, claims }: Socket): boolean {
    if (!isExpired(claims, this.#ports.now())) return false;
    session.end("token expired", CLOSE_CODES.unauthorized);
    return true;
  }

  #leave(socket: Socket, reason: DisconnectReason): void {
    this.members.leave(socket);
    this.#questions.drop(socket);
    if (reason !== "resumed elsewhere") this.#seats.leave(socket, this.#ports.now());
    this.#presence.left(socket, reason);
    this.#code.disconnect(socket, this.members.viewOf(socket), reason);
  }
}
