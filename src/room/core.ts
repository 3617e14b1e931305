/**
 * A room: the one order in which events go from its clients into its log and back. What the relay
 * itself awaits, it awaits before an event is queued; from the append to the sends it is one
 * synchronous turn.
 */
import { type AccessSettings, may } from "../auth/access.ts";
import type { Appended, EventLog, NewEvent } from "../log/event-log.ts";
import { formatOffset } from "../log/offset.ts";
import type { Packet } from "../protocol/engine.ts";
import {
  type Auth,
  type ClientPacket,
  encodeConnect,
  encodeConnectError,
  encodeDisconnect,
} from "../protocol/socket.ts";
import { newPid, parsePid } from "../session/ids.ts";
import { Seat } from "../session/seat.ts";
import type { EndReason, Session } from "../session/session.ts";
import { type SessionListener, type SessionPorts, Sessions } from "../session/sessions.ts";
import type { SocketSnapshot } from "../session/snapshot.ts";
import type { Socket } from "../session/socket.ts";
import { CLOSE_CODES } from "../session/wire.ts";
import type { RoomBehaviour } from "../settings.ts";
import { type Admission, admit, isConnectRefusal } from "./admit.ts";
import { Code } from "./code.ts";
import { Commits, LogFailed, type Outcome, submission } from "./commits.ts";
import {
  type EphemeralEvent,
  fanOut,
  notifyGap,
  type OffsetOf,
  replayPage,
  sendEphemeral,
  sendQuestion,
  sendTo,
} from "./delivery.ts";
import { Emits } from "./emits.ts";
import type { DisconnectReason, Handlers } from "./handlers.ts";
import { type Place, placeReader } from "./join.ts";
import { LONGEST_NAMESPACE, refuseNamespace } from "./namespaces.ts";
import { encodeOutgoing } from "./outgoing.ts";
import { Outlet } from "./outlet.ts";
import { Questions } from "./questions.ts";
import { type SeatStore, Seats } from "./seats.ts";
import { ConnectingSocket, ServerSocket, type SocketPorts } from "./server-socket.ts";

/** What a room needs of its platform. */
export type RoomPorts = SessionPorts &
  RoomBehaviour & {
    /** The room's name. */
    readonly name: string;
    readonly access: AccessSettings;
    /** Opens the log; the room does so when it first needs it. */
    openLog(): EventLog;
    openSeats(): SeatStore;
    /** Runs `turn` once, after what has already arrived was taken. */
    soon(turn: () => void): void;
    /** Gets exceptions that nobody else can be told of. */
    report(error: unknown): void;
  };

type Connect = Extract<ClientPacket, { type: "connect" }>;

export class RoomCore implements SessionListener {
  readonly sessions: Sessions;
  readonly onMessage: ((session: Session, message: Packet) => void) | undefined;
  readonly #ports: RoomPorts;
  readonly #commits: Commits;
  readonly #seats: Seats;
  readonly #code: Code;
  readonly #outlet: Outlet;
  readonly #emits: Emits;
  readonly #questions = new Questions();
  /** Joined sockets, by id. */
  readonly #sockets = new Map<string, Socket>();
  readonly #views = new WeakMap<Socket, ServerSocket>();
  /** Those of them that may read. */
  readonly #readers = new Set<Socket>();
  /** Those of them that are being sent what they missed. */
  readonly #replaying = new Set<Socket>();
  #log: EventLog | undefined;
  #turnDue = false;

