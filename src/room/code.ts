/**
 * Runs a room's own code. A handler runs inside the room's turn, so that what it writes and what it
 * relays are one transaction; one that awaits goes on outside, and its socket's next event waits.
 */
import type { Socket } from "../session/socket.ts";
import type { RoomBehaviour } from "../settings.ts";
import type { ConnectRefusal } from "./admit.ts";
import { type Commits, LogFailed, StorageFull, type Work } from "./commits.ts";
import { type DisconnectReason, type Handlers, hasCode } from "./handlers.ts";
import type { IncomingEvent } from "./incoming-event.ts";
import { Lane, TimedOut, within } from "./lane.ts";
import { Refused } from "./refused.ts";
import type { Seats } from "./seats.ts";
import type { ConnectingSocket, ServerSocket } from "./server-socket.ts";

/** Ends that the room has chosen. Of who went by itself, all that came is taken. */
const DISMISSALS: ReadonlySet<DisconnectReason> = new Set([
  "server disconnect",
  "server namespace disconnect",
  "token expired",
]);

/** What the code needs of its room. */
export type CodePorts = {
  readonly commits: Commits;
  readonly seats: Seats;
  behaviour(): RoomBehaviour;
  turnSoon(): void;
  /** Seq of the newest event. */
  head(): number;
  report(error: unknown): void;
};

/** A call of a handler, and what becomes of it. */
type Call = {
  /** May the code be left alone, since the answer is known? */
  readonly skip?: () => boolean;
  call(): void | Promise<void>;
  /** Characters and bytes of what the client sent. */
  readonly size?: number;
  /** Calls with the same one never overlap. */
  readonly key?: string | undefined;
  done?(): void;
  /** The handler threw before it awaited anything: all that it did is undone. */
  undone?(): void;
  /** The handler threw, or took too long. */
  refused(error: unknown): void;
  /** Nothing of it happened, and a retry may succeed. */
  failed(): void;
};

export class Code {
  /** Does the room have any? */
  readonly any: boolean;
  readonly #handlers: Handlers;
  readonly #ports: CodePorts;
  readonly #lanes = new WeakMap<Socket, Lane<Work>>();
  /** Keyed events whose handlers are still running. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(handlers: Handlers, ports: CodePorts) {
    this.any = hasCode(handlers);
    this.#handlers = handlers;
    this.#ports = ports;
  }

  get asksToConnect(): boolean {
    return this.#handlers.onConnect !== undefined;
  }

  get handlesEvents(): boolean {
    return this.#handlers.onEvent !== undefined;
  }

  /** Asks whether a socket may come in; resolves with why not. */
  connect(socket: Socket, view: ConnectingSocket): Promise<ConnectRefusal | undefined> {
    const { onConnect } = this.#handlers;
    if (onConnect === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#enqueue(socket, this.#laneOf(socket), {
        call: () => {
          // What is logged from now on reaches the socket, however long it takes to be let in.
          if (socket.position.state === "connecting") socket.position.sent = this.#ports.head();
          return onConnect(view);
        },
        done: () => resolve(undefined),
        refused: (error) => resolve(this.#connectRefusal(error)),
        failed: () =>
          resolve({ message: "The log can't be written", data: { code: "unavailable" } }),
      });
    });
  }

  /**
   * @param isKnown answers a retry of what is in the log, for which the code isn't asked again
   * @param key of the publisher and its event
   * @returns what becomes of it: too many of this socket's may wait, or too many of all
   */
  event(
    socket: Socket,
    view: ServerSocket,
    event: IncomingEvent,
    isKnown: () => boolean,
    key: string | undefined,
  ): "taken" | "too_many" | "overloaded" {
    const { onEvent } = this.#handlers;
    if (onEvent === undefined) return "taken";
    const lane = this.#laneOf(socket);
    if (lane.full) return "too_many";
    if (this.#ports.commits.full) return "overloaded";
    this.#enqueue(socket, lane, {
      skip: () => lane.closed || isKnown(),
      size: event.size,
      key,
      call: () => onEvent(view, event),
      undone: () => event.undo(),
      refused: (error) => {
        if (error instanceof Refused) {
          event.refuse(error.code, error.message, error.details);
          return;
        }
        if (error instanceof StorageFull) {
          event.refuse("storage_full", error.message);
          return;
        }
        if (error instanceof TimedOut) {
          event.refuse("timeout", "the room took too long");
        } else {
          event.refuse("internal", "the room's code failed");
        }
        this.#ports.report(error);
      },
      failed: () => event.end(),
    });
    return "taken";
  }

  disconnect(socket: Socket, view: ServerSocket, reason: DisconnectReason): void {
    const { onDisconnect } = this.#handlers;
    const lane = this.#laneOf(socket);
    if (DISMISSALS.has(reason)) lane.closed = true;
    if (onDisconnect === undefined) return;
    this.#enqueue(socket, lane, {
      call: () => onDisconnect(view, reason),
      refused: (error) => this.#ports.report(error),
      failed: () => {},
    });
  }

  #enqueue(socket: Socket, lane: Lane<Work>, call: Call): void {
    const work = this.#work(socket, lane, call);
    if (lane.busy) lane.wait(work, call.size ?? 0);
    else this.#ports.commits.add(work, call.size);
    this.#ports.turnSoon();
  }

  #work(socket: Socket, lane: Lane<Work>, call: Call): Work {
    const work: Work = {
      run: (commits) => {
        if (lane.busy) return lane.wait(work, call.size ?? 0);
        const running = this.#running.get(call.key ?? "");
        if (running !== undefined) {
          // The same event by another connection: whichever comes first, the other is its retry.
          return lane.hold(running, (waited) => this.#again([work, ...waited]));
        }
        if (call.skip?.()) return;
        try {
          const { seats } = this.#ports;
          const pending = commits.attempt(() => seats.during(() => call.call()));
          if (pending === undefined) commits.after(() => call.done?.());
          else this.#await(socket, lane, call, pending);
        } catch (error) {
          if (error instanceof LogFailed) throw error;
          call.undone?.();
          commits.after(() => call.refused(error));
        }
      },
      failed: () => call.failed(),
    };
    return work;
  }

  #await(socket: Socket, lane: Lane<Work>, call: Call, pending: Promise<void>): void {
    const { key } = call;
    const settled = within(this.#ports.behaviour().handlerTimeout, pending)
      .then(
        () => call.done?.(),
        (error) => call.refused(error),
      )
      .then(() => this.#ports.seats.touch(socket));
    if (key !== undefined) {
      this.#running.set(key, settled);
      settled.finally(() => this.#running.delete(key));
    }
    lane.hold(settled, (waited) => this.#again(waited));
  }

  #again(works: readonly Work[]): void {
    for (const work of works) this.#ports.commits.add(work);
    this.#ports.turnSoon();
  }

  #laneOf(socket: Socket): Lane<Work> {
    const known = this.#lanes.get(socket);
    if (known !== undefined) return known;
    const lane = new Lane<Work>();
    this.#lanes.set(socket, lane);
    return lane;
  }

  /** As Socket.IO's middleware: the error's message, and its `data`. */
  #connectRefusal(error: unknown): ConnectRefusal {
    if (error instanceof TimedOut) {
      return { message: "The room took too long", data: { code: "timeout" } };
    }
    if (error instanceof Refused) {
      return { message: error.message, data: { ...error.details, code: error.code } };
    }
    if (!(error instanceof Error)) return { message: String(error) };
    return { message: error.message, ...("data" in error && { data: error.data }) };
  }
}
