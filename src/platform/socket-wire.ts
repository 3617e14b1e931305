/** A hibernatable WebSocket as a session's wire. */
import type { Wire } from "../session/wire.ts";

/** Wraps a socket that `ctx.acceptWebSocket` has taken. */
export function socketWire(ctx: DurableObjectState, socket: WebSocket): Wire {
  return {
    send(frame) {
      // One that is closing throws; its close event is on the way.
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close(code, reason) {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
    },
    save(snapshot) {
      socket.serializeAttachment(snapshot);
    },
    lastPong() {
      return ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    },
  };
}
