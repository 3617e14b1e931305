/** The connection: Socket.IO's own client, unmodified. */
import { io } from "/socket.io/socket.io.esm.min.js";
import { clientId } from "./memory.js";

/** So many of the room's last events come with the first connection. */
const REWIND = 100;

/** @param channels the names of those whose messages are wanted */
export function connect(room, { nick, code }, channels) {
  return io({
    path: `/rooms/${room}/socket.io`,
    // Each time anew, for the channels may have changed. A client that comes back adds by itself
    // where it was, which goes before `rewind`.
    auth: (send) =>
      send({
        nick,
        clientId: clientId(),
        channels: channels(),
        rewind: REWIND,
        ...(code && { moderator: code }),
      }),
    forceNew: true,
  });
}
