/** The door: who asks to join a namespace, whether they may (and still may), and from where on they read. */
import { type AccessSettings, type Claims, may } from "../auth/access.ts";
import type { EventLog } from "../log/event-log.ts";
import {
  type Auth,
  type ClientPacket,
  type EventPacket,
  encodeConnect,
  encodeConnectError,
} from "../protocol/socket.ts";
import { newPid, parsePid } from "../session/ids.ts";
import type { Seat } from "../session/seat.ts";
import type { Session } from "../session/session.ts";
import type { SocketSnapshot } from "../session/snapshot.ts";
import { NOTHING, type Socket } from "../session/socket.ts";
import { CLOSE_CODES } from "../session/wire.ts";
import type { RoomBehaviour } from "../settings.ts";
import type { Counters } from "../telemetry/counters.ts";
import { CUSTOM, type Refusals } from "../telemetry/refusals.ts";
import { ackOf, oneValue } from "./ack.ts";
import { type Admission, admit, type ConnectRefusal, isConnectRefusal } from "./admit.ts";
import { refuseMore } from "./capacity.ts";
import type { Code } from "./code.ts";
import { notifyGap, restart } from "./delivery.ts";
import { isForbidden } from "./identify.ts";
import { type Place, placeReader } from "./join.ts";
import type { Members } from "./members.ts";
import { LONGEST_NAMESPACE, refuseNamespace } from "./namespaces.ts";
import type { Presence } from "./presence.ts";
import { maySeeMembers, type PresenceRequest, readPresence } from "./presence-request.ts";
import { readRenewal, turnReading } from "./renew.ts";
import type { Seats } from "./seats.ts";
import { ConnectingSocket, type SocketPorts } from "./server-socket.ts";

/** What the door needs of its room. */
export type DoorPorts = {
  /** The room's name. */
  readonly name: string;
  readonly access: AccessSettings;
  readonly code: Code;
  readonly seats: Seats;
  readonly members: Members;
  readonly presence: Presence;
  readonly socketPorts: SocketPorts;
  behaviour(): RoomBehaviour;
  readonly counters: Counters;
  readonly refusals: Refusals;
  log(): EventLog;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks for a tick at `time` (milliseconds since 1970), or earlier. */
  wakeAt(time: number): void;
  /** Ends the session of a socket whose token is over; says whether it is. */
  expires(socket: Socket): boolean;
  /** Sends a socket the first page of what it missed. */
  replay(socket: Socket): void;
  turnSoon(): void;
  /** Gets what the room's code could not do for a socket that was let in. */
  report(error: unknown): void;
};

type Connect = Extract<ClientPacket, { type: "connect" }>;

/** Who may join, as far as the relay is concerned. */
type Guest = { readonly admission: Admission; readonly presence: PresenceRequest };

export class Door {
  readonly #ports: DoorPorts;

  constructor(ports: DoorPorts) {
    this.#ports = ports;
  }

