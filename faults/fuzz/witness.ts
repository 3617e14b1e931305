// What a log was given, written down beside it: what it reads later is compared with that.
import type { Appended, LoggedEvent, NewEvent } from "../../src/log/event-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import type { Sql } from "../../src/storage/sql.ts";

/** What was logged in one epoch. */
export type Chapter = {
  readonly epoch: string;
  /** The head when it began. */
  readonly head: number;
  /** Of its events, how many it began with. */
  readonly kept: number;
  readonly events: LoggedEvent[];
};

export class Chronicle {
  /** What has not been looked at yet, an epoch each; the last one is the present. */
  chapters: [Chapter, ...Chapter[]];
  /** Of epochs that are over: how far they came. */
  readonly heads = new Map<string, number>();

  constructor(epoch: string) {
    this.chapters = [{ epoch, head: 0, kept: 0, events: [] }];
  }

  get present(): Chapter {
    return this.chapters.at(-1) ?? this.chapters[0];
  }

  /** All until now has been looked at. */
  goOn(head: number): void {
    this.chapters = [{ epoch: this.present.epoch, head, kept: 0, events: [] }];
  }
}

export class WitnessedLog extends SqliteLog {
  readonly #chronicle: Chronicle;

  constructor(sql: Sql, newEpoch: () => string, chronicle: Chronicle) {
    super(sql, newEpoch);
    this.#chronicle = chronicle;
  }

  override transaction<T>(turn: () => T): T {
    const { chapters, present } = this.#chronicle;
    const before = { chapters: chapters.length, events: present.events.length };
    try {
      return super.transaction(turn);
    } catch (error) {
      chapters.length = before.chapters;
      present.events.length = before.events;
      throw error;
    }
  }

  override append(event: NewEvent, time: number): Appended {
    const appended = super.append(event, time);
    if (appended.kind === "appended") this.#chronicle.present.events.push(appended.event);
    return appended;
  }

  override renew(keep: boolean): void {
    const { chapters, heads } = this.#chronicle;
    heads.set(this.epoch, this.head);
    super.renew(keep);
    const { epoch, head } = this;
    const events = this.read({ after: this.first - 1, limit: 1_000_000 });
    chapters.push({ epoch, head, kept: events.length, events });
  }
}
