// A user's Worker, checked and run in a folder that has only the package.
import { createRelay, type RelayEnv, Room, type RoomEvent, type Socket } from "roomlog";

type Events = {
  ServerToClient: { heard: (text: string) => void };
  ClientToServer: { shout: (text: string) => void; whisper: (text: string) => void };
  Data: object;
};

export class LoudRoom extends Room<RelayEnv, Events> {
  override onEvent(_socket: Socket<Events>, event: RoomEvent<Events>): void {
    // @ts-expect-error what the package exports has real types
    if (event.name === "shouts") return;
    if (event.name === "whisper") event.refuse("too_quiet", "speak up");
    else event.relay({ name: "heard", args: [event.args[0].toUpperCase()] });
  }
}

export default createRelay({ room: LoudRoom });
