/**
 * The log as Server-Sent Events (HTTP-10): what is there, then what comes. It is pulled: a page is
 * read when the client has taken the one before, so nothing is queued for anybody.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { formatOffset, locate } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";
import { quotable } from "./join.ts";
import { Cursor, entryLine, type Filter, type Pieces, timeLeft } from "./reading.ts";

/** After so many milliseconds without anything to tell, a comment keeps the connection alive. */
const KEEP_ALIVE = 20_000;

/** How long a client waits before it comes back, in milliseconds. */
const RETRY = "retry: 2000\n\n";

/** What to follow, and the offset to begin behind; without one, the present. */
export type FollowRequest = Filter & { readonly after?: string | undefined };

/** The stream's text, from the log as it is now. Ends when the claims do, too. */
export function follow(room: RoomCore, request: FollowRequest): Pieces {
  const follower = new Follower(room, request);
  const holds = () => timeLeft(request.claims, room.now());
  return async function* (signal) {
    yield RETRY;
    for (let saidAt = room.now(); !signal.aborted && holds() > 0; ) {
      const quiet = saidAt + KEEP_ALIVE - room.now();
      const text = follower.next() || (quiet > 0 ? "" : follower.keepAlive());
      if (text === "") {
        await room.untilLogged(Math.min(quiet, holds()), signal);
      } else {
        // What leaves is on disk: nobody is told what may vanish.
        await room.durable();
        yield text;
        saidAt = room.now();
      }
    }
  };
}

class Follower {
  readonly #room: RoomCore;
  readonly #cursor: Cursor;
  /** A gap that is to be told first. */
  #gap = "";
  /** How many events were told until the present is reached; undefined from then on. */
  #replayed: number | undefined = 0;
  /** The last offset that the client was told. */
  #told = "";

  constructor(room: RoomCore, request: FollowRequest) {
    const { log } = room;
    const { after } = request;
    const located = after === undefined ? log.head : locate(after, log);
    const start = typeof located === "number" ? located : log.first - 1;
    this.#room = room;
    this.#cursor = new Cursor(room, request, start);
    if (typeof located === "string") this.#gap = this.#gapText(quotable(after), located);
  }

  /** What is to be told now; empty if it is nothing. */
  next(): string {
    const text = this.#gap || this.#step();
    this.#gap = "";
    if (text !== "") this.#told = this.#cursor.offset;
    return text;
  }

  /** Whoever comes back need not look again at what was not for them: that id has no data, so no event. */
  keepAlive(): string {
    const { offset } = this.#cursor;
    const id = offset === this.#told ? "" : `id: ${offset}\n`;
    this.#told = offset;
    return `:\n${id}\n`;
  }

  #step(): string {
    const step = this.#cursor.next();
    if (step.kind === "gap") return this.#gapText(step.requested, step.reason);
    const { epoch } = this.#room.log;
    if (step.events.length === 0) return this.#liveText();
    if (this.#replayed !== undefined) this.#replayed += step.events.length;
    return step.events
      .map((event) => {
        const id = formatOffset(epoch, event.seq);
        return `id: ${id}\ndata: ${entryLine(event, epoch)}\n\n`;
      })
      .join("");
  }

  /** Told once. It also gives a client its place, before the first event has come. */
  #liveText(): string {
    if (this.#replayed === undefined) return "";
    const replayed = this.#replayed;
    this.#replayed = undefined;
    return this.#notice("roomlog:live", { offset: this.#cursor.offset, replayed });
  }

  #gapText(requested: string | number | null, reason: string): string {
    return this.#notice("roomlog:gap", { requested, ...extentOf(this.#room.log), reason });
  }

  /** One of Roomlog's own: listeners have to ask for it by name. */
  #notice(name: string, payload: object): string {
    const id = this.#cursor.offset;
    return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(payload)}\n\n`;
  }
}