  /** Answers a CONNECT: with CONNECT and what the socket missed, or with CONNECT_ERROR. */
  async connect(session: Session, packet: Connect): Promise<void> {
    const { namespace } = packet;
    if (namespace.length > LONGEST_NAMESPACE) {
      session.end("parse error", CLOSE_CODES.policy);
      return;
    }
    if (!session.spend(this.#ports.now())) return;
    const { namespaces, limits } = this.#ports.behaviour();
    const refusal = refuseNamespace(namespace, namespaces, session.sockets.size, limits.namespaces);
    if (refusal !== undefined) {
      this.#refuse(session, namespace, { message: refusal }, "invalid_namespace");
      return;
    }
    const guest = await this.#check(session, packet);
    if (session.ended) return;
    if (isConnectRefusal(guest)) this.#refuse(session, namespace, guest);
    else await this.#receive(session, packet, guest);
  }

  /** Who asks, and may they? All but what the room's code says. */
  async #check(session: Session, { namespace, auth }: Connect): Promise<Guest | ConnectRefusal> {
    const { access, name, code, members } = this.#ports;
    const admission = await admit(auth, namespace, name, access, code.asksToConnect);
    if (isConnectRefusal(admission)) return admission;
    const { limits, recovery } = this.#ports.behaviour();
    const full = refuseMore(admission, members, limits);
    if (full !== undefined) return full;
    const context = { room: name, coded: code.any, recovery };
    const presence = readPresence(auth, admission.claims, session, context);
    return isConnectRefusal(presence) ? presence : { admission, presence };
  }

  /** Asks the room's code, if it has any, and lets the socket in. */
  async #receive(
    session: Session,
    { namespace, auth }: Connect,
    { admission, presence }: Guest,
  ): Promise<void> {
    const { code, members, socketPorts } = this.#ports;
    const hasPlace = members.hasPlace(admission.id);
    // SUB-5: the older connection of the same pid goes first.
    const older = this.#endOlder(admission.id);
    const { epoch } = this.#log;
    const place = this.#place(auth);
    const socket = this.#newSocket(session, namespace, admission, presence, place, older?.seat);
    const connecting = members.show(socket, new ConnectingSocket(socket, auth, socketPorts));
    members.arrive(socket, hasPlace);
    const refused =
      (await code.connect(socket, connecting)) ??
      // Others may have come while the code was asked.
      refuseMore(admission, members, this.#ports.behaviour().limits);
    // So may a newer connection of the same pid; or a backend has taken it out.
    const gone = !members.settle(socket) || session.ended || this.#ports.expires(socket);
    const renewed = this.#log.epoch !== epoch;
    if (gone || refused !== undefined || renewed) this.#turnAway(socket);
    if (gone) return;
    if (refused !== undefined) {
      this.#refuse(session, namespace, refused, CUSTOM);
      return;
    }
    // Its place is in a log that is no more: the client comes again, and hears of that.
    if (renewed) session.end("server disconnect");
    else this.#letIn(socket, place, () => connecting.letIn(this.#ports.report));
  }

  /** Takes a fresh token from a socket that has joined; a wrong one changes nothing. */
  async renew(socket: Socket, packet: EventPacket): Promise<void> {
    const { access, name, code, members, presence, refusals } = this.#ports;
    const ack = ackOf(socket, packet);
    const claims = await readRenewal(socket, packet, name, access);
    if (!members.has(socket)) return;
    if (isForbidden(claims)) {
      refusals.add(claims.code, this.#ports.now());
      ack(oneValue({ error: claims }));
      return;
    }
    this.#grant(socket, claims);
    const reads = this.#reads(socket);
    if (reads !== members.readers.has(socket)) this.#turnReading(socket, reads);
    if (!maySeeMembers(claims, name, code.any)) presence.unwatch(socket);
    socket.session.save();
    ack(oneValue({ expiresAt: claims.expiresAt ?? null }));
  }

  #turnReading(socket: Socket, reads: boolean): void {
    const { members, counters, turnSoon } = this.#ports;
    const { position } = socket;
    const lost = position.state === "stopped" && position.epoch !== this.#log.epoch;
    if (lost) restart(socket, this.#log, position.epoch, counters);
    else socket.position = turnReading(position, reads, this.#log);
    members.setReading(socket, reads);
    if (members.replaying.has(socket)) turnSoon();
  }

  /** It was not let in. Its seat is as if it had left, unless a newer connection has it. */
  #turnAway(socket: Socket): void {
    const { members, seats, now } = this.#ports;
    if (members.findAny(socket.id) === undefined) seats.leave(socket, now());
  }

  /** @param code how it is counted, if not by its own */
  #refuse(session: Session, namespace: string, refusal: ConnectRefusal, code?: string): void {
    const { message, data } = refusal;
    this.#ports.refusals.add(code ?? codeOf(data), this.#ports.now());
    session.send(encodeConnectError(namespace, message, data));
  }

  /** Takes back, after hibernation, a session's sockets as its wire kept them. */
  restore(session: Session, sockets: readonly SocketSnapshot[]): void {
    const { code, seats, members, presence } = this.#ports;
    for (const { replay, ...kept } of sockets) {
      // It has resumed, and this connection is only heard of because it closes.
      if (members.find(kept.id) !== undefined) continue;
      const position = this.#positionOf(kept, replay);
      const { id, pid, recovered = false, since = session.openedAt, watch } = kept;
      const shown = code.any ? undefined : (kept.shown ?? NOTHING);
      const seat = seats.restore(id);
      const socket = { ...kept, pid, recovered, since, shown, watch, seat, session, position };
      this.#join(socket);
      presence.restored(socket);
    }
    if (members.replaying.size > 0) this.#ports.turnSoon();
  }

  #positionOf(
    reader: Pick<Socket, "claims">,
    replay: SocketSnapshot["replay"],
  ): Socket["position"] {
    const { epoch, head } = this.#log;
    // Append and sends are one turn: whoever was live has been sent all there is.
    if (replay === undefined) return { state: "live", sent: head };
    if (this.#reads(reader)) return { state: "replaying", ...replay };
    return { state: "stopped", ...replay, epoch: replay.epoch ?? epoch };
  }

  /** A socket that is not in yet, with what was kept for it if it resumes. */
  #newSocket(
    session: Session,
    namespace: string,
    admission: Admission,
    { shown, watches }: PresenceRequest,
    { start, resumed }: Place,
    older: Seat | undefined,
  ): Socket {
    const { seats, presence } = this.#ports;
    const { recovery } = this.#ports.behaviour();
    const { id, claims, secret, pid } = admission;
    const own = resumed && pid ? pid.text : newPid(secret, this.#log.epoch, start);
    return {
      session,
      namespace,
      id,
      claims,
      pid: recovery ? own : undefined,
      recovered: resumed,
      seat: seats.take(id, resumed, older, this.#ports.now()),
      since: presence.sinceOf(id) ?? this.#ports.now(),
      shown,
      watch: watches ? "owed" : undefined,
      position: { state: "connecting", sent: start },
    };
  }

  /** @param greet sends what the code has for its socket, behind CONNECT and before any replay */
  #letIn(socket: Socket, { start, replay, gap }: Place, greet: () => void): void {
    const { members, presence, counters } = this.#ports;
    const { session, namespace, id, position } = socket;
    const { head } = this.#log;
    // Live from where it stood when the code was asked: what came since is in the log.
    const sent = replay ? start : position.sent;
    socket.position =
      this.#reads(socket) && (replay || sent < head)
        ? { state: "replaying", sent, replayed: 0, announce: replay }
        : { state: "live", sent: head };
    session.send(encodeConnect(namespace, id, socket.pid));
    this.#join(socket);
    counters.joins++;
    if (socket.recovered) counters.resumes++;
    presence.joined(socket);
    if (gap && members.readers.has(socket)) {
      counters.gaps.count(gap.reason);
      notifyGap(socket, this.#log, gap.requested, gap.reason, start + 1);
    }
    greet();
    if (members.replaying.has(socket)) this.#ports.replay(socket);
    else session.save();
    if (members.replaying.size > 0) this.#ports.turnSoon();
  }

  #endOlder(id: string): Socket | undefined {
    const { members } = this.#ports;
    const older = members.findAny(id);
    if (older === undefined) return undefined;
    members.settle(older);
    older.session.end("resumed elsewhere");
    return older;
  }

  #place(auth: Auth): Place {
    const { recovery, replayLimit } = this.#ports.behaviour();
    if (recovery) return placeReader(auth, parsePid(auth.pid), this.#log, replayLimit);
    return { start: this.#log.head, resumed: false, replay: false, gap: null };
  }

  #join(socket: Socket): void {
    this.#grant(socket, socket.claims);
    this.#ports.members.join(socket, this.#reads(socket));
  }

  #grant(socket: Socket, claims: Claims): void {
    // Kept in the socket's attachment, which is small: of a token's rooms only this one matters.
    socket.claims = { ...claims, rooms: [this.#ports.name] };
    if (claims.expiresAt !== undefined) this.#ports.wakeAt(claims.expiresAt);
  }

  #reads({ claims }: Pick<Socket, "claims">): boolean {
    return may(claims, "read", this.#ports.name);
  }

  get #log(): EventLog {
    return this.#ports.log();
  }
}

/** The code of a refusal, as programs read it. */
function codeOf(data: unknown): string {
  return typeof data === "object" && data !== null && "code" in data ? String(data.code) : CUSTOM;
}
