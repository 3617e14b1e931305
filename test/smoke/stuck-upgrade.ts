// A weakness of the stock client (socket.io-client 4.8.4, engine.io-client 6.6.8): if its WebSocket
// is lost when the probe has been answered and polling is being paused, it neither polls nor sends
// any more, until its ping timeout ends the connection 45 to 70 s later.
import type { Socket } from "socket.io-client";

/** A client that is not stuck has noticed its loss by then, in milliseconds. */
const PATIENCE = 2_000;

/** Calls `rescue` when the client is stuck like that, so that nobody has to wait so long. */
export function onStuckUpgrade(socket: Socket, rescue: () => void): void {
  socket.io.on("open", () => {
    const { engine } = socket.io;
    let pausing = false;
    engine.once("upgrading", () => {
      pausing = true;
    });
    engine.once("upgradeError", () => {
      if (!pausing) return;
      setTimeout(() => {
        if (socket.active && socket.io.engine === engine && engine.readyState === "open") rescue();
      }, PATIENCE);
    });
  });
}
