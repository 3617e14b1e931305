/** What the page says about what happens. */

export function sayNotice(notice) {
  switch (notice.kind) {
    case "muted":
      return `${notice.by} muted ${notice.nick} until ${time(notice.until)}.`;
    case "unmuted":
      return `${notice.nick} may speak again.`;
    case "banned":
      return `${notice.by} banned ${notice.nick}.${notice.reason ? ` ${notice.reason}` : ""}`;
    case "unbanned":
      return `${notice.by} lifted the ban of ${notice.nick}.`;
    case "slowed":
      return notice.seconds === 0
        ? `${notice.by} ended slow mode.`
        : `${notice.by} set slow mode: one message every ${duration(notice.seconds)}.`;
  }
}

export function sayTyping(nicks) {
  if (nicks.length === 0) return "";
  if (nicks.length === 1) return `${nicks[0]} is typing …`;
  if (nicks.length === 2) return `${nicks[0]} and ${nicks[1]} are typing …`;
  return "Several people are typing …";
}

export function time(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit" };
  return today
    ? date.toLocaleTimeString([], clock)
    : date.toLocaleString([], { ...clock, day: "numeric", month: "short" });
}

export function duration(seconds) {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** The colour that belongs to a name, the same in every browser. */
export function toneOf(nick) {
  let sum = 0;
  for (const char of nick.toLowerCase()) sum = (sum * 31 + char.codePointAt(0)) % 6_007;
  return String(sum % 8);
}
