/**
 * Tells the sockets that watch who is here, and who comes and goes. A room where nobody watches
 * remembers for some seconds who has left, and does nothing else for it.
 */
import type { Socket } from "../session/socket.ts";
import type { PresenceRow } from "../storage/presence-store.ts";
import { Absences } from "./absences.ts";
import { notifyAll, type OffsetOf } from "./delivery.ts";
import type { DisconnectReason } from "./handlers.ts";
import { type Member, memberOf } from "./member.ts";
import type { Members } from "./members.ts";
import { PresenceRows, type PresenceStore } from "./presence-rows.ts";

/** What presence needs of its room. */
export type PresencePorts = {
  readonly members: Members;
  readonly offsetOf: OffsetOf;
  /** For so many milliseconds one that left without a word may come back unnoticed. */
  grace(): number;
  openPresence(): PresenceStore;
  /** Milliseconds since 1970. */
  now(): number;
  wakeAt(time: number): void;
  turnSoon(): void;
  report(error: unknown): void;
};

/** An event that is to be told in the next turn: its name and argument, as JSON. */
type News = { readonly namespace: string; readonly data: string };

/** `roomlog:presence` has at most so many members, of so many characters. */
const MAX_MEMBERS = 1_000;
const MAX_CHARS = 256 * 1_024;

/** Of such lists, a turn sends at most so many characters: what is sent takes memory until it is received. */
const TURN_CHARS = 8 * 1_024 * 1_024;

/** Those who say so don't come back. */
const GOODBYES: ReadonlySet<DisconnectReason> = new Set([
  "client namespace disconnect",
  "server namespace disconnect",
]);

export class Presence {
  readonly #ports: PresencePorts;
  readonly #watchers = new Set<Socket>();
  /** Those of them that have to be told all who are here before anything else. */
  readonly #owed = new Set<Socket>();
  readonly #absences = new Absences();
  readonly #rows: PresenceRows;
  readonly #news: News[] = [];

  constructor(ports: PresencePorts) {
    this.#ports = ports;
    this.#rows = new PresenceRows(() => ports.openPresence());
  }

  /** Does somebody wait to be told who is here? */
  get owing(): boolean {
    return this.#owed.size > 0;
  }

  /** When the socket with this id came, if it has left and may still come back. */
  sinceOf(id: string): number | undefined {
    const absence = this.#absences.get(id);
    return absence && this.#ports.now() < absence.until ? absence.member.since : undefined;
  }

