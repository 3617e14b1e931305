/** All that the relay answers over HTTP, but for Engine.IO. A new route has an entry in its group's file. */
import { EVENT_OPERATIONS } from "./events.ts";
import type { Operation } from "./operation.ts";
import { ROOM_OPERATIONS } from "./room.ts";
import { ROOT_OPERATIONS } from "./root.ts";
import { SOCKET_OPERATIONS } from "./sockets.ts";

export const GROUPS: readonly (readonly [title: string, operations: readonly Operation[]])[] = [
  ["Events", EVENT_OPERATIONS],
  ["Rooms", ROOM_OPERATIONS],
  ["Sockets", SOCKET_OPERATIONS],
  ["The relay", ROOT_OPERATIONS],
];
