/** The sockets that have joined, in memory: rebuilt on wake-up from what each one's wire kept. */
import type { Socket } from "../session/socket.ts";
import type { ServerSocket } from "./server-socket.ts";

type Arrival = { readonly socket: Socket; readonly hasPlace: boolean };

export class Members {
  readonly #newView: (socket: Socket) => ServerSocket;
  readonly #byId = new Map<string, Socket>();
  /** Those that the room's code has not let in yet. One of an id is either here or has joined. */
  readonly #arriving = new Map<string, Arrival>();
  /** How many of these have a place: that of their older connection. */
  #kept = 0;
  /** How many places each identity has. */
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

  /** How many places are taken (ENG-15): of those that have joined, and of those that resume. */
  get places(): number {
    return this.size + this.#kept;
  }

  /** How many of them are this identity's. */
  placesOf(identity: string): number {
    return this.#byIdentity.get(identity) ?? 0;
  }

  /** Is there a place that a socket with this id may take over? */
  hasPlace(id: string): boolean {
    return this.#byId.has(id) || this.#arriving.get(id)?.hasPlace === true;
  }

  find(id: string): Socket | undefined {
    return this.#byId.get(id);
  }

  has(socket: Socket): boolean {
    return this.#byId.get(socket.id) === socket;
  }

  /** Those that have not been let in yet. */
  get arriving(): Socket[] {
    return Array.from(this.#arriving.values(), ({ socket }) => socket);
  }

  /** Whoever has this id, let in or not. */
  findAny(id: string): Socket | undefined {
    return this.find(id) ?? this.#arriving.get(id)?.socket;
  }

  /**
   * The room's code is asked about a socket.
   * @param hasPlace has it the place of its older connection?
   */
  arrive(socket: Socket, hasPlace: boolean): void {
    this.#arriving.set(socket.id, { socket, hasPlace });
    if (hasPlace) this.#keep(socket, 1);
  }

  /**
   * It is let in now, or not at all.
   * @returns false if that had been settled before
   */
  settle(socket: Socket): boolean {
    const arrival = this.#arriving.get(socket.id);
    if (arrival?.socket !== socket) return false;
    this.#arriving.delete(socket.id);
    if (arrival.hasPlace) this.#keep(socket, -1);
    return true;
  }

  #keep(socket: Socket, change: 1 | -1): void {
    this.#kept += change;
    this.#count(socket, change);
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
    const count = this.placesOf(identity) + change;
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
