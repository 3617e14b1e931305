// One round: a new room, those who publish and read, faults, and in the end all is healed.
import { setTimeout as sleep } from "node:timers/promises";
import { type Random, seeded } from "../test/support/random.ts";
import { DISK_ERRORS, injectDiskErrors } from "./disk.ts";
import type { Value } from "./history.ts";
import { BREAKS, FaultyProxy } from "./proxy.ts";
import { HttpPublisher, StockPublisher } from "./publishers.ts";
import { Reader } from "./readers.ts";
import { Recorder } from "./recorder.ts";
import type { Relay } from "./relay.ts";
import type { Failpoint } from "./worker/failpoints.ts";

/** Milliseconds. */
const TIMES = {
  /** From one fault's end to the next fault, at most. */
  calm: 150,
  /** To wait for a failpoint. */
  failpoint: 1_000,
  stopped: 800,
  disk: 300,
  /** Whoever has not recovered by then has met a bug. */
  recovery: 20_000,
  drain: 30_000,
};

/** Those that a room reaches again and again. */
const POINTS: readonly [Failpoint, ...Failpoint[]] = [
  "insert",
  "commit",
  "send",
  "alarm",
  "trim",
  "keys",
];

/** Bytes per second. */
const SLOW = 30_000;

type Fault = "kill" | "failpoint" | "redeploy" | "evict" | "stop" | "disk" | "network";

/** What happens, and how often; those in `KILLS` end the process. */
const FAULTS: readonly [Fault, ...Fault[]] = [
  "redeploy",
  ...Array<"kill">(6).fill("kill"),
  ...Array<"failpoint">(7).fill("failpoint"),
  "evict",
  "evict",
  "stop",
  "disk",
  ...Array<"network">(4).fill("network"),
];
const KILLS: readonly Fault[] = ["kill", "failpoint", "redeploy"];

export type RoundOptions = {
  readonly relay: Relay;
  readonly room: string;
  readonly seed: number;
  readonly kills: number;
  /** Can errors of the disk be injected? */
  readonly disk: boolean;
};

export type RoundResult = {
  readonly recorder: Recorder;
  /** Milliseconds from each kill to the next ack. */
  readonly recoveries: readonly number[];
};

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const round = new Round(options, seeded(options.seed));
  await using proxy = await FaultyProxy.start(options.relay.url, seeded(options.seed + 1));
  const slowly = { rate: SLOW };
  await using slow = await FaultyProxy.start(options.relay.url, seeded(options.seed + 2), slowly);
  return await round.run(proxy, slow);
}

class Round {
  readonly #options: RoundOptions;
  readonly #random: Random;
  readonly #recorder = new Recorder();
  readonly #recoveries: number[] = [];
  #publishers: (StockPublisher | HttpPublisher)[] = [];
  #readers: Reader[] = [];
  #kills = 0;