  joined(socket: Socket): void {
    const absence = this.#absences.take(socket.id);
    if (socket.watch !== undefined) this.#watch(socket);
    if (this.#watchers.size === 0) return;
    const { id, namespace, text } = memberOf(socket);
    this.#touch(id);
    // Whoever comes back as it went was not missed.
    if (absence?.member.text !== text) this.#tell(namespace, `["roomlog:join",${text}]`);
  }

  left(socket: Socket, reason: DisconnectReason): void {
    this.#watchers.delete(socket);
    this.#owed.delete(socket);
    this.#giveUp();
    const member = memberOf(socket);
    const until = this.#ports.now() + this.#ports.grace();
    if (GOODBYES.has(reason)) this.#tellLeave(member, reason);
    else this.#absences.add({ member, reason, until });
    this.#touch(member.id);
    this.#wake();
  }

  /** Gives up those who did not come back in time. Safe to call at any time. */
  tick(): void {
    this.#giveUp();
    this.#wake();
  }

  #giveUp(): void {
    for (const { member, reason } of this.#absences.expire(this.#ports.now()))
      this.#tellLeave(member, reason);
  }

  #wake(): void {
    const { next } = this.#absences;
    if (next !== undefined && this.#watchers.size > 0) this.#ports.wakeAt(next);
  }

  /** The socket may not be told any more. */
  unwatch(socket: Socket): void {
    socket.watch = undefined;
    this.#watchers.delete(socket);
    this.#owed.delete(socket);
  }

  /** A socket is back from hibernation. */
  restored(socket: Socket): void {
    if (socket.watch === undefined) return;
    this.#watchers.add(socket);
    if (socket.watch === "owed") this.#owed.add(socket);
  }

  /** All sockets are back: who is stored and not among them has been lost in between. */
  awake(): void {
    if (this.#watchers.size === 0) return;
    const end = this.#ports.now() + this.#ports.grace();
    for (const row of this.#rows.load()) {
      if (this.#ports.members.find(row.id) !== undefined) continue;
      const reason = (row.reason ?? "transport close") as DisconnectReason;
      this.#absences.add({ member: memberOfRow(row), reason, until: row.until ?? end });
      this.#rows.touch(row.id);
    }
    this.tick();
    this.#ports.turnSoon();
  }

  /** Tells what is to be told. Part of the room's turn. */
  turn(): void {
    if (this.#watchers.size === 0) {
      this.#news.length = 0;
      return;
    }
    try {
      this.#rows.save((id) => this.#rowOf(id));
    } catch (error) {
      this.#ports.report(error);
    }
    for (const { namespace, data } of this.#news.splice(0)) this.#notify(namespace, data);
    for (const namespace of new Set(Array.from(this.#owed, (socket) => socket.namespace))) {
      this.#tellAll(namespace);
    }
  }

  #watch(socket: Socket): void {
    const first = this.#watchers.size === 0;
    this.#watchers.add(socket);
    this.#owed.add(socket);
    if (!first) return;
    // What is stored is of another time; what is to be stored has to be looked for.
    for (const { id } of this.#rows.load()) this.#rows.touch(id);
    for (const { member } of this.#absences) this.#rows.touch(member.id);
    for (const { id } of this.#ports.members) this.#rows.touch(id);
    this.tick();
  }

  /** What is stored of this id may have to change. */
  #touch(id: string): void {
    if (this.#watchers.size === 0) return;
    this.#rows.touch(id);
    this.#ports.turnSoon();
  }

  #tellLeave({ id, namespace, identity }: Member, reason: DisconnectReason): void {
    this.#touch(id);
    this.#tell(namespace, JSON.stringify(["roomlog:leave", { id, identity, reason }]));
  }

  #tell(namespace: string, data: string): void {
    if (this.#watchers.size > 0) this.#news.push({ namespace, data });
  }

  /** To those who have been told all who were here; who can't keep up is told all again. */
  #notify(namespace: string, data: string): void {
    const ready: Socket[] = [];
    for (const socket of this.#watchers) {
      if (socket.namespace !== namespace || this.#owed.has(socket)) continue;
      if (socket.session.admits(0)) ready.push(socket);
      else this.#setOwed(socket, true);
    }
    notifyAll(ready, namespace, data, this.#ports.offsetOf);
  }

  #tellAll(namespace: string): void {
    const ready = [...this.#owed].filter(
      (socket) => socket.namespace === namespace && socket.session.admits(0),
    );
    if (ready.length === 0) return;
    const list = this.#all(namespace);
    const first = ready.slice(0, Math.ceil(TURN_CHARS / list.length));
    notifyAll(first, namespace, list, this.#ports.offsetOf);
    for (const socket of first) this.#setOwed(socket, false);
    if (first.length < ready.length) this.#ports.turnSoon();
  }

  #setOwed(socket: Socket, owed: boolean): void {
    if (owed) this.#owed.add(socket);
    else this.#owed.delete(socket);
    socket.watch = owed ? "owed" : "told";
    socket.session.save();
  }

  /** All who are here, or may come back unnoticed. */
  #all(namespace: string): string {
    const shown: string[] = [];
    let count = 0;
    let chars = 0;
    const add = (member: () => string) => {
      count++;
      if (shown.length === MAX_MEMBERS || chars > MAX_CHARS) return;
      const text = member();
      chars += text.length;
      shown.push(text);
    };
    for (const socket of this.#ports.members) {
      if (socket.namespace === namespace) add(() => memberOf(socket).text);
    }
    for (const { member } of this.#absences) {
      if (member.namespace === namespace) add(() => member.text);
    }
    const cut = shown.length < count ? `,"count":${count}` : "";
    return `["roomlog:presence",{"members":[${shown.join(",")}]${cut}}]`;
  }

  /** What has to be stored of an id. */
  #rowOf(id: string): PresenceRow | undefined {
    const socket = this.#ports.members.find(id);
    if (socket?.session.transport === "websocket") return undefined;
    const absence = this.#absences.get(id);
    const member = socket ? memberOf(socket) : absence?.member;
    if (member === undefined) return undefined;
    const { reason = null, until = null } = socket ? {} : (absence ?? {});
    return { id, namespace: member.namespace, member: member.text, reason, until };
  }
}

function memberOfRow({ id, namespace, member }: PresenceRow): Member {
  const { identity, since } = JSON.parse(member);
  return { id, namespace, identity, since: Date.parse(since), text: member };
}
