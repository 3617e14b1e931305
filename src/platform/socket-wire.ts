/** A WebSocket as a session's wire. */
import type { Packet } from "../protocol/engine.ts";
import type { Wire } from "../session/wire.ts";

/** Wraps a socket that `ctx.acceptWebSocket` has taken: the room may sleep while it is open. */
export function sleepingWire(ctx: DurableObjectState, socket: WebSocket): Wire {
  return {
    ...awakeWire(socket),
    save(snapshot) {
      try {
        socket.serializeAttachment(snapshot);
        return true;
      } catch {
        return false;
      }
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
    save() {
      return true;
    },
    lastPong() {
      return undefined;
    },
  };
}

/** What takes a socket's events. */
type Listener = {
  message(socket: WebSocket, message: string | ArrayBuffer): void | Promise<void>;
  closed(socket: WebSocket): void;
  lost(socket: WebSocket): void;
};

/** Takes a socket without hibernation. */
export function listen(socket: WebSocket, listener: Listener): void {
  socket.accept();
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => void listener.message(socket, data));
  socket.addEventListener("close", () => listener.closed(socket));
  socket.addEventListener("error", () => listener.lost(socket));
}
