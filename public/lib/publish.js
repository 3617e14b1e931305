import { copyFrom } from "./copy.js";
import { showOffset } from "./offset.js";
import { randomKey } from "./random.js";

/** The panel that appends to the log with one HTTP request.
 *  `onAppended(offset)` is called when the room has stored a new event. */
export function setUpPublish(room, onAppended) {
  const form = document.getElementById("publish");
  const input = document.getElementById("publish-text");
  const curl = document.getElementById("curl");
  const again = document.getElementById("publish-again");
  const answer = document.getElementById("answer");
  const path = `/rooms/${room}/events`;

  // A key names one event: a new text gets a new key, a repeat keeps it.
  let key = randomKey();
  let sent = false;

  // Written by hand over three lines, so that curl sends these very bytes and
  // one can read them.
  const body = () => {
    const message = JSON.stringify({ from: "backend", text: input.value.trim() });
    return `{"event": "chat",\n       "args": [${message}],\n       "idempotencyKey": "${key}"}`;
  };

  const showCurl = () => {
    curl.textContent = curlCommand(location.origin + path, body());
  };

  const renewKey = () => {
    key = randomKey();
    sent = false;
    again.hidden = true;
    showCurl();
  };

  const publish = async () => {
    answer.replaceChildren(line("quiet", "Publishing…"));
    const request = body();
    sent = true;
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: request,
      });
      const text = await response.text();
      const json = parseJson(text);
      showAnswer(answer, response, json, text);
      if (response.status === 201 && json?.offset) onAppended(json.offset);
    } catch (error) {
      answer.replaceChildren(line("bad", `No answer: ${error.message}`));
    }
    // Also after a lost answer: that is what the key is for.
    again.hidden = body() !== request;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim() === "") {
      input.focus();
      return;
    }
    if (sent) renewKey();
    publish();
  });
  again.addEventListener("click", publish);
  input.addEventListener("input", () => (sent ? renewKey() : showCurl()));
  document.getElementById("curl-copy").addEventListener("click", (event) => {
    copyFrom(event.currentTarget, curl.textContent);
  });
  showCurl();
}

function curlCommand(url, json) {
  const quote = (value) => `'${value.replaceAll("'", "'\\''")}'`;
  return [
    `curl -X POST ${quote(url)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quote(json)}`,
  ].join("\n");
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function showAnswer(answer, response, json, text) {
  const status = document.createElement("p");
  status.className = "answer-status";
  const code = document.createElement("span");
  code.className = response.ok ? "code good" : "code bad";
  code.textContent = String(response.status);
  status.append(code, verdict(response, json));

  const raw = document.createElement("pre");
  raw.textContent = json
    ? JSON.stringify(json, null, 1).replaceAll(/\n\s*/g, " ")
    : text.slice(0, 400);
  answer.replaceChildren(status, raw);
}

/** One human sentence; the raw answer stands below it. */
function verdict(response, json) {
  const words = document.createElement("span");
  if (!response.ok) {
    words.textContent = json?.detail ?? json?.title ?? response.statusText ?? "Refused";
  } else if (json?.duplicate) {
    words.textContent = "A repeat of the same event: recognised, not stored twice.";
  } else {
    const offset = document.createElement("span");
    offset.className = "offset";
    showOffset(offset, json?.offset);
    words.append("Stored at ", offset);
  }
  return words;
}

function line(kind, text) {
  const p = document.createElement("p");
  p.className = kind;
  p.textContent = text;
  return p;
}
