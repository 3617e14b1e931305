/** The event log in memory: the model that the SQLite log is held to, and the room's in tests. */
import {
  type Appended,
  type EventLog,
  KEY_WINDOW,
  type LoggedEvent,
  type NewEvent,
  type Read,
} from "./event-log.ts";
import { sameContent } from "./keys.ts";
import { upTo } from "./page.ts";

type Entry = LoggedEvent & { readonly owner: string | undefined };

/** An `EventLog` that forgets all when its process ends. */
export class MemoryLog implements EventLog {
  readonly epoch: string;
  readonly #capacity: number;
  #entries: Entry[] = [];
  #head = 0;

  constructor(newEpoch: () => string, keyCapacity: number = KEY_WINDOW) {
    this.epoch = newEpoch();
    this.#capacity = keyCapacity;
  }

  get head(): number {
    return this.#head;
  }

  get first(): number {
    return this.#entries[0]?.seq ?? this.#head + 1;
  }

  transaction<T>(turn: () => T): T {
    const entries = [...this.#entries];
    const head = this.#head;
    try {
      return turn();
    } catch (error) {
      this.#entries = entries;
      this.#head = head;
      throw error;
    }
  }

  append(event: NewEvent, time: number): Appended {
    const { namespace, data, sender, publication } = event;
    const owner = publication === null ? undefined : `${publication.key}\n${publication.identity}`;
    if (owner !== undefined) {
      const oldest = this.#entries.filter((entry) => entry.owner !== undefined).at(-this.#capacity);
      const from = Math.min(publication?.after ?? Number.POSITIVE_INFINITY, (oldest?.seq ?? 1) - 1);
      const known = this.#entries.find((entry) => entry.owner === owner && entry.seq > from);
      if (known !== undefined) {
        const same = known.namespace === namespace && sameContent(known.data, data);
        return same ? { kind: "duplicate", seq: known.seq } : { kind: "key_reused" };
      }
    }
    this.#head++;
    const logged = { seq: this.#head, time, namespace, sender, data };
    this.#entries.push({ ...logged, owner });
    return { kind: "appended", event: logged };
  }

  read(query: Read): LoggedEvent[] {
    const { after = 0, before = Number.POSITIVE_INFINITY, namespace, event } = query;
    const found = this.#entries
      .filter(({ seq }) => seq > after && seq < before)
      .filter((entry) => namespace === undefined || entry.namespace === namespace)
      .filter((entry) => event === undefined || JSON.parse(entry.data)[0] === event)
      .map(({ owner: _, ...logged }) => logged);
    if (query.order === "desc") found.reverse();
    const page = found.slice(0, query.limit);
    return query.maxChars === undefined ? page : upTo(page, query.maxChars);
  }

  trim(seq: number): void {
    this.#entries = this.#entries.filter((entry) => entry.seq > seq);
  }
}
