// The page around the two panes: room, ribbon, publish panel. The panes are
// real documents of their own, so that "Reload" is a real page load.
import { copyFrom } from "./lib/copy.js";
import { setUpPublish } from "./lib/publish.js";
import { Ribbon } from "./lib/ribbon.js";
import { roomFromAddress } from "./lib/room.js";
import { Steps } from "./lib/steps.js";

const { room, problem } = roomFromAddress();
const ribbon = new Ribbon();
const steps = new Steps();

showRoom();
setUpPublish(room, (offset) => {
  ribbon.event(offset, "backend");
  steps.appended();
});

const frames = [...document.querySelectorAll("iframe.pane")];
window.addEventListener("message", onPaneReport);
for (const [index, name] of ["Ada", "Grace"].entries()) {
  const pane = frames[index].dataset.pane;
  frames[index].src = `/pane/?${new URLSearchParams({ room, pane, name })}`;
}

/** What a pane tells: where it is in the log, and which events it has seen.
 *  That is enough to draw the log; polling the room would keep it awake. */
function onPaneReport({ source, origin, data }) {
  const frame = frames.find((candidate) => candidate.contentWindow === source);
  if (!frame || origin !== location.origin || data?.type !== "roomlog-pane") return;
  const { pane } = frame.dataset;
  frame.dataset.state = data.state;
  frame.title = `${data.name}’s client`;
  ribbon.reader(pane, data);
  for (const { offset, from } of data.events) ribbon.event(offset, from);
  steps.state(pane, data.state);
  if (data.live) steps.appended();
}

function showRoom() {
  document.title = `Roomlog: ${room}`;
  document.getElementById("room-name").textContent = room;
  // noopener also gives the new tab a session storage of its own, so its
  // panes are new readers and not copies of these.
  document.getElementById("room-open").href = location.href;
  document.getElementById("room-copy").addEventListener("click", (event) => {
    copyFrom(event.currentTarget, location.href);
  });
  const alert = document.getElementById("room-problem");
  alert.hidden = problem === null;
  alert.textContent = problem ?? "";
}
