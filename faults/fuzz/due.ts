// What a reader in args form has to be sent of what was logged, frame by frame.
import type { LoggedEvent } from "../../src/log/event-log.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import type { Chapter } from "./witness.ts";

export type Due = {
  readonly chapters: readonly Chapter[];
  /** The oldest event that the present log keeps. */
  readonly first: number;
  /** May it be an event that is sent and not logged? */
  mayBeEphemeral(name: unknown): boolean;
};

/** @returns what is wrong with these frames, if anything is */
export function missing(frames: readonly string[], due: Due): string | undefined {
  return new Reader(due).read(frames);
}

class Reader {
  readonly #due: Due;
  #chapter = 0;
  #events: LoggedEvent[];
  /** Frames that have to come next: attachments. */
  #parts: string[] = [];
  /** Attachments of what is not logged. */
  #others = 0;

  constructor(due: Due) {
    this.#due = due;
    this.#events = due.chapters[0]?.events.filter(isForAll) ?? [];
  }

  read(frames: readonly string[]): string | undefined {
    for (const frame of frames) {
      const wrong = this.#take(frame);
      if (wrong !== undefined) return `got ${frame.slice(0, 200)} ${wrong}`;
    }
    const [next] = this.#events;
    if (this.#chapter < this.#due.chapters.length - 1) return "was not told of a new epoch";
    return next && `got nothing instead of ${this.#frameOf(next).slice(0, 200)}`;
  }

  #take(frame: string): string | undefined {
    if (frame.startsWith("b")) {
      if (this.#others > 0) this.#others--;
      else if (this.#parts.shift() !== frame) return "instead of another attachment";
      return undefined;
    }
    if (this.#parts.length > 0) return "instead of an attachment";
    const [next] = this.#events;
    if (next !== undefined && this.#frameOf(next) === frame) {
      this.#events.shift();
      this.#parts = next.attachments.map((bytes) => `b${encodeBase64(bytes)}`);
      return undefined;
    }
    const [, count = "0", json] = /^4(?:2|5(\d+)-)(\[.*\])$/s.exec(frame) ?? [];
    if (json === undefined) return undefined;
    const [name, payload, ...others] = JSON.parse(json);
    if (name === "roomlog:gap") return this.#gap(payload);
    if (String(name).startsWith("roomlog:")) return undefined;
    this.#others = Number(count);
    return this.#ephemeral(name, String(others.at(-1) ?? payload));
  }

  /** What is not logged carries an offset that was reached before (SUB-8). */
  #ephemeral(name: unknown, offset: string): string | undefined {
    const [, epoch, seq] = /^([a-z0-9]+)-(\d+)$/.exec(offset) ?? [];
    const [next] = this.#events;
    const isReached = next === undefined || Number(seq) < next.seq;
    if (epoch === this.#epoch && isReached && this.#due.mayBeEphemeral(name)) return undefined;
    return `instead of ${next === undefined ? "nothing" : this.#frameOf(next).slice(0, 200)}`;
  }

  #gap(gap: { requested: string; first: string | null; head: string; reason: string }) {
    const { requested, first, head, reason } = gap;
    const [epoch, reached] = requested.split("-");
    if (epoch !== this.#epoch) return `in ${this.#epoch}`;
    // What it had reached by then, it has to have got.
    const [next] = this.#events;
    if (next !== undefined && next.seq <= Number(reached)) return "without what came before";
    if (reason === "epoch") {
      const chapter = this.#due.chapters[++this.#chapter];
      if (chapter === undefined) return "though there is no new epoch";
      if (!head.startsWith(`${chapter.epoch}-`)) return "with another epoch's head";
      this.#events = chapter.events.filter(isForAll);
    } else if (reason !== "trimmed") return "though it was behind by nothing";
    const from = Number((first ?? `-${Number(head.split("-")[1]) + 1}`).split("-")[1]);
    const isPresent = this.#chapter === this.#due.chapters.length - 1;
    if (isPresent && from > this.#due.first) return "though more is kept";
    this.#events = this.#events.filter(({ seq }) => seq >= from);
    return undefined;
  }

  get #epoch(): string {
    return this.#due.chapters[this.#chapter]?.epoch ?? "";
  }

  #frameOf(event: LoggedEvent): string {
    const head = event.attachments.length === 0 ? "42" : `45${event.attachments.length}-`;
    return `${head}${event.data.slice(0, -1)},"${this.#epoch}-${event.seq}"]`;
  }
}

/** Is it for whoever is in the default namespace and in no other room than its own? */
function isForAll({ namespace, audience }: LoggedEvent): boolean {
  return namespace === "/" && (audience === null || audience.to.length === 0);
}
