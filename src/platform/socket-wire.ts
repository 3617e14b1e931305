/** A WebSocket as a session's wire. */
import type { Packet } from "../protocol/engine.ts";
import type { Wire } from "../session/wire.ts";

/** Wraps a socket that `ctx.acceptWebSocket` has taken: the room may sleep while it is open. */
export function sleepingWire(ctx: DurableObjectState, socket: WebSocket): Wire {
  return {
    ...awakeWire(socket),
    save(snapshot) {
      socket.serializeAttachment(snapshot);
    },
    lastPong() {
      return ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    },
  };
}

/** Wraps a socket whose room stays awake for it: nothing has to be kept. */
export function awakeWire(socket: WebSocket): Wire {
  return {
    send(frame: Packet) {
      // One that is closing throws; its close event is on the way.
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close(code, reason) {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
    },
    save() {},
    lastPong() {
      return undefined;
    },
  };
}

/** What takes a socket's events, as a Durable Object does. */
type Listener = {
  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void | Promise<void>;
  webSocketClose(socket: WebSocket): void;
  webSocketError(socket: WebSocket): void;
};

/** Takes a socket without hibernation. */
export function listen(socket: WebSocket, listener: Listener): void {
  socket.accept();
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => void listener.webSocketMessage(socket, data));
  socket.addEventListener("close", () => listener.webSocketClose(socket));
  socket.addEventListener("error", () => listener.webSocketError(socket));
}
