/**
 * How a room's code sees its events, typed in both directions as Socket.IO's own generics do it:
 * https://socket.io/docs/v4/typescript/
 */
import type { DisconnectReason } from "./handlers.ts";

/** Names, each with the type of its listener: `{ chat: (text: string) => void }`. */
export type RoomEvents = {
  /** What the room sends. An event to be acknowledged has a callback as its last argument. */
  readonly ServerToClient: object;
  /** What clients send. A callback as last argument says what `event.ack` takes. */
  readonly ClientToServer: object;
  /** What `socket.data` holds; has to be JSON. */
  readonly Data: object;
};

type Anything = Readonly<Record<string, (...args: unknown[]) => void>>;

/** Events of a room that says nothing about them. */
export type AnyEvents = {
  readonly ServerToClient: Anything;
  readonly ClientToServer: Anything;
  readonly Data: Record<string, unknown>;
};

type Callback = (...values: never[]) => unknown;

/** The arguments of an event, its callback included. */
type Args<Map, Name extends keyof Map> = Map[Name] extends (...args: infer A) => unknown
  ? A
  : never;

/** Those that travel. The callback may be an optional one. */
type WithoutCallback<A extends readonly unknown[]> = A extends [...infer Rest, Callback]
  ? Rest
  : Required<A> extends [...infer Rest, Callback]
    ? Rest
    : A;

/** Is nothing said about an event's arguments? */
type IsOpen<A extends readonly unknown[]> = number extends A["length"] ? true : false;

/** What a callback takes: the values of an ack. */
type AckValues<A extends readonly unknown[]> =
  Required<A> extends [...unknown[], (...values: infer V) => unknown]
    ? V
    : IsOpen<A> extends true
      ? unknown[]
      : [];

type Names<Map> = keyof Map & string;

/** The names of events that may be acknowledged. */
type NamesWithAck<Map> = {
  [N in Names<Map>]: Required<Args<Map, N>> extends [...unknown[], Callback]
    ? N
    : IsOpen<Args<Map, N>> extends true
      ? N
      : never;
}[Names<Map>];

/** What an emit of the room's takes: no callback, since those are for `emitWithAck`. */
type Sent<E extends RoomEvents, N extends Names<E["ServerToClient"]>> = WithoutCallback<
  Args<E["ServerToClient"], N>
>;

/** What an emit returns: the offset at which the event is logged. */
export type Logged = string;

/** What became of a relayed event. An ephemeral one has no offset. */
export type Relayed = { readonly offset: string | null; readonly duplicate: boolean };

/**
 * What `relay` is to do differently; without any of it, it is EMIT-1. The same type for all events,
 * so that `event.relay()` needs no look at which one it is.
 */
export type Changes<E extends RoomEvents = AnyEvents> = {
  readonly [N in Names<E["ServerToClient"]>]: {
    /** Another name. */
    readonly name?: N;
    /** Other arguments. */
    readonly args?: Sent<E, N>;
    /** Only to these rooms (or socket ids) … */
    readonly to?: string | readonly string[];
    /** … and not to these. */
    readonly except?: string | readonly string[];
    /** Shall the sender get it as well? By default as the room's setting says. */
    readonly echo?: boolean;
    /** Shall it be sent and not logged? By default as the name says. */
    readonly ephemeral?: boolean;
    /** The ack's values, in place of `{ offset, duplicate }`. */
    readonly ack?: readonly unknown[];
  };
}[Names<E["ServerToClient"]>];

/** An event that a client sent, on its way through `onEvent`. */
export type RoomEvent<E extends RoomEvents = AnyEvents> = {
  readonly [N in Names<E["ClientToServer"]>]: {
    readonly name: N;
    /** Binary ones are `Uint8Array`s. */
    readonly args: WithoutCallback<Args<E["ClientToServer"], N>>;
    readonly idempotencyKey: string | null;
    /** Is its name one that is not logged? */
    readonly ephemeral: boolean;
    /**
     * EMIT-1: logs the event, sends it to the namespace, and acks it.
     * @throws if the event is over: refused, timed out, or relayed before
     */
    relay(changes?: Changes<E>): Relayed;
    /** Acks it. Only the first ack counts. */
    ack(...values: AckValues<Args<E["ClientToServer"], N>>): void;
    /**
     * Acks it with `{ error: { code, message, ...details } }`: a final refusal. What was done before
     * stays; throw `Refused` to undo it as well.
     */
    refuse(code: string, message: string, details?: Readonly<Record<string, unknown>>): void;
  };
}[Names<E["ClientToServer"]>];

