/**
 * A room: the one order in which events go from its clients into its log and back. Whatever has to
 * be awaited happens before an event is queued; from the append to the sends it is one synchronous
 * turn.
 */
import { type AccessSettings, may } from "../auth/access.ts";
import type { EventLog } from "../log/event-log.ts";
import { formatOffset } from "../log/offset.ts";
import { matchesGlob } from "../protocol/names.ts";
import {
  type ClientPacket,
  encodeAck,
  encodeConnect,
  encodeConnectError,
} from "../protocol/socket.ts";
import { newPid } from "../session/ids.ts";
import type { Session } from "../session/session.ts";
import { type SessionListener, type SessionPorts, Sessions } from "../session/sessions.ts";
import type { SocketSnapshot } from "../session/snapshot.ts";
import type { Socket } from "../session/socket.ts";
import { CLOSE_CODES } from "../session/wire.ts";
import { type Admission, admit, isConnectRefusal } from "./admit.ts";
import { Commits, type Outcome, type Submission } from "./commits.ts";
import { type EphemeralEvent, fanOut, notifyGap, replayPage, sendEphemeral } from "./delivery.ts";
import { isRefusal, type Refusal, readEmit } from "./emit.ts";
import { placeReader } from "./join.ts";
import { LONGEST_NAMESPACE, refuseNamespace } from "./namespaces.ts";

/** What a room needs of its platform. */
export type RoomPorts = SessionPorts & {
  /** The room's name. */
  readonly name: string;
  readonly access: AccessSettings;
  /** The namespaces that are open beside `/`; `*` for any. */
  readonly namespaces: readonly string[];
  /** Names of events that are not logged; `*` in one stands for any run of characters. */
  readonly ephemeral: readonly string[];
  /** Opens the log; the room does so when it first needs it. */
  openLog(): EventLog;
  /** Runs `turn` once, after what has already arrived was taken. */
  soon(turn: () => void): void;
  /** Gets exceptions that nobody else can be told of. */
  report(error: unknown): void;
};

type Connect = Extract<ClientPacket, { type: "connect" }>;
type Event = Extract<ClientPacket, { type: "event" }>;

/** What an emit's ack says; undefined where there is to be none (EMIT-5). */
type AckResult =
  | { readonly offset: null; readonly ephemeral: true }
  | { readonly offset: string; readonly duplicate: boolean }
  | { readonly error: Refusal }
  | undefined;

export class Room implements SessionListener {
  readonly sessions: Sessions;
  readonly #ports: RoomPorts;
  readonly #commits: Commits;
  /** Joined sockets, by id. */
  readonly #sockets = new Map<string, Socket>();
  /** Those of them that may read. */
  readonly #readers = new Set<Socket>();
  /** Those of them that are being sent what they missed. */
  readonly #replaying = new Set<Socket>();
  #log: EventLog | undefined;
  #turnDue = false;

  constructor(ports: RoomPorts) {
    this.#ports = ports;
    this.#commits = new Commits((error) => ports.report(error));
    this.sessions = new Sessions(ports, this);
  }

  get log(): EventLog {
    this.#log ??= this.#ports.openLog();
    return this.#log;
  }

  /** Queues events to be logged, all or none, in the next turn. */
  submit(submission: Submission): void {
    this.#commits.add(submission);
    this.#turnSoon();
  }

  /** EMIT-7: is an event of this name sent without being logged? */
  isEphemeral(name: unknown): boolean {
    return this.#ports.ephemeral.some((pattern) => matchesGlob(pattern, String(name)));
  }

