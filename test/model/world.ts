/** A room, its clients, and the history of what they saw; judged by the crash harness's checker. */
import { check } from "../../faults/checker.ts";
import type { Entry } from "../../faults/history.ts";
import type { PublishResult } from "../../src/room/publish.ts";
import { type Batch, type Driver, textOf } from "./driver.ts";
import { Reader, type Untimed, Writer } from "./peers.ts";

/** How a backend publishes: with which keys, and at which head. */
export const HOWS = ["plain", "keyed", "reused", "at head", "moved"] as const;
type How = (typeof HOWS)[number];

type Published = Batch["events"][number];

/** Tries that bring all to its end; what takes more never ends. */
const MANY = 300;

export class World {
  readonly driver: Driver;
  readonly readers = ["r0", "r1", "r2"].map((name) => new Reader(name));
  readonly writers = [
    new Writer("w0", "client-of-writer-0"),
    new Writer("w1", "client-of-writer-1"),
    new Writer("w2"),
  ];
  #history: Entry[] = [];
  #values = 0;
  readonly #pending = new Set<Promise<void>>();
  /** Keys of the backend that were acknowledged. */
  readonly #backendKeys: string[] = [];

  constructor(driver: Driver) {
    this.driver = driver;
  }

  readonly record = (entry: Untimed): void => {
    this.#history.push({ ...entry, at: this.#history.length } as Entry);
  };

  /** A value that was not there before, as one that is about to be sent. */
  newValue(doomed?: "surely" | "perhaps"): string {
    const value = `v-${++this.#values}`;
    this.record({ type: "sent", value, ...(doomed && { doomed }) });
    return value;
  }

  /** Has every client take what has come. */
  observe(): void {
    for (const peer of [...this.readers, ...this.writers]) peer.observe(this.record);
  }

  // --- The backend --------------------------------------------------------------------------

  /** Publishes fresh values, all or none. */
  async publish(count: number, how: How): Promise<void> {
    const doomed = ({ reused: "surely", moved: "surely", "at head": "perhaps" } as const)[
      how as "reused"
    ];
    const reused = how === "reused" ? this.#backendKeys[0] : undefined;
    if (how === "reused" && reused === undefined) return;
    const head = await this.driver.head();
    const ifHead =
      { "at head": head, moved: head.replace(/\d+$/, (seq) => String(Number(seq) + 1_000)) }[
        how as "moved"
      ] ?? null;
    const events = Array.from({ length: count }, (_, n) => {
      const value = this.newValue(doomed);
      const own = how === "plain" ? null : `key-of-${value}`;
      return {
        name: "value",
        args: [value, textOf(value)],
        key: reused !== undefined && n === 0 ? reused : own,
      };
    });
    this.#under(this.driver.publish({ events, ifHead }), (result) => this.#settle(events, result));
  }

  #settle(events: readonly Published[], result: PublishResult): void {
    for (const [n, { args, key }] of events.entries()) {
      const value = String(args[0]);
      if (result.kind === "published") {
        const { offset, duplicate } = result.events[n] as { offset: string; duplicate: boolean };
        this.record({ type: "acked", value, offset, duplicate });
        if (key !== null) this.#backendKeys.push(key);
      } else if (result.kind !== "failed") {
        this.record({ type: "refused", value, code: result.kind });
      }
    }
  }

  async whisper(): Promise<void> {
    const value = `whispered-${++this.#values}`;
    this.record({ type: "whispered", value });
    const event = { name: "whisper", args: [value], key: null, ephemeral: true };
    this.#under(this.driver.publish({ events: [event], ifHead: null }), () => {});
  }

  /** Something is under way; a command does not wait for it, so that others may come in between. */
  #under<T>(work: Promise<T>, then: (result: T) => void): void {
    const done = work.then(then).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Has everybody connect, so that what is drawn meets them. */
  async begin(): Promise<void> {
    const kinds = ["websocket", "polling", "websocket"] as const;
    for (const [n, kind] of kinds.entries()) {
      await this.readers[n]?.connect(this.driver, kind, "nothing", 0);
      await this.writers[n]?.connect(this.driver, kind);
    }
    await this.#rest();
  }

  // --- The end ------------------------------------------------------------------------------

  /** Lets all come to its end, and judges it. */
  async judge(): Promise<void> {
    await this.#rest();
    await this.#retry();
    const value = this.newValue();
    await this.#publishOnce(value);
    for (const reader of this.readers) await reader.connect(this.driver, "websocket", "own", 0);
    await this.#rest();
    this.record({ type: "log", ...(await this.driver.log()) });
    const findings = check(this.#history, this.driver.keeps);
    if (findings.length === 0) return;
    const all = findings.map(({ kind, detail }) => `  ${kind}: ${detail}`);
    const log = this.#history.map((entry) => JSON.stringify(entry));
    throw new Error(["the room broke its promises:", ...all, "", ...log].join("\n"));
  }

  /**
   * Judges what was, and begins anew with an empty log: those who come back have to be told.
   * @returns false if that can't be had here
   */
  async wipe(): Promise<boolean> {
    await this.judge();
    if (!(await this.driver.wipe())) return false;
    for (const peer of [...this.readers, ...this.writers]) peer.drop();
    this.#history = [];
    this.#backendKeys.length = 0;
    for (const { keyed } of this.writers) keyed.clear();
    await this.driver.evict();
    return true;
  }

  /** Whatever has a key and no ack is sent until it has one. */
  async #retry(): Promise<void> {
    for (const writer of this.writers) {
      const open = () => [...writer.keyed].filter(([, { acked }]) => !acked);
      for (let tries = 0; open().length > 0; tries++) {
        if (tries > MANY) throw new Error(`${writer.name} gets no ack`);
        if (!writer.connected) await writer.connect(this.driver, "websocket");
        await this.#rest();
        for (const [key, { value }] of open()) writer.emit(value, key);
        await this.#rest();
      }
    }
  }

  async #publishOnce(value: string): Promise<void> {
    for (let tries = 0; tries < MANY; tries++) {
      const event = { name: "value", args: [value, textOf(value)], key: `key-of-${value}` };
      const published = this.driver.publish({ events: [event], ifHead: null });
      await this.#rest();
      const result = await published;
      if (result.kind !== "published") continue;
      const { offset, duplicate } = result.events[0] as { offset: string; duplicate: boolean };
      this.record({ type: "acked", value, offset, duplicate });
      return;
    }
    throw new Error("the last event gets no ack");
  }

  /** Until nothing more comes to anybody. */
  async #rest(): Promise<void> {
    for (let before = -1; before !== this.#history.length; ) {
      before = this.#history.length;
      for (const peer of [...this.readers, ...this.writers]) peer.fetch();
      await this.driver.settle();
      this.observe();
      await this.driver.settle();
      this.observe();
    }
    await Promise.all(this.#pending);
  }
}
