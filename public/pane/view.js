import { showOffset } from "../lib/offset.js";
import { toneOf } from "../lib/tone.js";

const list = document.getElementById("log");
const scroller = document.getElementById("scroll");
const empty = document.getElementById("empty");
const elements = new WeakMap(); // line -> li

/** Brings the list in step with the lines; what stays is not touched. */
export function showLines(lines, { connected, onRetry }) {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  const wanted = lines.map((line) => {
    let element = elements.get(line);
    if (!element) {
      element = line.kind === "notice" ? notice(line) : message(line, onRetry);
      elements.set(line, element);
    }
    if (line.kind === "message") update(element, line, connected);
    else setText(element.querySelector(".what"), line.text);
    return element;
  });

  const keep = new Set(wanted);
  for (const element of [...list.children]) if (!keep.has(element)) element.remove();
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  empty.hidden = wanted.length > 0;
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

function notice({ tone, text }) {
  const element = document.createElement("li");
  element.className = "notice";
  element.dataset.testid = "notice";
  element.dataset.notice = tone;
  element.append(words("span", "what", text));
  return element;
}

function message(line, onRetry) {
  const element = document.createElement("li");
  element.className = "message";
  element.dataset.testid = "message";

  const top = document.createElement("div");
  top.className = "top";
  const retry = words("button", "button small retry", "Try again");
  retry.type = "button";
  retry.addEventListener("click", () => onRetry(line));
  top.append(
    words("span", "from", line.from),
    words("span", "mark", ""),
    retry,
    words("span", "offset", ""),
  );
  element.append(top, words("p", "text", line.text));
  return element;
}

function update(element, line, connected) {
  const { from, offset, own, replayed, fresh, status, duplicate, problem } = line;
  element.dataset.offset = offset ?? "";
  element.dataset.replayed = String(Boolean(replayed));
  element.dataset.fresh = String(Boolean(fresh));
  element.dataset.from = from;
  element.dataset.own = String(Boolean(own));
  element.dataset.status = status;
  element.dataset.tone = toneOf(from);

  let mark = "";
  if (status === "failed") mark = problem;
  else if (replayed) mark = "replayed";
  else if (duplicate) mark = "retry recognised";
  setText(element.querySelector(".mark"), mark);
  element.querySelector(".retry").hidden = !(status === "failed" && line.retryable);

  const badge = element.querySelector(".offset");
  const words = { sending: connected ? "sending…" : "waiting…", failed: "not sent" }[status];
  if (words) setText(badge, words);
  else if (badge.dataset.shown !== offset) {
    badge.dataset.shown = offset;
    showOffset(badge, offset);
  }
}

// A live region reads out every write, so only real changes are written.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function words(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
