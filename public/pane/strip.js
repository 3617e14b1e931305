import { showOffset } from "../lib/offset.js";

const byId = (id) => document.getElementById(id);

/** Whether the client stays away until someone presses Reconnect. */
export function isDown(state) {
  return state === "cut" || state === "refused" || state === "disconnected";
}

/** The status strip: what the connection is right now. */
export function showStatus({ state, transport, id, recovered, offset }) {
  document.body.dataset.state = state;
  byId("state").textContent = state;
  byId("transport").textContent = transport ?? "none";
  byId("recovered").textContent = recovered ? "yes" : "no";
  byId("recovered").dataset.value = String(recovered);
  byId("socket-id").textContent = id ?? "none";
  byId("socket-id").title = id ?? "";
  showOffset(byId("offset"), offset);
  byId("cut").textContent = isDown(state) ? "Reconnect" : "Cut the connection";
}
