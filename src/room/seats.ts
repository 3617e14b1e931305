/** The seats of a room in code, and when they are stored. */
import { Seat } from "../session/seat.ts";
import type { Socket } from "../session/socket.ts";
import type { SeatRecord } from "../storage/seat-store.ts";

/** Where seats are kept. */
export type SeatStore = {
  /** Is anything kept? */
  any(): boolean;
  load(id: string): SeatRecord | undefined;
  save(id: string, record: SeatRecord, left: number | null): void;
  forget(id: string): void;
  /** The socket is here again. */
  back(id: string): void;
  left(id: string, now: number): void;
  /** All but these have left. */
  leftBut(here: readonly string[], now: number): void;
};

export class Seats {
  readonly #open: () => SeatStore;
  readonly #members: Iterable<Socket>;
  #store: SeatStore | undefined;
  /** Those that may have changed since they were stored. */
  #touched = new Set<Socket>();

  /** Is anything kept of anybody? Unknown until somebody asks. */
  #inUse: boolean | undefined;
  /** Are those marked as left that were lost with an earlier instance of the room? */
  #swept = false;

  /** @param coded has the room code? Else only a backend puts something into a seat, seldom */
  constructor(open: () => SeatStore, coded: boolean, members: Iterable<Socket>) {
    this.#open = open;
    this.#members = members;
    this.#inUse = coded || undefined;
  }

  /**
   * The seat of a socket that is back, or a new one.
   * @param older its older connection's, if that was still there
   */
  take(id: string, recovered: boolean, older: Seat | undefined, now: number): Seat {
    if (!this.#used) return new Seat();
    this.#sweep(id, now);
    if (!recovered) {
      this.#stored.forget(id);
      return new Seat();
    }
    if (older !== undefined) return older;
    const record = this.#stored.load(id);
    if (record !== undefined) this.#stored.back(id);
    return new Seat(record);
  }

  /** A seat after hibernation: its socket never left. */
  restore(id: string): Seat {
    return new Seat(this.#used ? this.#stored.load(id) : undefined);
  }

  /** A crash takes sockets that nobody hears leave, and any eviction those that poll. */
  #sweep(comes: string, now: number): void {
    if (this.#swept) return;
    const here = Array.from(this.#members, ({ id }) => id);
    this.#stored.leftBut([...here, comes], now);
    this.#swept = true;
  }

  touch(socket: Socket): void {
    this.#touched.add(socket);
  }

  /** Stores what changed outside of any turn; what can't be stored is reported and undone. */
  saveLoose(report: (error: unknown) => void): void {
    for (const socket of this.#touched) {
      try {
        this.#save(socket);
      } catch (error) {
        socket.seat.reset();
        report(error);
      }
    }
    this.#touched.clear();
  }

  /** Runs `turn`, and stores or undoes what it changes, by whether it throws. */
  during<T>(turn: () => T): T {
    const before = this.#touched;
    this.#touched = new Set();
    try {
      const result = turn();
      for (const socket of this.#touched) this.#save(socket);
      return result;
    } catch (error) {
      for (const { seat } of this.#touched) seat.reset();
      throw error;
    } finally {
      this.#touched = before;
    }
  }

  #save({ id, seat }: Socket): void {
    if (!seat.changed) return;
    this.#inUse = true;
    const { record } = seat;
    this.#stored.save(id, record, seat.left);
    // Not before: what could not be stored has to be undone.
    seat.keep(record);
  }

  /** A socket is gone, and may come back. */
  leave({ id, seat }: Socket, now: number): void {
    seat.left = now;
    if (seat.stored) this.#stored.left(id, now);
  }

  get #used(): boolean {
    this.#inUse ??= this.#stored.any();
    return this.#inUse;
  }

  get #stored(): SeatStore {
    this.#store ??= this.#open();
    return this.#store;
  }
}
