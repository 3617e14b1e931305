/** The server that the Engine.IO v4 test suite expects: an echo, without Socket.IO. */
import { createRelay, type EngineConnection, Room, type RoomSettings } from "../src/roomlog.ts";
import { SUITE_SETTINGS } from "./settings.ts";

export class EngineEcho extends Room {
  static override readonly settings: RoomSettings = SUITE_SETTINGS;

  override onMessage(connection: EngineConnection, message: string | Uint8Array): void {
    connection.send(message);
  }
}

export default createRelay({ room: EngineEcho, path: "/engine.io/" });
