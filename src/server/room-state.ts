/** What the relay tells about a room and who is in it. */

/** `GET /rooms/{room}` (HTTP-5). */
export type RoomState = {
  readonly room: string;
  readonly epoch: string;
  /** Offset of the oldest event that is kept. */
  readonly first: string | null;
  readonly head: string;
  /** Events kept. */
  readonly count: number;
  /** Of its database. */
  readonly bytes: number;
  /** How many have joined. */
  readonly sockets: number;
  readonly settings: Readonly<Record<string, unknown>>;
};

/** A socket, as `GET /rooms/{room}/sockets` lists it. */
export type Member = {
  readonly id: string;
  readonly namespace: string;
  /** Such as `sub:alice` or `key:backend`; null for who is anonymous. */
  readonly identity: string | null;
  readonly data: unknown;
  /** When it first joined, such as `2026-11-22T20:50:24.819Z`. */
  readonly since: string;
  readonly transport: string;
  readonly rooms?: readonly string[];
};

/** A socket, and the rooms that it is in now. */
export type Moved = { readonly id: string; readonly rooms: readonly string[] };

/** The log that begins where another was wiped. */
export type Wiped = { readonly epoch: string; readonly head: string };
