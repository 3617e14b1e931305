/** Calls of a room's own methods at a later time. They are stored, so nothing but a failure loses one. */
import type { Job } from "../storage/schedule-store.ts";
import { within } from "./lane.ts";

/** Where jobs are kept. */
export type JobStore = {
  add(at: number, method: string, payload: string): number;
  due(now: number): Job[];
  next(running: Iterable<number>): number | undefined;
  remove(id: number): boolean;
  putOff(job: Job, at: number): void;
};

/** What the schedule needs of its room. */
export type SchedulePorts = {
  openStore(): JobStore;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks for a `run` at `time`, or earlier. */
  wakeAt(time: number): void;
  /** Calls the room's method of this name. */
  call(method: string, payload: unknown): unknown;
  /** Runs `turn` in one transaction with what it emits; rejects if it throws. */
  perform<T>(turn: () => T): Promise<T>;
  /** How long a method may take, in milliseconds. */
  readonly handlerTimeout: number;
  report(error: unknown): void;
};

/** A job that fails is tried again after 5 s, 10 s, 20 s …, so many times. */
const MAX_FAILURES = 6;
const FIRST_PAUSE = 5_000;

export class Schedule {
  readonly #ports: SchedulePorts;
  readonly #running = new Set<number>();
  #store: JobStore | undefined;

  constructor(ports: SchedulePorts) {
    this.#ports = ports;
  }

  /**
   * Calls `method` with `payload` (JSON) at `time`, in milliseconds since 1970, or soon after.
   * @returns an id for `cancel`
   */
  add(time: number, method: string, payload: unknown): number {
    const id = this.#stored.add(time, method, JSON.stringify(payload ?? null));
    this.#ports.wakeAt(time);
    return id;
  }

  /** @returns false if it has been done, or cancelled, before */
  cancel(id: number): boolean {
    return this.#stored.remove(id);
  }

  /** Does what is due. Safe to call at any time. */
  async run(): Promise<void> {
    const due = this.#stored.due(this.#ports.now()).filter(({ id }) => !this.#running.has(id));
    await Promise.all(due.map((job) => this.#do(job)));
    const next = this.#stored.next(this.#running);
    if (next !== undefined) this.#ports.wakeAt(next);
  }

  async #do(job: Job): Promise<void> {
    const { id, method } = job;
    this.#running.add(id);
    try {
      // One that does not await is done exactly once: its end is in the same transaction.
      const pending = await this.#ports.perform(() => {
        const result = this.#ports.call(method, JSON.parse(job.payload));
        if (result instanceof Promise) return { result };
        this.#stored.remove(id);
        return undefined;
      });
      if (pending === undefined) return;
      // Should the room be lost meanwhile, it comes back to this.
      this.#ports.wakeAt(this.#ports.now() + this.#ports.handlerTimeout);
      await within(this.#ports.handlerTimeout, pending.result);
      this.#stored.remove(id);
    } catch (error) {
      this.#ports.report(error);
      this.#failed(job);
    } finally {
      this.#running.delete(id);
    }
  }

  #failed(job: Job): void {
    if (job.failures + 1 < MAX_FAILURES) {
      this.#stored.putOff(job, this.#ports.now() + FIRST_PAUSE * 2 ** job.failures);
    } else {
      this.#stored.remove(job.id);
    }
  }

  get #stored(): JobStore {
    this.#store ??= this.#ports.openStore();
    return this.#store;
  }
}
