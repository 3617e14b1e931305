/** A client's packets, taken one at a time: one that must be awaited holds up the next. */
import type { Packet } from "../protocol/engine.ts";

/** So many packets may wait while one is awaited, such as a CONNECT whose key is being checked. */
const CAPACITY = 1_000;

/** … and so many characters and bytes. */
const CAPACITY_SIZE = 4_000_000;

type Handle = (packet: Packet) => void | Promise<void>;

export class Inbox {
  readonly #handle: Handle;
  readonly #overflow: () => void;
  readonly #failed: (error: unknown) => void;
  /** There while a packet is awaited. */
  #waiting: Packet[] | undefined;
  /** Characters and bytes that have waited since. */
  #size = 0;

  /**
   * @param handle takes a packet; the next one comes when what it returns is settled
   * @param overflow is called for a packet that is one too many
   * @param failed is called with what `handle` throws; the next packet comes all the same
   */
  constructor(handle: Handle, overflow: () => void, failed: (error: unknown) => void) {
    this.#handle = handle;
    this.#overflow = overflow;
    this.#failed = failed;
  }

  /** Resolves when all that waits is handled; returns nothing if that is so already. */
  take(packet: Packet): void | Promise<void> {
    if (this.#waiting !== undefined) {
      this.#size += packet.length;
      if (this.#waiting.length < CAPACITY && this.#size <= CAPACITY_SIZE)
        this.#waiting.push(packet);
      else this.#overflow();
      return;
    }
    const pending = this.#begin(packet);
    if (pending === undefined) return;
    this.#waiting = [];
    this.#size = 0;
    return this.#drain(pending);
  }

  async #drain(pending: Promise<void>): Promise<void> {
    await pending;
    for (let next = this.#waiting?.shift(); next !== undefined; next = this.#waiting?.shift()) {
      await this.#begin(next);
    }
    this.#waiting = undefined;
  }

  /** Never throws, and what it returns never rejects. */
  #begin(packet: Packet): void | Promise<void> {
    try {
      return this.#handle(packet)?.catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}
