/** What all ways of reading the log over HTTP have in common: filters, entries, and how far one is. */
import { type Claims, holdsKey } from "../auth/access.ts";
import type { LoggedEvent, Read } from "../log/event-log.ts";
import { formatOffset, type GapReason } from "../log/offset.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { splitFirst } from "../protocol/json-text.ts";
import type { RoomCore } from "./core.ts";

/** Which events are wanted. */
export type Filter = {
  readonly claims: Claims;
  /** Only of this name. */
  readonly event?: string | undefined;
  readonly namespace?: string | undefined;
};

/** What is for some only (SUB-14) is shown to API keys alone. */
export function filterOf({ claims, event, namespace }: Filter): Partial<Read> {
  return {
    ...(!holdsKey(claims) && { forAll: true }),
    ...(event !== undefined && { event }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** For how many milliseconds these claims still hold. */
export function timeLeft({ expiresAt }: Claims, now: number): number {
  return (expiresAt ?? Number.POSITIVE_INFINITY) - now;
}

/** An event as HTTP tells it. Stored text goes out as it is, so it may have line breaks. */
export function entryJson(event: LoggedEvent, epoch: string): string {
  const { seq, time, namespace, data, attachments, audience } = event;
  const [name, args] = splitFirst(data);
  const offset = JSON.stringify(formatOffset(epoch, seq));
  const at = JSON.stringify(new Date(time).toISOString());
  const channel = JSON.stringify(namespace);
  const binary =
    attachments.length > 0 ? `,"attachments":${JSON.stringify(attachments.map(encodeBase64))}` : "";
  const whom = audience === null ? "" : `,${JSON.stringify(audience).slice(1, -1)}`;
  return `{"offset":${offset},"time":${at},"event":${name},"args":${args},"namespace":${channel}${binary}${whom}}`;
}

/** `entryJson` on one line: between JSON's tokens a break is as good as a space, and it can't be in one. */
export function entryLine(event: LoggedEvent, epoch: string): string {
  return entryJson(event, epoch).replaceAll(/[\r\n]/g, " ");
}

/** Makes a stream's text, piece by piece, until it ends or `signal` aborts. */
export type Pieces = (signal: AbortSignal) => AsyncGenerator<string, void>;

/** So much is read from the log at once. */
const PAGE = { limit: 500, maxChars: 256 * 1024 };

/** A page, or what can't be had any more: then the cursor stands where reading can go on. */
export type Step =
  | { readonly kind: "events"; readonly events: readonly LoggedEvent[] }
  | { readonly kind: "gap"; readonly requested: string; readonly reason: GapReason };

/** Walks forwards through the log, a page at a time, and hides no loss. */
export class Cursor {
  readonly #room: RoomCore;
  readonly #query: Partial<Read>;
  #epoch: string;
  #seq: number;

  /** @param seq the events after this one are read */
  constructor(room: RoomCore, filter: Filter, seq: number) {
    this.#room = room;
    this.#query = filterOf(filter);
    this.#epoch = room.log.epoch;
    this.#seq = seq;
  }

  /** The offset up to which all has been read. */
  get offset(): string {
    return formatOffset(this.#epoch, this.#seq);
  }

  /** @param last the last seq that is wanted */
  next(last = Number.MAX_SAFE_INTEGER - 1): Step {
    const { log } = this.#room;
    const requested = this.offset;
    const reason = log.epoch !== this.#epoch ? "epoch" : "trimmed";
    if (reason === "epoch" || this.#seq < log.first - 1) {
      this.#epoch = log.epoch;
      this.#seq = log.first - 1;
      return { kind: "gap", requested, reason };
    }
    const events = log.read({ ...this.#query, ...PAGE, after: this.#seq, before: last + 1 });
    this.#seq = events.at(-1)?.seq ?? Math.min(last, log.head);
    return { kind: "events", events };
  }
}
