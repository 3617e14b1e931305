import { io } from "/socket.io/socket.io.esm.min.js";

/**
 * The stock socket.io client on one room. While the page lives it keeps its
 * place by itself: it remembers the last string of every event as its offset
 * and sends it, with its pid, when it reconnects.
 *
 * Only a page load loses that memory. So the first CONNECT after a load brings
 * the stored offset; later ones must not, or they would override the client's.
 */
export function connect({ room, clientId, storedOffset, onConnecting }) {
  let joined = false;
  const socket = io(location.origin, {
    path: `/rooms/${room}/socket.io`,
    forceNew: true,
    retries: 3,
    ackTimeout: 4000,
    auth(give) {
      onConnecting();
      // clientId scopes the idempotency keys, so that a message retried after
      // a page load is still recognised as this client's.
      if (joined) give({ clientId });
      else if (storedOffset) give({ clientId, offset: storedOffset });
      else give({ clientId, rewind: 20 });
    },
  });
  socket.on("connect", () => {
    joined = true;
  });
  return socket;
}

/** Closes the connection under the client and leaves it closed. */
export function cut(socket) {
  socket.io.reconnection(false);
  // An engine that is not open yet can't be closed cleanly from below.
  if (socket.connected) socket.io.engine.close();
  else socket.disconnect();
}

export function reconnect(socket) {
  socket.io.reconnection(true);
  socket.connect();
}

const FORBIDDEN = 4; // of Engine.IO's error codes the only one that trying again can't cure

/** What the relay said when it let nobody in, or null if the client is right to try again. */
export function refusalOf(error) {
  if (!(error.context instanceof XMLHttpRequest)) return null;
  try {
    const { code, message } = JSON.parse(error.context.responseText);
    return code === FORBIDDEN ? message : null;
  } catch {
    return null;
  }
}
