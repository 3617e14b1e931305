/** The sockets that have joined, in memory: rebuilt on wake-up from what each one's wire kept. */
import type { Socket } from "../session/socket.ts";
import type { ServerSocket } from "./server-socket.ts";

export class Members {
  readonly #newView: (socket: Socket) => ServerSocket;
  readonly #byId = new Map<string, Socket>();
  readonly #views = new WeakMap<Socket, ServerSocket>();
  /** Those that may read. */
  readonly readers = new Set<Socket>();
  /** Those of the readers that are being sent what they missed. */
  readonly replaying = new Set<Socket>();

  /** @param newView makes what the room's code sees of a socket */
  constructor(newView: (socket: Socket) => ServerSocket) {
    this.#newView = newView;
  }

  [Symbol.iterator](): Iterator<Socket> {
    return this.#byId.values();
  }

  find(id: string): Socket | undefined {
    return this.#byId.get(id);
  }

  has(socket: Socket): boolean {
    return this.#byId.get(socket.id) === socket;
  }

  join(socket: Socket, reads: boolean): void {
    socket.session.sockets.set(socket.namespace, socket);
    this.#byId.set(socket.id, socket);
    if (!reads) return;
    this.readers.add(socket);
    if (socket.position.state === "replaying") this.replaying.add(socket);
  }

  leave(socket: Socket): void {
    socket.session.sockets.delete(socket.namespace);
    this.#byId.delete(socket.id);
    this.readers.delete(socket);
    this.replaying.delete(socket);
  }

  /** The socket as the room's code sees it. */
  viewOf(socket: Socket): ServerSocket {
    const known = this.#views.get(socket);
    if (known !== undefined) return known;
    return this.show(socket, this.#newView(socket));
  }

  /** From now on the room's code sees the socket so. */
  show<View extends ServerSocket>(socket: Socket, view: View): View {
    this.#views.set(socket, view);
    return view;
  }
}
