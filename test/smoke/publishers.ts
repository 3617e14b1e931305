// Publishers that lose nothing: they retry, with an idempotency key, until they have an answer.
import { setTimeout as sleep } from "node:timers/promises";
import { Violation, type Watch } from "../support/watch.ts";
import { Follower } from "./follower.ts";
import { HttpRoom, type Published } from "./http-room.ts";
import type { Setting } from "./settings.ts";
import { parseOffset, type Step, show } from "./step.ts";

/** Each emit is sent so often on purpose, always with the same key. */
export const COPIES = 3;

/** Asked before each step; resolves to false when there are enough. */
export type Turn = (publisher: string) => Promise<boolean>;

/** From a step, as `show` writes it, to the offset that its publisher was told. */
export type Acknowledged = Map<string, string>;

type Options = { readonly name: string; readonly watch: Watch; readonly acks: Acknowledged };

/** A publisher by socket. It reads too, all but what it emits. */
export class SocketPublisher implements Disposable {
  readonly follower: Follower;
  readonly #name: string;
  readonly #watch: Watch;
  readonly #acks: Acknowledged;
  /** By key, how often it went out. */
  readonly #sent = new Map<string, number>();
  /** Emits that went out more often than asked for. */
  resent = 0;

  constructor(relay: string, room: string, setting: Setting, { name, watch, acks }: Options) {
    this.#name = name;
    this.#watch = watch;
    this.#acks = acks;
    this.follower = new Follower(relay, room, setting, {
      name: `publisher ${name}`,
      except: name,
      watch,
      client: { retries: 1_000, ackTimeout: 3_000 },
    });
    this.follower.socket.onAnyOutgoing((_event, _step, { idempotencyKey }) => {
      this.#sent.set(idempotencyKey, this.#timesSent(idempotencyKey) + 1);
    });
  }

  async publish(turn: Turn): Promise<void> {
    for (let n = 1; await turn(this.#name); n++) await this.#publish({ from: this.#name, n });
  }

  [Symbol.dispose](): void {
    this.follower[Symbol.dispose]();
  }

  async #publish(step: Step): Promise<void> {
    const key = show(step);
    const answers: Published[] = [];
    let sentBefore = 0;
    for (let copy = 0; copy < COPIES; copy++) {
      const answered = (error: Error | null, answer: unknown) => {
        answers.push(this.#check(step, error, answer));
        if (answers.length === 1) sentBefore = this.#timesSent(key);
        this.#watch.changed();
      };
      this.follower.socket.emit("step", step, { idempotencyKey: key }, answered);
    }
    await this.#watch.until(
      () => answers.length === COPIES,
      () => `publisher ${this.#name} got ${answers.length} of ${COPIES} acks for ${key}`,
    );
    this.resent += this.#timesSent(key) - COPIES;

    const [first, ...later] = answers;
    const same = later.every(({ offset, duplicate }) => offset === first?.offset && duplicate);
    // A first answer may say duplicate only if an earlier try of it was lost.
    if (first === undefined || !same || (first.duplicate && sentBefore < 2)) {
      throw new Violation(`the copies of ${key} were acked ${JSON.stringify(answers)}`);
    }
    this.#acks.set(key, first.offset);
  }

  #check(step: Step, error: Error | null, answer: unknown): Published {
    const { offset, duplicate } = (answer ?? {}) as Partial<Published>;
    if (error === null && parseOffset(offset) !== undefined && typeof duplicate === "boolean") {
      return { offset: String(offset), duplicate };
    }
    const text = error?.message ?? JSON.stringify(answer);
    this.#watch.violation(`publisher ${this.#name} got for ${show(step)}: ${text}`);
    return { offset: "", duplicate: false };
  }

  #timesSent(key: string): number {
    return this.#sent.get(key) ?? 0;
  }
}

/** A publisher over HTTP. */
export class HttpPublisher {
  readonly #room: HttpRoom;
  readonly #name: string;
  readonly #watch: Watch;
  readonly #acks: Acknowledged;
  /** Requests that the network lost, or their answers: each was sent again. */
  losses = 0;
  /** Is a request under way? Only then would it notice that its connection is cut. */
  connected = false;

  constructor(relay: string, room: string, { name, watch, acks }: Options) {
    this.#room = new HttpRoom(relay, room);
    this.#name = name;
    this.#watch = watch;
    this.#acks = acks;
  }

  get name(): string {
    return `publisher ${this.#name}`;
  }

  async publish(turn: Turn): Promise<void> {
    for (let n = 1; await turn(this.#name); n++) {
      const step = { from: this.#name, n };
      this.#acks.set(show(step), await this.#publish(step));
      this.#watch.changed();
    }
  }

  async #publish(step: Step): Promise<string> {
    for (let tries = 1; ; tries++) {
      let lost: unknown;
      this.connected = true;
      this.#watch.changed();
      try {
        const { offset, duplicate } = await this.#room.publish(step, show(step));
        if (!duplicate || tries > 1) return offset;
        throw new Violation(`the first POST of ${show(step)} was taken for a duplicate`);
      } catch (error) {
        if (error instanceof Violation) throw error;
        lost = error;
      } finally {
        this.connected = false;
      }
      this.losses++;
      this.#watch.check(() => `POST of ${show(step)}: ${lost}`);
      await sleep(20);
    }
  }
}