  /** Sends an event that is not logged. It does not wait for the turn: it has no place in the log. */
  sendEphemeral(event: EphemeralEvent): void {
    sendEphemeral(this.#readers, event, this.log.epoch);
  }

  // --- What sessions tell --------------------------------------------------------------------

  onPacket(session: Session, packet: ClientPacket): void | Promise<void> {
    const socket = session.sockets.get(packet.namespace);
    if (packet.type === "connect") {
      if (socket === undefined) return this.#connect(session, packet);
      session.end("connected twice", CLOSE_CODES.protocolError);
    } else if (socket === undefined) {
      session.end("not connected", CLOSE_CODES.protocolError);
    } else if (packet.type === "event") {
      this.#emit(socket, packet);
    } else if (packet.type === "disconnect") {
      this.#leave(socket);
      session.save();
    }
  }

  onDrain(): void {
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  onRestore(session: Session, sockets: readonly SocketSnapshot[]): void {
    for (const { replay, ...socket } of sockets) {
      const position = replay
        ? ({ state: "replaying", ...replay } as const)
        : // Append and sends are one turn: whoever was live has been sent all there is.
          ({ state: "live", sent: this.log.head } as const);
      this.#join({ ...socket, session, position });
    }
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  onEnd(session: Session): void {
    for (const socket of session.sockets.values()) this.#leave(socket);
  }

  // --- Sockets join and leave ----------------------------------------------------------------

  async #connect(session: Session, { namespace, auth }: Connect): Promise<void> {
    const { access, name, namespaces } = this.#ports;
    if (namespace.length > LONGEST_NAMESPACE) {
      session.end("namespace too long", CLOSE_CODES.policy);
      return;
    }
    const refusal = refuseNamespace(namespace, namespaces, session.sockets.size);
    if (refusal !== undefined) {
      session.send(encodeConnectError(namespace, refusal));
      return;
    }
    const admission = await admit(auth, namespace, name, access);
    if (session.ended) return;
    if (isConnectRefusal(admission)) {
      const { message, code } = admission;
      session.send(encodeConnectError(namespace, message, { code }));
    } else {
      this.#place(session, namespace, admission, auth);
    }
  }

  #place(session: Session, namespace: string, admission: Admission, auth: Connect["auth"]): void {
    const { log } = this;
    const { id, claims, secret, pid } = admission;
    // SUB-5: the older connection of the same pid goes first.
    this.#sockets.get(id)?.session.end("resumed elsewhere");

    const { start, resumed, replay, gap } = placeReader(auth, pid, log);
    const socket: Socket = {
      session,
      namespace,
      id,
      claims,
      pid: resumed && pid ? pid.text : newPid(secret, log.epoch, start),
      position: replay
        ? { state: "replaying", sent: start, replayed: 0, announce: true }
        : { state: "live", sent: start },
    };
    session.send(encodeConnect(namespace, id, socket.pid));
    this.#join(socket);
    if (gap && this.#readers.has(socket)) notifyGap(socket, log, gap.requested, gap.reason);
    if (this.#replaying.has(socket)) this.#replay(socket);
    else session.save();
    if (this.#replaying.size > 0) this.#turnSoon();
  }

  #join(socket: Socket): void {
    socket.session.sockets.set(socket.namespace, socket);
    this.#sockets.set(socket.id, socket);
    if (!may(socket.claims, "read", this.#ports.name)) return;
    this.#readers.add(socket);
    if (socket.position.state === "replaying") this.#replaying.add(socket);
  }

  #leave(socket: Socket): void {
    socket.session.sockets.delete(socket.namespace);
    this.#sockets.delete(socket.id);
    this.#readers.delete(socket);
    this.#replaying.delete(socket);
  }

  // --- Emits ---------------------------------------------------------------------------------

  #emit(socket: Socket, { namespace, ackId, data, args }: Event): void {
    const ack = (result: AckResult) => {
      if (ackId === undefined || result === undefined) return;
      socket.session.send(encodeAck(namespace, ackId, result));
    };
    if (!may(socket.claims, "write", this.#ports.name)) {
      ack({ error: { code: "forbidden", message: "writing is not allowed here" } });
      return;
    }
    const emit = readEmit(data, args, this.log.epoch, socket.session.format);
    if (isRefusal(emit)) {
      ack({ error: emit });
      return;
    }
    if (this.isEphemeral(args[0])) {
      this.sendEphemeral({ namespace, data: emit.data, sender: socket.id });
      ack({ offset: null, ephemeral: true });
      return;
    }
    const { key, after } = emit;
    const publication = key === null ? null : { identity: socket.claims.identity, key, after };
    const event = { namespace, data: emit.data, sender: socket.id, publication };
    this.submit({ events: [event], settle: (outcome) => ack(this.#ackResult(outcome)) });
  }

  #ackResult(outcome: Outcome): AckResult {
    const result = outcome.kind === "logged" ? outcome.results[0] : outcome;
    const { epoch } = this.log;
    switch (result?.kind) {
      case "appended":
        return { offset: formatOffset(epoch, result.event.seq), duplicate: false };
      case "duplicate":
        return { offset: formatOffset(epoch, result.seq), duplicate: true };
      case "key_reused":
        return {
          error: { code: "key_reused", message: "this idempotencyKey was another event's" },
        };
      // EMIT-5: a refusal that may pass is no ack, so that the client tries again.
      default:
        return undefined;
    }
  }

  // --- The turn ------------------------------------------------------------------------------

  #turnSoon(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.#ports.soon(() => this.#turn());
  }

  #turn(): void {
    this.#turnDue = false;
    if (!this.#commits.empty) {
      const { logged, settle } = this.#commits.commit(this.log, this.#ports.now());
      const fallen = fanOut(this.#readers, logged, this.log.epoch);
      for (const socket of fallen) this.#replaying.add(socket);
      settle();
    }
    for (const socket of this.#replaying) this.#replay(socket);
    // One whose client is slow to fetch goes on when that has drained what waits.
    const ready = [...this.#replaying].some(({ session }) => !session.congested);
    if (ready) this.#turnSoon();
  }

  #replay(socket: Socket): void {
    replayPage(socket, this.log);
    if (socket.position.state === "live") this.#replaying.delete(socket);
  }
}
