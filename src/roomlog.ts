/** The package: a relay, and rooms with code of their own. */
export type { Env as RelayEnv } from "./env.ts";
export { type EngineConnection, Room } from "./platform/room.ts";
export { createRelay, type RelayOptions } from "./relay.ts";
export type { DisconnectReason } from "./room/handlers.ts";
export { Refused } from "./room/refused.ts";
export type {
  AnyEvents,
  Broadcast,
  Changes,
  Connecting,
  Ephemeral,
  Relayed,
  RoomEvent,
  RoomEvents,
  Socket,
} from "./room/types.ts";
export type { RoomSettings } from "./settings.ts";
