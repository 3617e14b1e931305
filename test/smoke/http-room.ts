// A room over HTTP: publishing to it, and reading its log.
import { Violation } from "../support/watch.ts";
import { isStep, type LoggedStep, parseOffset, type Step, show } from "./step.ts";

export type Published = { readonly offset: string; readonly duplicate: boolean };

/** Bounds a request, so that a relay that hangs is noticed, in milliseconds. */
const REQUEST_TIMEOUT = 10_000;
const PAGE = 500;

export class HttpRoom {
  readonly url: string;

  constructor(relay: string, room: string) {
    this.url = `${relay}/rooms/${room}/events`;
  }

  /** Throws a TypeError (of fetch) or a TimeoutError when the network failed. */
  async publish(step: Step, idempotencyKey: string): Promise<Published> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "step", args: [step], idempotencyKey }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT),
    });
    const text = await response.text();
    if (response.status === 503) throw new TypeError(`503 ${text}`);
    const answer: unknown = response.ok ? JSON.parse(text) : undefined;
    if (!isPublished(answer) || (response.status === 200) !== answer.duplicate) {
      throw new Violation(`POST of ${show(step)} was answered ${response.status} ${text}`);
    }
    return answer;
  }

  /** The whole log, page by page; its seqs have to be 1, 2, 3 … */
  async readLog(): Promise<LoggedStep[]> {
    const log: LoggedStep[] = [];
    for (let next: string | null = "0"; next !== null; ) {
      const response = await fetch(`${this.url}?limit=${PAGE}&after=${next}`, {
        signal: AbortSignal.timeout(REQUEST_TIMEOUT),
      });
      const text = await response.text();
      if (!response.ok) throw new Violation(`GET after ${next}: ${response.status} ${text}`);
      const page = JSON.parse(text);
      for (const { event, args, offset } of page.events) {
        const at = parseOffset(offset);
        if (at?.epoch !== page.epoch || at?.seq !== log.length + 1) {
          throw new Violation(
            `the log has ${offset} where ${page.epoch}-${log.length + 1} belongs`,
          );
        }
        const [step] = args;
        if (event !== "step" || args.length !== 1 || !isStep(step)) {
          throw new Violation(`the log has ${event} ${JSON.stringify(args)} at ${offset}`);
        }
        log.push({ step, offset });
      }
      next = page.next;
      if (next === null && page.head !== (log.at(-1)?.offset ?? `${page.epoch}-0`)) {
        throw new Violation(
          `the log's pages end at ${log.at(-1)?.offset}, its head is ${page.head}`,
        );
      }
    }
    return log;
  }
}

function isPublished(answer: unknown): answer is Published {
  if (typeof answer !== "object" || answer === null) return false;
  return (
    "offset" in answer &&
    parseOffset(answer.offset) !== undefined &&
    "duplicate" in answer &&
    typeof answer.duplicate === "boolean"
  );
}
