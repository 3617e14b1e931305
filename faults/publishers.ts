// Those who publish: each value once more until it is acknowledged, the stock client's and HTTP's way.
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import type { Random } from "../test/support/random.ts";
import type { Recorder } from "./recorder.ts";

/** Between two events of one publisher, in milliseconds. */
const PACE = 8;
const ACK_TIMEOUT = 800;
/** So many tries make a minute or more: whoever gives up then has met a bug. */
const RETRIES = 200;
/** One event in so many is long: a replay of all that is kept takes several pages. */
const LONG = { each: 10, characters: 40_000 };
/** One in so many tries a key again, with other content; one is sent without being logged. */
const ODD = 40;

export type Answer = {
  readonly offset?: string;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: string };
};

export type PublisherPorts = {
  readonly url: string;
  readonly room: string;
  readonly name: string;
  readonly random: Random;
  readonly recorder: Recorder;
};

/** What both kinds share: one value after the other, each until it is settled. */
abstract class Publisher {
  protected readonly ports: PublisherPorts;
  #counter = 0;
  #stopped = false;
  #lastKey: string | undefined;
  acked = 0;

  constructor(ports: PublisherPorts) {
    this.ports = ports;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Publishes until it is stopped; resolves when the last value is settled. */
  async run(): Promise<void> {
    const { random } = this.ports;
    while (!this.#stopped) {
      await this.#next();
      await sleep(random.below(2 * PACE));
    }
    this.close();
  }

  async #next(): Promise<void> {
    const { name, random, recorder } = this.ports;
    const value = `${name}-${++this.#counter}`;
    const reused = this.#lastKey !== undefined && random.below(ODD) === 0;
    const key = reused ? (this.#lastKey ?? "") : this.key(this.#counter);
    if (!reused) this.#lastKey = undefined;
    recorder.add({ type: "sent", value, ...(reused && { doomed: "surely" }) });
    const text = random.below(LONG.each) === 0 ? "x".repeat(random.below(LONG.characters)) : "";
    const { offset, duplicate = false, error } = await this.publish(value, text, key);
    if (error !== undefined) recorder.add({ type: "refused", value, code: error.code });
    if (offset === undefined) return;
    recorder.add({ type: "acked", value, offset, duplicate });
    this.#lastKey = key;
    this.acked++;
  }

  protected abstract key(counter: number): string;

  protected retried(value: string): void {
    this.ports.recorder.add({ type: "retried", value });
  }

  /** Sends an event until it is settled; an empty answer if that can't be told. */
  protected abstract publish(value: string, text: string, key: string): Promise<Answer>;
  protected abstract close(): void;
}

export class StockPublisher extends Publisher {
  readonly #socket;

  constructor(ports: PublisherPorts, transports: ("polling" | "websocket")[]) {
    super(ports);
    const { url, room, name } = ports;
    this.#socket = io(url, {
      ...CLIENT,
      path: `/rooms/${room}/socket.io`,
      transports,
      retries: RETRIES,
      ackTimeout: ACK_TIMEOUT,
      // Half of them rely on their pid for their identity.
      auth: Number(name.slice(1)) % 2 ? { clientId: `client-of-${room}-${name}` } : {},
    });
    this.#socket.io.on("reconnect", () => this.retried(name));
  }

  /** Others have the same, and are somebody else. */
  protected override key(counter: number): string {
    return `key-${counter}`;
  }

  protected override publish(value: string, text: string, idempotencyKey: string): Promise<Answer> {
    return new Promise((resolve) => {
      const done = (error: Error | null, answer: Answer) => resolve(error ? {} : answer);
      this.#socket.emit("value", value, text, { idempotencyKey }, done);
    });
  }

  protected override close(): void {
    this.#socket.disconnect();
  }
}

export class HttpPublisher extends Publisher {
  /** All who publish over HTTP without an API key are one (EMIT-3). */
  protected override key(counter: number): string {
    return `key-${this.ports.name}-${counter}`;
  }

  protected override async publish(value: string, text: string, key: string): Promise<Answer> {
    if (this.ports.random.below(ODD) === 0) await this.#whisper(`${value}-whispered`);
    for (let tries = 0; tries < RETRIES; tries++) {
      if (tries > 0) this.retried(value);
      const answer = await this.#post({ event: "value", args: [value, text], idempotencyKey: key });
      if (answer !== undefined) return answer;
      await sleep(this.ports.random.below(100));
    }
    return {};
  }

  async #whisper(value: string): Promise<void> {
    this.ports.recorder.add({ type: "whispered", value });
    await this.#post({ event: "whisper", args: [value], ephemeral: true });
  }

  /** undefined if the answer is not known, or not final. */
  async #post(event: object): Promise<Answer | undefined> {
    const { url, room } = this.ports;
    try {
      const response = await fetch(`${url}/rooms/${room}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(ACK_TIMEOUT),
      });
      const body = await response.json();
      if (response.ok) return body as Answer;
      return response.status < 500 ? { error: body as { code: string } } : undefined;
    } catch {
      return undefined;
    }
  }

  protected override close(): void {}
}

/** A client that comes back at once. */
export const CLIENT = {
  forceNew: true,
  reconnectionDelay: 10,
  reconnectionDelayMax: 200,
  timeout: 2_000,
} as const;
