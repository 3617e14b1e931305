/** What another client put into an event, as plain text. Anyone may publish
 *  anything under the name `chat`, so nothing about its shape is certain. */
export function readMessage(message) {
  if (message === null || typeof message !== "object") {
    return { from: "anonymous", text: asText(message) };
  }
  return {
    from: asText(message.from ?? "anonymous").slice(0, 40),
    text: asText(message.text ?? message),
  };
}

export function asText(value) {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** The line under a replay. `inOrder` is what was seen, not what is hoped. */
export function replaySummary(count, inOrder, why) {
  const messages = count === 1 ? "message" : "messages";
  if (why === "first") return `${count} earlier ${messages} from the log`;
  if (why === "gap") return `${count} ${messages} that the log still keeps`;
  if (!inOrder) return `${count} missed ${messages} came back, but out of order`;
  return count === 1
    ? "1 missed message came back"
    : `${count} missed ${messages} came back, in order`;
}

export function gapWarning({ requested, first, head, reason } = {}) {
  return (
    `The log no longer reaches back to ${requested ?? "that offset"} (${reason ?? "no reason given"}). ` +
    `It holds ${first ?? "nothing"} to ${head ?? "nothing"}; what lay between is lost to this reader.`
  );
}
