/** A room whose clients say what it is to do: for what the public suites' servers never do. */
import { SUITE_SETTINGS } from "../../conformance/settings.ts";
import {
  type Connecting,
  createRelay,
  Room,
  type RoomEvent,
  type RoomSettings,
  type Socket,
} from "../../src/roomlog.ts";

export class ScriptedRoom extends Room {
  static override readonly settings: RoomSettings = {
    ...SUITE_SETTINGS,
    namespaces: ["/custom"],
    recovery: false,
  };

  override onConnect({ handshake }: Connecting): void {
    const { refuse } = handshake.auth as { refuse?: { message: string; data?: unknown } };
    if (refuse !== undefined) throw Object.assign(new Error(refuse.message), refuse);
  }

  override async onEvent(socket: Socket, event: RoomEvent): Promise<void> {
    const { name, args } = event;
    switch (name) {
      case "echo":
        event.ack(...args);
        break;
      case "send":
        // [how many, of how many characters]
        for (let n = 0; n < Number(args[0]); n++)
          socket.emit("sent", n, "x".repeat(Number(args[1])));
        break;
      case "send and close":
        socket.emit("sent");
        socket.disconnect(true);
        break;
      case "ask":
        event.ack(await socket.emitWithAck("question", ...args));
        break;
      case "ask briefly":
        event.ack(await socket.timeout(50).emitWithAck("question").catch(String));
        break;
      case "out":
        socket.disconnect();
        break;
      case "close":
        socket.disconnect(true);
        break;
    }
  }
}

export default createRelay({ room: ScriptedRoom });
