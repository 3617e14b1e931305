/** The server that the Socket.IO v5 test suite expects. */
import {
  type Connecting,
  createRelay,
  Room,
  type RoomEvent,
  type RoomSettings,
  type Socket,
} from "../src/roomlog.ts";
import { SUITE_SETTINGS } from "./settings.ts";

export class SocketEcho extends Room {
  static override readonly settings: RoomSettings = {
    ...SUITE_SETTINGS,
    namespaces: ["/custom"],
    // The suite compares whole frames: no pid and no offset may be in them.
    recovery: false,
  };

  override onConnect(socket: Connecting): void {
    socket.emit("auth", socket.handshake.auth);
  }

  override onEvent(socket: Socket, event: RoomEvent): void {
    if (event.name === "message") socket.emit("message-back", ...event.args);
    if (event.name === "message-with-ack") event.ack(...event.args);
  }
}

export default createRelay({ room: SocketEcho });
