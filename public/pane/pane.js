// One client of the room: a page of its own, so that reloading it is honest.
import { parseOffset } from "../lib/offset.js";
import { randomKey } from "../lib/random.js";
import { toneOf } from "../lib/tone.js";
import { connect, cut, reconnect, refusalOf } from "./connection.js";
import { Notebook } from "./notebook.js";
import { isDown, showStatus } from "./strip.js";
import { showLines } from "./view.js";
import { asText, gapWarning, readMessage, replaySummary } from "./words.js";

const query = new URLSearchParams(location.search);
const room = query.get("room") ?? "lobby";
const pane = query.get("pane") ?? "a";

const notebook = new Notebook(room, pane, {
  name: query.get("name") ?? "Ada",
  clientId: randomKey(),
});
const cutButton = document.getElementById("cut");
const nameInput = document.getElementById("name");
const textInput = document.getElementById("text");

let state = "connecting";
let replay = null; // { count, inOrder, lastSeq, why } until roomlog:live
let lastBreak = null; // the notice that says where this reader stopped
let unreported = notebook.lines.filter(({ offset }) => offset);

const socket = connect({
  room,
  clientId: notebook.record.clientId,
  storedOffset: notebook.offset,
  onConnecting() {
    const why = notebook.offset === null ? "first" : "missed";
    replay = { count: 0, inOrder: true, lastSeq: -1, why };
    for (const line of notebook.lines) line.fresh = false;
  },
});

if (!notebook.isNew) lastBreak = addNotice("quiet", "Page reloaded here");
render();

// --- what comes from the room

socket.on("chat", (message, ...rest) => {
  const offset = rest.at(-1);
  show({ ...readMessage(message), offset });
});

socket.on("roomlog:live", ({ offset } = {}) => {
  notebook.reached(offset);
  if (!replay) return;
  const { count, inOrder, why } = replay;
  replay = null;
  if (count > 0) addNotice("back", replaySummary(count, inOrder, why));
  else if (lastBreak && why === "missed") lastBreak.text += ". Nothing was missed.";
  lastBreak = null;
  render();
});

socket.on("roomlog:gap", (gap, offset) => {
  notebook.reached(offset);
  if (replay) replay.why = "gap";
  addNotice("gap", gapWarning(gap));
  render();
});

// Runs for every event and before its own listener, so the offset is stored
// one step later, together with the line that the listener adds.
socket.onAny((event, ...args) => {
  const offset = args.at(-1);
  if (event !== "chat" && !event.startsWith("roomlog:")) {
    show({ from: event, text: args.slice(0, -1).map(asText).join(" "), offset });
  }
  queueMicrotask(() => {
    notebook.reached(offset);
    render();
  });
});

function show({ from, text, offset }) {
  const known = notebook.lines.length;
  const line = notebook.add({
    kind: "message",
    from,
    text,
    offset,
    own: false,
    replayed: replay !== null,
    fresh: replay !== null,
    status: "stored",
  });
  unreported.push(line);
  if (!replay || notebook.lines.length === known) return;
  const { seq } = parseOffset(offset) ?? { seq: replay.lastSeq };
  if (seq <= replay.lastSeq) replay.inOrder = false;
  replay.lastSeq = seq;
  replay.count += 1;
}

// --- what goes to the room

function send(line) {
  line.status = "sending";
  const { from, text, key } = line;
  socket.emit("chat", { from, text }, { idempotencyKey: key }, (error, answer) => {
    if (error) {
      // All retries are used up: it may be stored or not. A new try with the
      // same key can't store it twice.
      fail(line, error.message, true);
    } else if (answer?.error) {
      fail(line, answer.error.message ?? answer.error.code, false);
    } else {
      notebook.settle(line, answer.offset, answer.duplicate);
      unreported.push(line);
    }
    render();
  });
}

function fail(line, problem, retryable) {
  Object.assign(line, { status: "failed", problem, retryable });
}

// Those that a page load left without an ack, with the keys they had.
for (const line of notebook.lines.filter(({ status }) => status === "sending")) send(line);

document.getElementById("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = textInput.value.trim();
  if (text === "") return;
  textInput.value = "";
  const { name } = notebook.record;
  send(
    notebook.add({ kind: "message", from: name, text, offset: null, own: true, key: randomKey() }),
  );
  render();
});

// --- the connection

socket.on("connect", () => setState("connected"));
socket.on("disconnect", () => {
  replay = null;
  lastBreak = addNotice("cut", state === "cut" ? "Connection cut here" : "Connection lost here");
  // `active` says whether the client goes on trying by itself.
  if (state !== "cut") setState(socket.active ? "reconnecting" : "disconnected");
  render();
});
socket.on("connect_error", (error) => {
  if (state === "cut") return;
  const refusal = refusalOf(error);
  // The client would try for ever what the relay has refused before any room was asked.
  if (refusal !== null) cut(socket);
  if (!socket.active) addNotice("gap", `Connection refused: ${refusal ?? error.message}`);
  setState(socket.active ? "reconnecting" : "refused");
});
socket.io.on("open", () => {
  render();
  socket.io.engine.on("upgrade", render);
});

cutButton.addEventListener("click", () => {
  if (isDown(state)) {
    setState("connecting");
    reconnect(socket);
  } else {
    setState("cut");
    cut(socket);
  }
});
document.getElementById("reload").addEventListener("click", () => location.reload());

nameInput.addEventListener("input", () => {
  notebook.record.name = nameInput.value.trim() || "Nobody";
  render();
});

function setState(next) {
  state = next;
  render();
}

function addNotice(tone, text) {
  // At the place the reader has come to, whatever is written afterwards.
  return notebook.add({ kind: "notice", tone, text, place: notebook.place });
}

// --- showing and telling

function render() {
  notebook.save();
  const { name } = notebook.record;
  document.body.dataset.tone = toneOf(name);
  if (nameInput !== document.activeElement) nameInput.value = name;
  const online = state === "connected";
  showLines(notebook.lines, {
    connected: online,
    onRetry: (line) => {
      send(line);
      render();
    },
  });
  showStatus({
    state,
    transport: online ? socket.io.engine?.transport.name : null,
    id: socket.id,
    recovered: Boolean(online && socket.recovered),
    offset: notebook.place,
  });
  report(name);
}

/** The ribbon around the panes is drawn from these reports alone. */
function report(name) {
  const events = unreported.map(({ offset, from }) => ({ offset, from }));
  unreported = [];
  if (window.parent === window) return;
  const live = state === "connected" && replay === null && events.length > 0;
  window.parent.postMessage(
    { type: "roomlog-pane", name, state, offset: notebook.place, events, live },
    location.origin,
  );
}
