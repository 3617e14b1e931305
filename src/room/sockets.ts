/** A room's sockets, for backends: who is here, taking them out, and putting them into rooms. */
import type { Claims } from "../auth/access.ts";
import type { Socket } from "../session/socket.ts";
import type { RoomCore } from "./core.ts";
import { memberOf, tellableIdentity } from "./member.ts";
import { maySeeMembers } from "./presence-request.ts";
import { Refused } from "./refused.ts";
import { type Denied, denial } from "./rights.ts";

/** Which sockets are to be listed. Crosses from Worker to object: plain data only. */
export type SocketsRequest = {
  readonly claims: Claims;
  readonly limit: number;
  /** The id behind which to go on. */
  readonly after?: string | undefined;
  readonly namespace?: string | undefined;
  readonly identity?: string | undefined;
};

export type SocketsResult =
  /** `body` is the answer's JSON text. */
  | { readonly kind: "page"; readonly body: string }
  /** The room has code of its own, whose `socket.data` is shown to nobody without a name. */
  | { readonly kind: "needs_key" }
  | Denied;

/** One socket, or all of one who has a key or token. */
export type Whom = { readonly id: string } | { readonly identity: string };

export type DisconnectRequest = { readonly claims: Claims; readonly whom: Whom };

export type DisconnectResult =
  | { readonly kind: "done"; readonly disconnected: number }
  | { readonly kind: "unknown" }
  | Denied;

export type MoveRequest = {
  readonly claims: Claims;
  readonly whom: Whom;
  readonly join: readonly string[];
  readonly leave: readonly string[];
};

export type MoveResult =
  | { readonly kind: "moved"; readonly sockets: readonly Moved[] }
  | { readonly kind: "unknown" }
  | { readonly kind: "too_many_rooms"; readonly detail: string }
  | Denied;

/** A socket, and the rooms that it is in now. */
export type Moved = { readonly id: string; readonly rooms: readonly string[] };

/** A page stops once it holds so many characters. */
const PAGE_CHARS = 1_000_000;

/** One page of the sockets, by id, with `next` to go on from where more are. */
export function listSockets(room: RoomCore, name: string, request: SocketsRequest): SocketsResult {
  const { claims, limit, after = "", namespace, identity } = request;
  const denied = denial(room, name, claims, "presence");
  if (denied !== undefined) return denied;
  if (!maySeeMembers(claims, name, room.coded)) return { kind: "needs_key" };
  const found = [...room.members]
    .filter((socket) => socket.id > after)
    .filter((socket) => namespace === undefined || socket.namespace === namespace)
    .filter((socket) => identity === undefined || isOf(socket, identity))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const items: string[] = [];
  let chars = 0;
  let last: string | undefined;
  for (const socket of found) {
    if (items.length === limit || chars > PAGE_CHARS) break;
    const item = socketJson(socket);
    items.push(item);
    chars += item.length;
    last = socket.id;
  }
  const next = items.length < found.length ? `,"next":${JSON.stringify(last)}` : "";
  return { kind: "page", body: `{"sockets":[${items.join(",")}]${next}}` };
}

function socketJson(socket: Socket): string {
  const { namespace, session, seat } = socket;
  const { transport } = session;
  const rooms = seat.rooms.size > 0 ? { rooms: [...seat.rooms.keys()] } : {};
  const more = JSON.stringify({ namespace, transport, ...rooms });
  return `${memberOf(socket).text.slice(0, -1)},${more.slice(1)}`;
}

/** Takes sockets out of their namespaces, so that their clients don't come back by themselves. */
export function disconnectSockets(
  room: RoomCore,
  name: string,
  { claims, whom }: DisconnectRequest,
): DisconnectResult {
  const denied = denial(room, name, claims, "admin");
  if (denied !== undefined) return denied;
  // Who is just being let in is not to slip through.
  const sockets = socketsOf([...room.members, ...room.members.arriving], whom);
  if (sockets === undefined) return { kind: "unknown" };
  for (const socket of sockets) room.socketPorts.disconnect(socket, false);
  return { kind: "done", disconnected: sockets.length };
}

/** Lets sockets join and leave rooms, all or none; resolves when that is stored, rejects if it can't be. */
export async function moveSockets(
  room: RoomCore,
  name: string,
  { claims, whom, join, leave }: MoveRequest,
): Promise<MoveResult> {
  const denied = denial(room, name, claims, "admin");
  if (denied !== undefined) return denied;
  const left = new Set(leave);
  const joined = join.filter((name) => !left.has(name));
  const move = (): MoveResult => {
    const sockets = socketsOf(room.members, whom);
    if (sockets === undefined) return { kind: "unknown" };
    for (const socket of sockets) {
      const view = room.members.viewOf(socket);
      for (const name of leave) view.leave(name);
      view.join(joined);
    }
    const moved = sockets.map(({ id, seat }) => ({ id, rooms: [...seat.rooms.keys()] }));
    return { kind: "moved", sockets: moved };
  };
  try {
    return await room.perform(move);
  } catch (error) {
    if (error instanceof Refused) return { kind: "too_many_rooms", detail: error.message };
    throw error;
  }
}

/** Undefined for an id that nobody has. */
function socketsOf(sockets: Iterable<Socket>, whom: Whom): Socket[] | undefined {
  if ("identity" in whom) return [...sockets].filter((socket) => isOf(socket, whom.identity));
  const found = [...sockets].filter(({ id }) => id === whom.id);
  return found.length > 0 ? found : undefined;
}

function isOf({ claims }: Socket, identity: string): boolean {
  return tellableIdentity(claims) === identity;
}
