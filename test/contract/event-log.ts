/**
 * What every event log has to do, whatever keeps it. Imports nothing of Node's or of the Workers
 * runtime, so that it runs in both.
 */
import { describe } from "vitest";
import type { EventLog, NewEvent, Publication } from "../../src/log/event-log.ts";
import { appending } from "./log-appending.ts";
import { forgetting } from "./log-forgetting.ts";
import { keys } from "./log-keys.ts";
import { reading } from "./log-reading.ts";
import { renewing } from "./log-renewing.ts";
import { reopening } from "./log-reopening.ts";
import { transactions } from "./log-transactions.ts";

/** Opens a log; all that one test opens are on the same data, if the store has any. */
export type OpenLog = (options?: { newEpoch?: () => string; keyCapacity?: number }) => EventLog;

export type LogStore = {
  /** Is what was logged there for who opens it next? */
  readonly durable: boolean;
  /** Runs one test on an empty store. */
  run(test: (open: OpenLog) => void): void | Promise<void>;
};

/** The contract, as tests of the store called `name`. */
export function eventLogContract(name: string, store: LogStore): void {
  describe(`${name} keeps the log's contract`, () => {
    appending(store);
    reading(store);
    keys(store);
    forgetting(store);
    transactions(store);
    renewing(store);
    if (store.durable) reopening(store);
  });
}

/** An event of the default namespace, without a key. */
export function event(data: string, more: Partial<NewEvent> = {}): NewEvent {
  const plain = {
    namespace: "/",
    attachments: [],
    audience: null,
    sender: null,
    publication: null,
  };
  return { ...plain, data, ...more };
}

export function keyed(data: string, key: string, more: Partial<Publication> = {}): NewEvent {
  return event(data, { publication: { identity: "ann", key, after: null, digest: null, ...more } });
}

/** Appends events of these texts and returns their seqs. */
export function fill(log: EventLog, texts: readonly string[]): (number | string)[] {
  return texts.map((data) => seqOf(log.append(event(data), 1)));
}

/** The seq an append came to, or what else became of it. */
export function seqOf(result: ReturnType<EventLog["append"]>): number | string {
  return result.kind === "appended" ? result.event.seq : result.kind;
}

/** The texts of all that is kept. */
export function textsOf(log: EventLog): string[] {
  return log.read({ limit: 1_000 }).map(({ data }) => data);
}

/** Seqs of all that is kept. */
export function seqsOf(log: EventLog): number[] {
  return log.read({ limit: 1_000 }).map(({ seq }) => seq);
}
