/** The page: puts together the connection, the lists and the messages. */
import { connect } from "./lib/connection.js";
import { byId } from "./lib/dom.js";
import { remember, remembered } from "./lib/memory.js";
import { Outbox } from "./lib/outbox.js";
import { preparePerson } from "./lib/person.js";
import { prepareDrawer, showChannels, showMembers } from "./lib/side.js";
import { Timeline } from "./lib/timeline.js";
import { Typing } from "./lib/typing.js";
import { askWho } from "./lib/welcome.js";
import { duration, sayNotice, sayTyping } from "./lib/words.js";

const room = new URLSearchParams(location.search).get("room") ?? "lobby";
/** A channel reads older messages by itself until it shows so many. */
const ENOUGH = 20;

const channels = new Map();
let active = "";
let me;
let socket;
/** Is what comes now new, and not a replay of what was there when the page was opened? */
let live = false;

const drawer = prepareDrawer();
const person = preparePerson((event, what) => ask(event, what));
const typing = new Typing(showTyping);
const outbox = new Outbox(room, {
  socket: () => socket,
  stored: (entry) => channels.get(entry.channel)?.timeline.settle(entry),
  refused: (entry, error) => channels.get(entry.channel)?.timeline.refuse(entry, error),
});

const actions = {
  mayRemove: ({ nick }) => me.moderator || nick === me.nick,
  remove: (offset) => ask("remove", offset),
  open: (nick) => {
    if (me.moderator && nick !== me.nick) person.open(nick);
  },
};

// --- Coming in --------------------------------------------------------------------------------

const nick = remembered("nick");
if (nick) enter({ nick, code: remembered("code", "", sessionStorage) });
else enter(await askWho());

function enter(who) {
  me = { ...who, moderator: who.code !== "" };
  remember("nick", me.nick);
  remember("code", me.code, sessionStorage);
  byId("me").textContent = `${me.nick}${me.moderator ? ", moderator" : ""} · change`;
  const waiting = outbox.entries.map(({ channel }) => channel);
  for (const name of [...remembered(`channels.${room}`, ["general"]), ...waiting]) {
    if (!channels.has(name)) addChannel(name);
  }
  open(channels.has(active) ? active : channels.keys().next().value);
  for (const entry of outbox.entries) channels.get(entry.channel)?.timeline.pend(entry);
  for (const { timeline } of channels.values()) timeline.refreshActions();
  live = false;
  socket?.disconnect();
  socket = connect(room, me, () => [...channels.keys()]);
  listen(socket);
}

function listen(socket) {
  socket.on("connect", () => {
    if (socket.recovered) live = true;
    showState();
    outbox.flush();
    refresh();
  });
  socket.on("roomlog:live", () => {
    live = true;
    // Who is there was not sent into the replay.
    refresh();
    readOn(active);
  });
  socket.on("roomlog:gap", () => {
    for (const { timeline } of channels.values()) timeline.notice("Some messages may be missing.");
  });
  socket.on("disconnect", showState);
  socket.on("connect_error", async (error) => {
    showState();
    // It was the room that said no: trying again by itself would not help.
    if (!socket.active) enter(await askWho(me, error));
  });
  socket.on("message", (message, offset) => {
    const channel = channels.get(message.channel);
    if (!channel?.timeline.add({ ...message, offset })) return;
    typing.done(message);
    if (message.channel === active) {
      scrollDown();
    } else if (live) {
      channel.unread++;
      showSide();
    }
  });
  socket.on("removed", ({ channel, offset }) => channels.get(channel)?.timeline.remove(offset));
  socket.on("notice", (notice) => {
    if (notice.kind === "slowed" && channels.has(notice.channel)) {
      channels.get(notice.channel).slow = notice.seconds;
    }
    for (const [name, { timeline }] of channels) {
      if (notice.channel === undefined || notice.channel === name) {
        timeline.notice(sayNotice(notice));
      }
    }
    showHead();
    scrollDown();
  });
  socket.on("presence", ({ channel, members }) => {
    if (channels.has(channel)) channels.get(channel).members = members;
    showSide();
  });
  socket.on("typing", (who) => typing.saw(who));
}

byId("me").addEventListener("click", async () => {
  const who = await askWho(me);
  if (who !== me) enter(who);
});

// --- Channels ---------------------------------------------------------------------------------