  constructor(ports: RoomPorts, handlers: Handlers = {}) {
    this.#ports = ports;
    this.onMessage = handlers.onMessage;
    this.#commits = new Commits((error) => ports.report(error));
    this.#seats = new Seats(() => ports.openSeats());
    this.#code = new Code(handlers, {
      commits: this.#commits,
      seats: this.#seats,
      handlerTimeout: ports.handlerTimeout,
      turnSoon: () => this.#turnSoon(),
      head: () => this.log.head,
      report: (error) => ports.report(error),
    });
    this.#outlet = new Outlet({
      commits: this.#commits,
      turn: () => this.#turn(),
      turnSoon: () => this.#turnSoon(),
    });
    this.#emits = new Emits({
      ...ports,
      code: this.#code,
      outlet: this.#outlet,
      log: () => this.log,
      viewOf: (socket) => this.#viewOf(socket),
      submit: (events, settle) => this.submit(events, settle),
      sendEphemeral: (event) => this.sendEphemeral(event),
    });
    this.sessions = new Sessions(ports, this);
  }

  get log(): EventLog {
    this.#log ??= this.#ports.openLog();
    return this.#log;
  }

  /** The sockets that have joined, as the room's code sees them. */
  get sockets(): ServerSocket[] {
    return Array.from(this.#sockets.values(), (socket) => this.#viewOf(socket));
  }

  /** Queues events to be logged, all or none, in the next turn. */
  submit(events: readonly NewEvent[], settle: (outcome: Outcome) => void): void {
    this.#commits.add(submission(events, settle));
    this.#turnSoon();
  }

  /** EMIT-7: is an event of this name sent without being logged? */
  isEphemeral(name: unknown): boolean {
    return this.#emits.isEphemeral(name);
  }

  /** Sends an event that is not logged. It does not wait for the turn: it has no place in the log. */
  sendEphemeral(event: EphemeralEvent): void {
    sendEphemeral(this.#readers, event, this.#offsetOf);
  }

  // --- For the room's code --------------------------------------------------------------------

  /** Runs `turn` in the next turn's transaction with all it emits; rejects if it throws. */
  perform<T>(turn: () => T): Promise<T> {
    return this.#outlet.perform(() => this.#seats.during(turn));
  }

  /**
   * Runs `turn` now, all or nothing: what it writes and emits is undone if it throws, inside a
   * handler too.
   */
  transaction<T>(turn: () => T): T {
    if (this.#commits.open) return this.#commits.attempt(() => this.#seats.during(turn));
    let result: { readonly value: T } | { readonly error: unknown } | undefined;
    this.#commits.add({
      run: (commits) => {
        try {
          result = { value: commits.attempt(() => this.#seats.during(turn)) };
        } catch (error) {
          if (error instanceof LogFailed) throw error;
          result = { error };
        }
      },
      failed: () => {
        result = { error: new LogFailed("the log can't be written") };
      },
    });
    this.#turn();
    if (result === undefined) throw new LogFailed("the log can't be written");
    if ("error" in result) throw result.error;
    return result.value;
  }

  /** Does the room's code decide what becomes of clients' events? */
  get handlesEvents(): boolean {
    return this.#code.handlesEvents;
  }

  /** What the code's sockets and broadcasts need. */
  readonly socketPorts: SocketPorts = {
    greet: (socket, event) => {
      if (this.#readers.has(socket)) sendTo(socket, event, this.#offsetOf);
    },
    log: (event) => {
      const { seq } = seqOf(this.#outlet.append({ ...event, publication: null }));
      return formatOffset(this.log.epoch, seq);
    },
    send: (event) => this.#outlet.afterwards(() => this.sendEphemeral(event)),
    ask: (socket, timeout, name, args) => {
      const { data, attachments } = encodeOutgoing(name, args);
      return this.#questions.ask(socket, timeout, (ackId) => {
        this.#outlet.afterwards(() => {
          sendQuestion(socket, data, attachments, ackId, this.#offsetOf);
        });
      });
    },
    isJoined: (socket) => this.#sockets.get(socket.id) === socket,
    head: () => this.log.head,
    touch: (socket) => {
      this.#seats.touch(socket);
      if (!this.#commits.open) this.#turnSoon();
    },
    disconnect: (socket, close) => this.#outlet.afterwards(() => this.#disconnect(socket, close)),
  };

  #disconnect(socket: Socket, close: boolean): void {
    const { session, namespace } = socket;
    if (this.#sockets.get(socket.id) !== socket) return;
    if (close) {
      session.end("server disconnect");
      return;
    }
    session.send(encodeDisconnect(namespace));
    this.#leave(socket, "server namespace disconnect");
    session.save();
  }

  readonly #offsetOf: OffsetOf = (seq) =>
    this.#ports.recovery ? formatOffset(this.log.epoch, seq) : undefined;

  #viewOf(socket: Socket): ServerSocket {
    const known = this.#views.get(socket);
    if (known !== undefined) return known;
    const view = new ServerSocket(socket, this.socketPorts);
    this.#views.set(socket, view);
    return view;
  }

  // --- What sessions tell --------------------------------------------------------------------

  onPacket(session: Session, packet: ClientPacket): void | Promise<void> {
    const socket = session.sockets.get(packet.namespace);
    if (packet.type === "connect") {
      if (socket === undefined) return this.#connect(session, packet);
      session.end("parse error", CLOSE_CODES.protocolError);
    } else if (socket === undefined) {
      session.end("parse error", CLOSE_CODES.protocolError);
    } else if (packet.type === "event") {
      this.#emits.take(socket, packet);
    } else if (packet.type === "ack") {
      this.#questions.answer(socket, packet);
    } else {
      this.#leave(socket, "client namespace disconnect");
      session.save();
    }
  }

  onDrain(): void {
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  onRestore(session: Session, sockets: readonly SocketSnapshot[]): void {
    for (const { replay, ...socket } of sockets) {
      // It has resumed, and this connection is only heard of because it closes.
      if (this.#sockets.has(socket.id)) continue;
      const position = replay
        ? ({ state: "replaying", ...replay } as const)
        : // Append and sends are one turn: whoever was live has been sent all there is.
          ({ state: "live", sent: this.log.head } as const);
      const seat = this.#code.any ? this.#seats.restore(socket.id) : new Seat();
      const { pid, recovered = false } = socket;
      this.#join({ ...socket, pid, recovered, seat, session, position });
    }
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  onEnd(session: Session, reason: EndReason): void {
    for (const socket of session.sockets.values()) this.#leave(socket, reason);
  }

  // --- Sockets join and leave ----------------------------------------------------------------

  async #connect(session: Session, { namespace, auth }: Connect): Promise<void> {
    const { access, name, namespaces } = this.#ports;
    if (namespace.length > LONGEST_NAMESPACE) {
      session.end("parse error", CLOSE_CODES.policy);
      return;
    }
    const refusal = refuseNamespace(namespace, namespaces, session.sockets.size);
    if (refusal !== undefined) {
      session.send(encodeConnectError(namespace, refusal));
      return;
    }
    const { asksToConnect } = this.#code;
    const admission = await admit(auth, namespace, name, access, asksToConnect);
    if (session.ended) return;
    if (isConnectRefusal(admission)) {
      const { message, data } = admission;
      session.send(encodeConnectError(namespace, message, data));
      return;
    }
    // SUB-5: the older connection of the same pid goes first.
    const older = this.#endOlder(admission.id);
    const place = this.#place(auth);
    const socket = this.#newSocket(session, namespace, admission, place, older?.seat);
    const connecting = new ConnectingSocket(socket, auth, this.socketPorts);
    this.#views.set(socket, connecting);
    const refused = await this.#code.connect(socket, connecting);
    if (session.ended || refused !== undefined) this.#seats.leave(socket, this.#ports.now());
    if (session.ended) return;
    if (refused !== undefined) {
      session.send(encodeConnectError(namespace, refused.message, refused.data));
      return;
    }
    this.#letIn(socket, place, () => connecting.letIn());
  }

  /** A socket that is not in yet, with what was kept for it if it resumes. */
  #newSocket(
    session: Session,
    namespace: string,
    admission: Admission,
    { start, resumed }: Place,
    older: Seat | undefined,
  ): Socket {
    const { id, claims, secret, pid } = admission;
    const own = resumed && pid ? pid.text : newPid(secret, this.log.epoch, start);
    return {
      session,
      namespace,
      id,
      claims,
      pid: this.#ports.recovery ? own : undefined,
      recovered: resumed,
      seat: this.#code.any ? this.#seats.take(id, resumed, older) : new Seat(),
      position: { state: "connecting", sent: start },
    };
  }

  /** @param greet sends what the code has for its socket, behind CONNECT and before any replay */
  #letIn(socket: Socket, { start, replay, gap }: Place, greet: () => void): void {
    const { session, namespace, id, position } = socket;
    // One that came while the code was asked.
    this.#endOlder(id);
    const { head } = this.log;
    // Live from where it stood when the code was asked: what came since is in the log.
    const sent = replay ? start : position.sent;
    socket.position =
      replay || sent < head
        ? { state: "replaying", sent, replayed: 0, announce: replay }
        : { state: "live", sent };
    session.send(encodeConnect(namespace, id, socket.pid));
    this.#join(socket);
    if (gap && this.#readers.has(socket)) notifyGap(socket, this.log, gap.requested, gap.reason);
    greet();
    if (this.#replaying.has(socket)) this.#replay(socket);
    else session.save();
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  #endOlder(id: string): Socket | undefined {
    const older = this.#sockets.get(id);
    older?.session.end("resumed elsewhere");
    return older;
  }

  #place(auth: Auth): Place {
    const { log } = this;
    if (this.#ports.recovery) return placeReader(auth, parsePid(auth.pid), log);
    return { start: log.head, resumed: false, replay: false, gap: null };
  }

  #join(socket: Socket): void {
    socket.session.sockets.set(socket.namespace, socket);
    this.#sockets.set(socket.id, socket);
    if (!may(socket.claims, "read", this.#ports.name)) return;
    this.#readers.add(socket);
    if (socket.position.state === "replaying") this.#replaying.add(socket);
  }

  #leave(socket: Socket, reason: DisconnectReason): void {
    socket.session.sockets.delete(socket.namespace);
    this.#sockets.delete(socket.id);
    this.#readers.delete(socket);
    this.#replaying.delete(socket);
    this.#questions.drop(socket);
    if (reason !== "resumed elsewhere") this.#seats.leave(socket, this.#ports.now());
    this.#code.disconnect(socket, this.#viewOf(socket), reason);
  }

  // --- The turn ------------------------------------------------------------------------------

  #turnSoon(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.#ports.soon(() => this.#turn());
  }

  #turn(): void {
    this.#turnDue = false;
    this.#seats.saveLoose(this.#ports.report);
    if (!this.#commits.empty) {
      const { logged, settle } = this.#commits.commit(this.log, this.#ports.now());
      const fallen = fanOut(this.#readers, logged, this.#offsetOf);
      for (const socket of fallen) this.#replaying.add(socket);
      settle();
    }
    for (const socket of this.#replaying) this.#replay(socket);
    // One whose client is slow to fetch goes on when that has drained what waits.
    const ready = [...this.#replaying].some(({ session }) => !session.congested);
    if (ready) this.#turnSoon();
  }

  #replay(socket: Socket): void {
    replayPage(socket, this.log, this.#offsetOf);
    if (socket.position.state === "live") this.#replaying.delete(socket);
  }
}

function seqOf(result: Exclude<Appended, { readonly kind: "key_reused" }>): { seq: number } {
  return result.kind === "appended" ? result.event : result;
}
