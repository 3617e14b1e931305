import { createRelay } from "roomlog";
import { BoardRoom } from "./board-room.ts";

export { BoardRoom };
export default createRelay({ room: BoardRoom });
