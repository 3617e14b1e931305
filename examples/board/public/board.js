// The page: a client of one board, and the parts that show it and take what people do.

import { io } from "/socket.io/socket.io.esm.min.js";
import { Actions } from "./lib/actions.js";
import { BoardClient } from "./lib/client.js";
import { Cursors } from "./lib/cursors.js";
import { Desk } from "./lib/desk.js";
import { Dragging } from "./lib/dragging.js";
import { Hand } from "./lib/hand.js";
import { Keys } from "./lib/keys.js";
import { NotesView } from "./lib/notes-view.js";
import { People } from "./lib/people.js";
import { Refusals } from "./lib/refusals.js";
import { boardOfAddress, person, remember } from "./lib/visitor.js";

const board = boardOfAddress();
const client = new BoardClient(io, location.origin, { board, ...person() });
const desk = new Desk();
const hand = new Hand(client);
const notes = new NotesView(client, desk, hand);
const actions = new Actions(client, desk, notes);

new Dragging(client, desk, hand, notes);
new Keys(hand, notes, actions);
new Cursors(client, desk);
new People(client);
new Refusals(client, notes);

document.title = `Board: ${board}`;
element("board-name").textContent = board;

const name = /** @type {HTMLInputElement} */ (element("name"));
name.value = client.name;
name.addEventListener("change", () => {
  const wanted = name.value.trim();
  name.value = wanted || client.name;
  if (wanted === "") return;
  remember(wanted);
  void client.rename(wanted);
});
name.addEventListener("keydown", ({ key }) => {
  if (key === "Enter") name.blur();
});

element("share").addEventListener("click", async ({ currentTarget }) => {
  const button = /** @type {HTMLElement} */ (currentTarget);
  const copied = await navigator.clipboard?.writeText(location.href).then(
    () => true,
    () => false,
  );
  // Plain http has no clipboard: the address bar has the link as well.
  button.textContent = copied ? "Copied" : "Link is in the address bar";
});

client.addEventListener("state", () => {
  const state = element("state");
  const connected = client.inStep ? "live" : "connecting";
  state.dataset.state = client.problem ? "refused" : connected;
  state.textContent = client.problem || connected;
});

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
