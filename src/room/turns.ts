/**
 * The room's turns. In one, all that waits is logged as one transaction and sent; then who is behind
 * gets a page of what it missed. From the append to the sends nothing is awaited.
 */
import type { EventLog } from "../log/event-log.ts";
import type { Socket } from "../session/socket.ts";
import type { Counters } from "../telemetry/counters.ts";
import type { Commits } from "./commits.ts";
import { fanOut, type OffsetOf, replayPage } from "./delivery.ts";
import type { Members } from "./members.ts";
import type { Presence } from "./presence.ts";
import type { Retainer } from "./retainer.ts";
import type { Seats } from "./seats.ts";
import type { StorageGuard } from "./storage-guard.ts";
import type { Waiters } from "./waiters.ts";

/** What a turn needs of its room. */
export type TurnPorts = {
  readonly commits: Commits;
  readonly seats: Seats;
  readonly members: Members;
  readonly presence: Presence;
  readonly storage: StorageGuard;
  readonly retainer: Retainer;
  readonly waiters: Waiters;
  readonly counters: Counters;
  readonly offsetOf: OffsetOf;
  log(): EventLog;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `turn` once, after what has already arrived was taken. */
  soon(turn: () => void): void;
  /** Ends the session of a socket whose token is over; says whether it is. */
  expires(socket: Socket): boolean;
  report(error: unknown, what: string): void;
};

export class Turns {
  readonly #ports: TurnPorts;
  #due = false;

  constructor(ports: TurnPorts) {
    this.#ports = ports;
  }

  /** Asks for a turn. */
  soon(): void {
    if (this.#due) return;
    this.#due = true;
    this.#ports.soon(() => this.run());
  }

  run(): void {
    const { counters, seats, commits, members, presence, report } = this.#ports;
    this.#due = false;
    counters.turns++;
    seats.saveLoose((error) => report(error, "data_not_stored"));
    if (!commits.empty) this.#commit();
    this.#trim();
    for (const socket of members.replaying) this.replay(socket);
    presence.turn();
    // One whose client is slow to fetch goes on when that has drained what waits.
    const ready = [...members.replaying].some(({ session }) => session.admits(0));
    if (ready) this.soon();
  }

  #commit(): void {
    const { counters, commits, members, storage, retainer, waiters, offsetOf } = this.#ports;
    const { full } = storage;
    const { logged, settle } = commits.commit(this.#ports.log(), this.#ports.now(), full);
    counters.logged += logged.length;
    const fallen = fanOut(members.readers, logged, offsetOf, counters);
    for (const socket of fallen) members.replaying.add(socket);
    settle();
    storage.logged(logged);
    retainer.logged(logged);
    if (logged.length > 0) waiters.wake();
  }

  #trim(): void {
    try {
      this.#ports.retainer.turn();
    } catch (error) {
      this.#ports.report(error, "trim_failed");
    }
  }

  /** Sends a socket a page of what it missed; with the last one it is live. */
  replay(socket: Socket): void {
    const { members, counters, offsetOf } = this.#ports;
    // Rights may have changed since the last page.
    if (this.#ports.expires(socket) || !members.readers.has(socket)) return;
    replayPage(socket, this.#ports.log(), offsetOf, counters);
    if (socket.position.state === "live") members.replaying.delete(socket);
  }
}