/** To whom an event goes. Each call narrows it and returns a new one. */
export interface Broadcast<E extends RoomEvents = AnyEvents> {
  /** To sockets in this room (or with this id), beside those of other calls. */
  to(room: string | readonly string[]): Broadcast<E>;
  /** The same as `to`. */
  in(room: string | readonly string[]): Broadcast<E>;
  /** Not to sockets in this room (or with this id). */
  except(room: string | readonly string[]): Broadcast<E>;
  /** In this namespace. */
  of(namespace: string): Broadcast<E>;
  /** Not logged: to those who are connected now, at most once. */
  readonly ephemeral: Ephemeral<E>;
  /** Logs the event and sends it. */
  emit<N extends Names<E["ServerToClient"]>>(name: N, ...args: Sent<E, N>): Logged;
}

/** The same for events that are not logged. */
export interface Ephemeral<E extends RoomEvents = AnyEvents> {
  to(room: string | readonly string[]): Ephemeral<E>;
  in(room: string | readonly string[]): Ephemeral<E>;
  except(room: string | readonly string[]): Ephemeral<E>;
  of(namespace: string): Ephemeral<E>;
  emit<N extends Names<E["ServerToClient"]>>(name: N, ...args: Sent<E, N>): void;
}

/** A client's connection to a namespace, as the room's code sees it. */
export interface Socket<E extends RoomEvents = AnyEvents> {
  /** Public id; survives hibernation and a resume. */
  readonly id: string;
  readonly namespace: string;
  /** Who it is: of a token, of `auth.clientId`, or its own (EMIT-3). */
  readonly identity: string;
  /** Did it resume, with its id, rooms and data? */
  readonly recovered: boolean;
  readonly connected: boolean;
  /** Its own id, and what it joined. */
  readonly rooms: ReadonlySet<string>;
  /** The code's own; kept through hibernation and a resume. */
  data: Partial<E["Data"]>;
  /** @throws Refused `too_many_rooms`, and joins none of them, if it would be in more than `MAX_ROOMS` */
  join(room: string | readonly string[]): void;
  leave(room: string): void;
  /** Logs an event for this socket alone, and sends it. */
  emit<N extends Names<E["ServerToClient"]>>(name: N, ...args: Sent<E, N>): void;
  /**
   * Sends an event (not logged) and resolves with the first value of the client's ack; rejects if
   * none comes within 10 s, or `timeout`'s, or when the socket is gone.
   */
  emitWithAck<N extends NamesWithAck<E["ServerToClient"]>>(
    name: N,
    ...args: Sent<E, N>
  ): Promise<AckValues<Args<E["ServerToClient"], N>>[0]>;
  /** How long an ack may take, in milliseconds. */
  timeout(ms: number): Pick<Socket<E>, "emitWithAck">;
  /** To others in this room. */
  to(room: string | readonly string[]): Broadcast<E>;
  in(room: string | readonly string[]): Broadcast<E>;
  except(room: string | readonly string[]): Broadcast<E>;
  /** To all others in its namespace. */
  readonly broadcast: Broadcast<E>;
  /** To this socket alone, without logging. */
  readonly ephemeral: Ephemeral<E>;
  /** Takes it out of the namespace; with `true`, closes its connection, and it may come back. */
  disconnect(close?: boolean): void;
}

/** A client that asks to be let in. */
export interface Connecting<E extends RoomEvents = AnyEvents> extends Socket<E> {
  /** What it sent with CONNECT; nothing in it has been checked but what Roomlog itself uses. */
  readonly handshake: { readonly auth: Readonly<Record<string, unknown>> };
}

export type { DisconnectReason };