function addChannel(name) {
  const channel = { timeline: new Timeline(actions), unread: 0, members: [], slow: 0 };
  channels.set(name, channel);
  return channel;
}

function open(name) {
  active = name;
  const { timeline } = channels.get(name);
  channels.get(name).unread = 0;
  byId("timelines").replaceChildren(timeline.element);
  drawer.close();
  showSide();
  showHead();
  showTyping();
  scrollDown(true);
  if (live) readOn(name);
}

function showSide() {
  remember(`channels.${room}`, [...channels.keys()]);
  showChannels(channels, active, { open, leave });
  showMembers(channels.get(active).members, actions.open);
}

function leave(name) {
  channels.delete(name);
  ask("leave", name);
  if (name === active) open(channels.keys().next().value);
  else showSide();
}

byId("join").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = byId("join-name").value;
  byId("join-name").value = "";
  if (!channels.has(name)) {
    addChannel(name);
    // First in, then the messages that were before: so none is missed between.
    await refresh([name]);
  }
  open(name);
});

/** Asks how channels are now; also joins those that are not joined. */
async function refresh(names = [...channels.keys()]) {
  await Promise.all(
    names.map(async (name) => {
      const answer = await ask("join", name);
      const channel = channels.get(name);
      if (answer && !answer.error && channel) Object.assign(channel, answer);
    }),
  );
  showSide();
  showHead();
}

// --- Messages ---------------------------------------------------------------------------------

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (text === "") return;
  byId("text").value = "";
  fitText();
  typing.sent();
  channels.get(active).timeline.pend(outbox.add(active, text));
  scrollDown(true);
});

byId("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});

byId("text").addEventListener("input", () => {
  fitText();
  if (socket.connected && typing.tells) socket.emit("typing", active);
});

function fitText() {
  const { style } = byId("text");
  style.height = "";
  style.height = `${byId("text").scrollHeight}px`;
}

byId("older").addEventListener("click", () => readOlder(active));

/** Reads older messages until the page is full, or there are none. */
async function readOn(name) {
  const timeline = channels.get(name)?.timeline;
  while (timeline?.more && timeline.size < ENOUGH) {
    if (!(await readOlder(name))) return;
  }
  showHead();
}

/** @returns false if nothing could be read */
async function readOlder(name) {
  const { timeline } = channels.get(name);
  const query = new URLSearchParams({ channel: name });
  if (timeline.oldest !== null) query.set("before", timeline.oldest);
  const response = await fetch(`/rooms/${room}/messages?${query}`).catch(() => undefined);
  if (!response?.ok) return false;
  const { messages, more } = await response.json();
  const scroll = byId("scroll");
  const below = scroll.scrollHeight - scroll.scrollTop;
  timeline.prepend(messages);
  timeline.more = more;
  if (name === active) scroll.scrollTop = scroll.scrollHeight - below;
  showHead();
  return messages.length > 0;
}

/** @param always even if somebody is reading further up */
function scrollDown(always = false) {
  const scroll = byId("scroll");
  const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 160;
  if (always || near) scroll.scrollTop = scroll.scrollHeight;
}

// --- Around it --------------------------------------------------------------------------------

/** Asks for something other than posting a message; a refusal is said where it is read. */
async function ask(event, what) {
  const answer = await socket
    .timeout(5_000)
    .emitWithAck(event, what)
    .catch(() => undefined);
  const problem = answer ? answer.error?.message : "no answer; try again";
  if (problem && event !== "join") channels.get(active).timeline.notice(`Not done: ${problem}`);
  return answer;
}

function showHead() {
  const { slow, timeline } = channels.get(active);
  byId("title").textContent = `# ${active}`;
  byId("older").hidden = !live || !timeline.more || timeline.size === 0;
  byId("slow").hidden = !me.moderator;
  byId("slow-seconds").value = String(slow);
  byId("slow-note").hidden = me.moderator || slow === 0;
  byId("slow-note").textContent = `slow: one message every ${duration(slow)}`;
}

byId("slow-seconds").addEventListener("change", ({ target }) => {
  ask("slow", { channel: active, seconds: Number(target.value) });
});

function showTyping() {
  byId("typing").textContent = sayTyping(typing.of(active));
}

function showState() {
  byId("state").textContent = socket.connected ? "connected" : "reconnecting …";
  byId("state").dataset.state = socket.connected ? "on" : "off";
}
