/** The event log in memory: the model that the SQLite log is held to, and the room's in tests. */
import { utf8Length } from "../protocol/engine.ts";
import { packAttachments } from "./blob.ts";
import { isRepeat } from "./content.ts";
import {
  type Appended,
  type EventLog,
  KEY_WINDOW,
  KEYS_KEPT_FOR,
  type Known,
  type LoggedEvent,
  type NewEvent,
  type Read,
  ROW_BYTES,
  type StoredSize,
} from "./event-log.ts";
import { timeOfKey } from "./key-time.ts";
import { keyName } from "./keys.ts";
import { upTo } from "./page.ts";

type Entry = LoggedEvent & { readonly owner: string | undefined; readonly digest: number | null };

/** What changes; never in place, so that a transaction can go back. */
type State = {
  readonly epoch: string;
  readonly entries: readonly Entry[];
  /** Keyed events that were trimmed: those of each trim together. */
  readonly trimmed: readonly (readonly Entry[])[];
  /** The newest event whose key is forgotten. */
  readonly forgotten: { readonly seq: number; readonly time: number };
  readonly head: number;
  readonly measured: number;
};

const EMPTY = {
  entries: [],
  trimmed: [],
  forgotten: { seq: 0, time: 0 },
  head: 0,
  measured: 0,
} as const;

/** An `EventLog` that forgets all when its process ends. */
export class MemoryLog implements EventLog {
  readonly #newEpoch: () => string;
  readonly #capacity: number;
  #state: State;

  constructor(newEpoch: () => string, keyCapacity: number = KEY_WINDOW) {
    this.#newEpoch = newEpoch;
    this.#capacity = keyCapacity;
    this.#state = { ...EMPTY, epoch: newEpoch() };
  }

  get epoch(): string {
    return this.#state.epoch;
  }

  get head(): number {
    return this.#state.head;
  }

  get first(): number {
    return this.#state.entries[0]?.seq ?? this.head + 1;
  }

  get unmeasured(): number {
    return this.head - Math.max(this.#state.measured, this.first - 1);
  }

  transaction<T>(turn: () => T): T {
    const before = this.#state;
    try {
      return turn();
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  append(event: NewEvent, time: number): Appended {
    const known = this.find(event);
    if (known !== undefined) return known;
    const { namespace, data, attachments, audience, sender, publication } = event;
    const seq = this.head + 1;
    const logged = { seq, time, namespace, sender, audience, data, attachments };
    const entry = { ...logged, owner: ownerOf(event), digest: publication?.digest ?? null };
    this.#change({ entries: [...this.#state.entries, entry], head: seq });
    return { kind: "appended", event: logged };
  }

  find(event: NewEvent): Known | undefined {
    const { publication } = event;
    if (publication === null) return undefined;
    const { entries, trimmed, forgotten } = this.#state;
    const made = timeOfKey(publication.key);
    const keyed = [...trimmed.flat(), ...entries.filter((entry) => entry.owner !== undefined)];
    const window = (keyed.at(-this.#capacity)?.seq ?? 1) - 1;
    const after = publication.after ?? (made === undefined ? Number.POSITIVE_INFINITY : 0);
    const from = Math.min(after, window);
    const known = keyed.find((entry) => entry.owner === ownerOf(event) && entry.seq > from);
    if (known !== undefined) {
      return isRepeat(known, { ...event, digest: publication.digest })
        ? { kind: "duplicate", seq: known.seq }
        : { kind: "key_reused" };
    }
    const expired = made !== undefined && made <= forgotten.time && after < forgotten.seq;
    return expired ? { kind: "key_expired" } : undefined;
  }

  read(query: Read): LoggedEvent[] {
    const { after = 0, before = Number.POSITIVE_INFINITY, namespace, event, forAll } = query;
    const found = this.#state.entries
      .filter(({ seq }) => seq > after && seq < before)
      .filter((entry) => namespace === undefined || entry.namespace === namespace)
      .filter((entry) => !forAll || entry.audience === null)
      .filter((entry) => event === undefined || JSON.parse(entry.data)[0] === event)
      .map(({ owner: _, digest: __, ...logged }) => logged);
    if (query.order === "desc") found.reverse();
    return upTo(found.slice(0, query.limit), query.maxChars);
  }

  measure(): number {
    this.#change({ measured: this.head });
    return this.oldest(this.head).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  oldest(limit: number): StoredSize[] {
    return this.#state.entries.slice(0, limit).map(({ seq, time, data, attachments }) => ({
      seq,
      time,
      bytes: utf8Length(data) + (packAttachments(attachments)?.length ?? 0) + ROW_BYTES,
    }));
  }

  trim(seq: number, now: number): void {
    const gone = this.#state.entries.filter((entry) => entry.seq <= seq);
    const all = [...this.#state.trimmed, gone.filter((entry) => entry.owner !== undefined)];
    const newest = all.map((entries) => entries.at(-1));
    const isOld = (entry: Entry | undefined) =>
      entry !== undefined && entry.time < now - KEYS_KEPT_FOR;
    this.#change({
      entries: this.#state.entries.filter((entry) => entry.seq > seq),
      trimmed: all.filter((_, i) => newest[i] !== undefined && !isOld(newest[i])),
      forgotten: newest.filter(isOld).at(-1) ?? this.#state.forgotten,
    });
  }

  renew(keep: boolean): void {
    this.#change({ ...(!keep && EMPTY), epoch: this.#newEpoch() });
  }

  #change(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
  }
}

function ownerOf({ publication }: NewEvent): string | undefined {
  return publication === null ? undefined : keyName(publication);
}
