/** The sockets that have joined, in memory: rebuilt on wake-up from what each one's wire kept. */
import type { Socket } from "../session/socket.ts";
import type { ServerSocket } from "./server-socket.ts";

export class Members {
  readonly #newView: (socket: Socket) => ServerSocket;
  readonly #byId = new Map<string, Socket>();
  /** How many each identity has. */
  readonly #byIdentity = new Map<string, number>();
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

  get size(): number {
    return this.#byId.size;
  }

  /** How many of this identity have joined. */
  countOf(identity: string): number {
    return this.#byIdentity.get(identity) ?? 0;
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
    this.#count(socket, 1);
    this.setReading(socket, reads);
  }

  /** May the socket read from now on? */
  setReading(socket: Socket, reads: boolean): void {
    if (!reads) this.readers.delete(socket);
    else this.readers.add(socket);
    if (socket.position.state === "replaying") this.replaying.add(socket);
    else this.replaying.delete(socket);
  }

  leave(socket: Socket): void {
    socket.session.leave(socket.namespace);
    if (this.#byId.delete(socket.id)) this.#count(socket, -1);
    this.readers.delete(socket);
    this.replaying.delete(socket);
  }

  #count({ claims: { identity } }: Socket, change: 1 | -1): void {
    const count = this.countOf(identity) + change;
    if (count === 0) this.#byIdentity.delete(identity);
    else this.#byIdentity.set(identity, count);
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
