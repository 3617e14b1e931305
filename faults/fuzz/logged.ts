// What is wrong with a log, and with what it was given.
import type { EventLog, LoggedEvent } from "../../src/log/event-log.ts";
import { MAX_DEPTH } from "../../src/protocol/json-text.ts";
import type { Attacker } from "./attacker.ts";
import type { Chapter, Chronicle } from "./witness.ts";

/** Who may have logged something. */
export type Authors = {
  readonly attackers: readonly Attacker[];
  /** What backends that may have published. */
  readonly published: ReadonlySet<string>;
  /** Does who emits an event get it as well? Then it does not say who that is. */
  readonly echo: boolean;
};

export function wrongInLog(log: EventLog, chronicle: Chronicle, authors: Authors): string[] {
  const { chapters, present } = chronicle;
  const given = chapters.flatMap((chapter) => [...wrongInChapter(chapter, authors)]);
  return [...given, ...wrongInKept(log, present)];
}

function* wrongInChapter({ epoch, head, kept, events }: Chapter, authors: Authors) {
  for (const [i, event] of events.slice(kept).entries()) {
    const { seq, data } = event;
    if (seq !== head + 1 + i) yield `a hole in ${epoch} before ${seq}`;
    if (depthOf(data) > MAX_DEPTH) yield "logged what is nested too deep";
    const [name] = JSON.parse(data);
    if (String(name).startsWith("roomlog:")) yield `logged an event called ${name}`;
    yield* wrongWithAuthors(event, authors);
  }
}

function* wrongWithAuthors(event: LoggedEvent, { attackers, published, echo }: Authors) {
  const { sender, data } = event;
  if (sender === null) {
    if (!published.has(data) && !echo) yield `logged what nobody published who may: ${data}`;
    return;
  }
  const senders = attackers.filter(({ ids }) => ids.includes(sender));
  if (senders.length === 0) return;
  // In envelope form, events are written anew.
  const asSent = senders.every(({ input }) => input.format === "args");
  if (asSent && !attackers.some((attacker) => attacker.hasSent(data))) {
    yield `logged what nobody sent: ${data}`;
  }
  const mayBe = attackers.filter((each) => senders.includes(each) || each.mayHaveOther);
  if (!mayBe.some((author) => author.hadRightTo(event))) {
    yield `logged what its sender may not write: ${data}`;
  }
}

/** It holds what it was given, but for what it has trimmed. */
function* wrongInKept(log: EventLog, present: Chapter) {
  const due = present.events.filter(({ seq }) => seq >= log.first);
  const found = log.read({ after: Math.max(beginOf(present), log.first - 1), limit: 1_000_000 });
  const at = due.findIndex(({ seq, data }, i) => found[i]?.seq !== seq || found[i]?.data !== data);
  if (at >= 0 || found.length !== due.length) {
    yield `the log does not hold ${due[at]?.seq ?? "only"} what it was given`;
  }
  if (log.head !== (present.events.at(-1)?.seq ?? present.head)) yield "the log ends early";
}

/** Behind which seq a chapter's events are. */
export function beginOf({ kept, head }: Chapter): number {
  return kept > 0 ? 0 : head;
}

function depthOf(json: string): number {
  let depth = 0;
  let most = 0;
  for (const [bracket] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") most = Math.max(most, ++depth);
    else if (bracket === "]" || bracket === "}") depth--;
  }
  return most;
}