  constructor(options: RoundOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  async run(proxy: FaultyProxy, slow: FaultyProxy): Promise<RoundResult> {
    const { kills, relay } = this.#options;
    await relay.start();
    await this.#migrate();
    this.#publishers = this.#newPublishers(proxy);
    this.#readers = this.#newReaders(proxy, slow);
    const running = this.#publishers.map((publisher) => publisher.run());
    try {
      await this.#recovered();
      while (this.#kills < kills) await this.#fault(proxy, slow);
      for (const publisher of this.#publishers) publisher.stop();
      proxy.faulty = false;
      slow.faulty = false;
      // What is slow, or waits for something to break, comes back as a healthy connection.
      while (slow.break("reset"));
      await within(TIMES.drain, Promise.all(running), "the publishers to be done");
      await this.#drain();
    } finally {
      for (const publisher of this.#publishers) publisher.stop();
      for (const reader of this.#readers) reader.close();
      await relay.kill();
    }
    return { recorder: this.#recorder, recoveries: this.#recoveries };
  }

  /** A room's first event makes its tables: one that dies in between must not matter. */
  async #migrate(): Promise<void> {
    const { relay, room } = this.#options;
    if (this.#random.below(2) === 0) return;
    const after = 1 + this.#random.below(8);
    const reached = relay.standStill(room, "migration", after, TIMES.failpoint);
    await sleep(20);
    await Promise.race([this.#publish("migration-1"), sleep(TIMES.failpoint)]);
    await this.#kill("failpoint", `migration ${after} ${await reached}`);
  }

  #newPublishers(proxy: FaultyProxy) {
    const { room } = this.#options;
    const ports = (name: string) => ({
      ...{ url: proxy.url, room, name },
      ...{ random: this.#random, recorder: this.#recorder },
    });
    const stock = Array.from({ length: 8 }, (_, n) => {
      const transports = TRANSPORTS[n % TRANSPORTS.length] ?? [];
      return new StockPublisher(ports(`p${n}`), [...transports]);
    });
    const http = Array.from({ length: 4 }, (_, n) => new HttpPublisher(ports(`h${n}`)));
    return [...stock, ...http];
  }

  #newReaders(proxy: FaultyProxy, slow: FaultyProxy): Reader[] {
    const { room } = this.#options;
    const reader = (name: string, options: Partial<ConstructorParameters<typeof Reader>[0]>) =>
      new Reader({
        ...{ url: proxy.url, room, name, recorder: this.#recorder },
        ...{ transports: ["websocket"], keeps: "pid" },
        ...options,
      });
    return [
      reader("pid-1", {}),
      reader("pid-2", {}),
      reader("pid-3", { transports: ["polling", "websocket"] }),
      reader("offset-1", { keeps: "offset" }),
      reader("offset-2", { keeps: "offset" }),
      reader("offset-3", { keeps: "offset", transports: ["polling", "websocket"] }),
      reader("polling-1", { transports: ["polling"] }),
      reader("polling-2", { transports: ["polling"], keeps: "offset" }),
      reader("reloads", { keeps: "nothing" }),
      reader("throws", { throwsEach: 97 }),
      reader("slow", { url: slow.url }),
    ];
  }

  // --- Faults -------------------------------------------------------------------------------

  async #fault(proxy: FaultyProxy, slow: FaultyProxy): Promise<void> {
    const { relay, room, disk } = this.#options;
    const random = this.#random;
    await sleep(random.below(TIMES.calm));
    const kind = random.pick(FAULTS);
    if (kind === "disk" && !disk) return;
    if (KILLS.includes(kind)) {
      let detail = "";
      if (kind === "redeploy") relay.redeploy();
      if (kind === "failpoint") {
        const point = random.pick(POINTS);
        // A turn inserts and sends many times; the others come once in a while.
        const often = point === "insert" || point === "commit" || point === "send";
        const after = often ? 1 + random.below(20) : 1;
        const reached = await relay.standStill(room, point, after, TIMES.failpoint);
        detail = `${point} ${after} ${reached}`;
      }
      await this.#kill(kind, detail);
      return;
    }
    if (kind === "network") {
      for (let n = random.below(4); n >= 0; n--) {
        const how = random.pick(BREAKS);
        if ((random.below(8) === 0 ? slow : proxy).break(how)) this.#note("network", how);
      }
    } else if (kind === "stop") {
      const milliseconds = random.below(TIMES.stopped);
      this.#note(kind, `${milliseconds} ms`);
      await relay.stop(milliseconds);
    } else if (kind === "evict") {
      this.#note(kind, "");
      await relay.evict(room);
    } else {
      const error = random.pick(DISK_ERRORS);
      this.#note(kind, error);
      await injectDiskErrors(relay.pid, error, TIMES.disk);
    }
    await this.#recovered();
  }

  async #kill(kind: string, detail: string): Promise<void> {
    this.#note(kind, detail);
    this.#kills++;
    const begun = performance.now();
    await this.#options.relay.kill();
    await this.#options.relay.start();
    if (this.#publishers.length === 0) return;
    await this.#recovered();
    this.#recoveries.push(performance.now() - begun);
  }

  #note(kind: string, detail: string): void {
    this.#recorder.add({ type: "fault", kind, detail });
  }

  /** Somebody's event is acknowledged that was not when this was called. */
  async #recovered(): Promise<void> {
    const acked = () => this.#publishers.reduce((sum, publisher) => sum + publisher.acked, 0);
    const before = acked();
    await until(TIMES.recovery, () => acked() > before, "an ack after a fault");
  }

  // --- The end ------------------------------------------------------------------------------

  /** A last event, then every reader up to it, then the log. */
  async #drain(): Promise<void> {
    const offset = await this.#publish("end-1");
    if (offset === undefined) throw new Error("the last event was not acknowledged");
    const behind = () => this.#readers.filter((reader) => reader.offset !== offset);
    // Whoever does not get there is the checker's to judge.
    await until(TIMES.drain, () => behind().length === 0, "the readers").catch(() => {});
    await this.#readLog();
    await this.#ask(offset);
  }

  /** Readers that come with offsets which can't be served, or name nothing. */
  async #ask(head: string): Promise<void> {
    const { relay, room } = this.#options;
    const [epoch, seq] = head.split("-");
    const offsets = { future: `${epoch}-${Number(seq) + 1_000}`, foreign: `f0reign-${seq}` };
    const readers = Object.entries(offsets).map(([name, from]) => {
      const keeps = "offset" as const;
      const options = { url: relay.url, room, name, recorder: this.#recorder, keeps, from };
      return new Reader({ ...options, transports: ["websocket"] });
    });
    this.#readers.push(...readers);
    const done = () => readers.every((reader) => reader.live);
    await until(TIMES.drain, done, "the readers with odd offsets");
  }

  /** Publishes directly, once. */
  async #publish(value: Value): Promise<string | undefined> {
    const { relay, room } = this.#options;
    this.#recorder.add({ type: "sent", value });
    try {
      const response = await fetch(`${relay.url}/rooms/${room}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ event: "value", args: [value] }),
      });
      const { offset } = (await response.json()) as { offset: string };
      this.#recorder.add({ type: "acked", value, offset, duplicate: false });
      return offset;
    } catch {
      return undefined;
    }
  }

  async #readLog(): Promise<void> {
    const { relay, room } = this.#options;
    type Page = {
      first: string | null;
      head: string;
      events: { offset: string; args: unknown[] }[];
      next: string | null;
    };
    const events: { offset: string; value: Value }[] = [];
    for (let after = ""; ; ) {
      const response = await fetch(`${relay.url}/rooms/${room}/events?limit=1000${after}`);
      const page = (await response.json()) as Page;
      for (const { offset, args } of page.events) events.push({ offset, value: String(args[0]) });
      // One that does not go on is what the checker finds.
      if (page.next === null || after.endsWith(page.next)) {
        this.#recorder.add({ type: "log", first: page.first, head: page.head, events });
        return;
      }
      after = `&after=${page.next}`;
    }
  }
}

const TRANSPORTS = [["websocket"], ["websocket"], ["polling", "websocket"], ["polling"]] as const;

async function until(milliseconds: number, done: () => boolean, what: string): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!done()) {
    if (performance.now() > end) throw new Error(`waited ${milliseconds / 1_000} s for ${what}`);
    await sleep(5);
  }
}

async function within<T>(milliseconds: number, work: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = new Error(`waited ${milliseconds / 1_000} s for ${what}`);
  const timer = setTimeout(() => reject(error), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
