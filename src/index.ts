/** The Worker's entry: the plain relay. */
import { Room } from "./platform/room.ts";
import { createRelay } from "./relay.ts";

export class RoomObject extends Room {}

export default createRelay({ room: RoomObject });
