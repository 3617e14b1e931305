/** A room's code that takes its time to let sockets in: until a test opens the door. */
import type { Handlers } from "../../src/room/handlers.ts";
import type { ConnectingSocket } from "../../src/room/server-socket.ts";
import { type Harness, nextEventLoopTurn } from "./room-harness.ts";

export class SlowDoor {
  readonly #waiting: (() => void)[] = [];
  readonly handlers: Handlers;

  /** @param waits who has to wait; everybody, if nobody says */
  constructor(waits: (socket: ConnectingSocket) => boolean = () => true) {
    this.handlers = {
      onConnect: (socket) =>
        waits(socket) ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : undefined,
    };
  }

  /** Lets the room go on until so many wait at the door. */
  async waiting(h: Harness, count = 1): Promise<void> {
    for (; this.#waiting.length < count; h.turn()) await nextEventLoopTurn();
  }

  /** Lets in who waits, and the room come to rest. */
  async open(h: Harness): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    await h.settle();
  }
}
