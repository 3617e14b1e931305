/** A socket as a room's code sees it. Its public type is `Socket` in types.ts. */
import type { Auth } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";
import { listOf, type Rooms } from "./audience.ts";
import { type Leave, LoggedSending, type Sending } from "./broadcast.ts";
import type { EphemeralEvent } from "./delivery.ts";
import { Refused } from "./refused.ts";

/** What sockets need of their room. */
export type SocketPorts = {
  readonly log: Leave<string>;
  readonly send: Leave<void>;
  /** Sends an event that is not logged to a socket that has just been let in. */
  greet(socket: Socket, event: EphemeralEvent): void;
  /** Sends an event and waits for its ack's values. */
  ask(
    socket: Socket,
    timeout: number,
    name: string,
    args: readonly unknown[],
  ): Promise<readonly unknown[]>;
  isJoined(socket: Socket): boolean;
  /** Seq of the newest event. */
  head(): number;
  /** A socket may be in so many rooms. */
  maxRooms(): number;
  /** The socket's rooms or data may change now. */
  touch(socket: Socket): void;
  disconnect(socket: Socket, close: boolean): void;
};

/** How long an ack may take if nobody says, in milliseconds. */
const ACK_TIMEOUT = 10_000;

export class ServerSocket {
  protected readonly socket: Socket;
  protected readonly ports: SocketPorts;

  constructor(socket: Socket, ports: SocketPorts) {
    this.socket = socket;
    this.ports = ports;
  }

  get id(): string {
    return this.socket.id;
  }

  get namespace(): string {
    return this.socket.namespace;
  }

  get identity(): string {
    return this.socket.claims.identity;
  }

  get recovered(): boolean {
    return this.socket.recovered;
  }

  get connected(): boolean {
    return this.ports.isJoined(this.socket);
  }

  get rooms(): ReadonlySet<string> {
    return new Set([this.id, ...this.socket.seat.rooms.keys()]);
  }

  get data(): Record<string, unknown> {
    this.ports.touch(this.socket);
    return this.socket.seat.data;
  }

  set data(data: Record<string, unknown>) {
    this.ports.touch(this.socket);
    this.socket.seat.data = data;
  }

  /** @throws Refused `too_many_rooms`, and joins none of them */
  join(room: Rooms): void {
    const { rooms } = this.socket.seat;
    const fresh = new Set(listOf(room).filter((name) => !rooms.has(name)));
    if (fresh.size === 0) return;
    const most = this.ports.maxRooms();
    if (rooms.size + fresh.size > most) {
      throw new Refused("too_many_rooms", `a socket may be in ${most} rooms`);
    }
    this.ports.touch(this.socket);
    for (const name of fresh) rooms.set(name, this.joinedAt);
  }

  /** From which seq on events of a room that it joins now are for it. */
  protected get joinedAt(): number {
    return this.ports.head();
  }

  leave(room: string): void {
    this.ports.touch(this.socket);
    this.socket.seat.rooms.delete(room);
  }

  emit(name: string, ...args: unknown[]): void {
    this.#own.emit(name, ...args);
  }

  async emitWithAck(name: string, ...args: unknown[]): Promise<unknown> {
    return await this.timeout(ACK_TIMEOUT).emitWithAck(name, ...args);
  }

  timeout(ms: number): { emitWithAck(name: string, ...args: unknown[]): Promise<unknown> } {
    return {
      emitWithAck: async (name, ...args) => {
        if (!this.connected) throw new Error("the socket is not connected");
        return (await this.ports.ask(this.socket, ms, name, args))[0];
      },
    };
  }

  to(room: Rooms): LoggedSending<string> {
    return this.broadcast.to(room);
  }

  in(room: Rooms): LoggedSending<string> {
    return this.broadcast.to(room);
  }

  except(room: Rooms): LoggedSending<string> {
    return this.broadcast.except(room);
  }

  get broadcast(): LoggedSending<string> {
    const { id, namespace } = this;
    return new LoggedSending(
      { namespace, sender: id, audience: null },
      this.ports.log,
      this.ports.send,
    );
  }

  get ephemeral(): Sending<void> {
    return this.#own.ephemeral;
  }

  disconnect(close = false): void {
    this.ports.disconnect(this.socket, close);
  }

  /** To this socket alone. */
  get #own(): LoggedSending<string> {
    const { id, namespace } = this;
    const audience = { to: [id], except: [] };
    return new LoggedSending(
      { namespace, sender: null, audience },
      (event) => this.logOwn(event),
      (event) => this.sendOwn(event),
    );
  }

  protected logOwn(event: EphemeralEvent): string {
    return this.ports.log(event);
  }

  protected sendOwn(event: EphemeralEvent): void {
    this.ports.send(event);
  }
}

/** A socket that has not been let in: what it is sent waits until it is. */
export class ConnectingSocket extends ServerSocket {
  readonly handshake: { readonly auth: Auth };
  /** What is sent without logging, before anything of the log. */
  readonly #greetings: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Socket, auth: Auth, ports: SocketPorts) {
    super(socket, ports);
    this.handshake = { auth };
  }

  /**
   * It is in: does what waited for that.
   * @param failed gets what could not be done, such as to log an event while storage is full
   */
  letIn(failed: (error: unknown) => void): void {
    for (const step of [...this.#greetings.splice(0), ...this.#waiting.splice(0)]) {
      try {
        step();
      } catch (error) {
        failed(error);
      }
    }
  }

  /** What it joins before it is let in counts for its replay too. */
  protected override get joinedAt(): number {
    return this.connected ? super.joinedAt : 0;
  }

  override disconnect(close = false): void {
    if (this.connected) super.disconnect(close);
    else this.#waiting.push(() => super.disconnect(close));
  }

  protected override logOwn(event: EphemeralEvent): string {
    if (this.connected) return super.logOwn(event);
    this.#waiting.push(() => super.logOwn(event));
    return "";
  }

  protected override sendOwn(event: EphemeralEvent): void {
    if (this.connected) super.sendOwn(event);
    else this.#greetings.push(() => this.ports.greet(this.socket, event));
  }
}
