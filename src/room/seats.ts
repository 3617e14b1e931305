/** The seats of a room in code, and when they are stored. */
import { Seat } from "../session/seat.ts";
import type { Socket } from "../session/socket.ts";
import type { SeatRecord } from "../storage/seat-store.ts";

/** Where seats are kept. */
export type SeatStore = {
  load(id: string): SeatRecord | undefined;
  save(id: string, record: SeatRecord, left: number | null): void;
  forget(id: string): void;
  /** The socket is here again. */
  back(id: string): void;
  left(id: string, now: number): void;
};

export class Seats {
  readonly #open: () => SeatStore;
  #store: SeatStore | undefined;
  /** Those that may have changed since they were stored. */
  #touched = new Set<Socket>();

  constructor(open: () => SeatStore) {
    this.#open = open;
  }

  /**
   * The seat of a socket that is back, or a new one.
   * @param older its older connection's, if that was still there
   */
  take(id: string, recovered: boolean, older: Seat | undefined): Seat {
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
    return new Seat(this.#stored.load(id));
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
    if (seat.changed) this.#stored.save(id, seat.keep(), seat.left);
  }

  /** A socket is gone, and may come back. */
  leave({ id, seat }: Socket, now: number): void {
    seat.left = now;
    if (seat.stored) this.#stored.left(id, now);
  }

  get #stored(): SeatStore {
    this.#store ??= this.#open();
    return this.#store;
  }
}
