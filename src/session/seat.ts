/** What the code of a room keeps about a socket; it outlives the connection, for when it resumes. */
import type { SeatRecord } from "../storage/seat-store.ts";

export class Seat {
  /** The rooms that the socket is in, each with the seq of the newest event when it joined. */
  rooms = new Map<string, number>();
  /** The code's own; has to be JSON. */
  data: Record<string, unknown> = {};
  /** When its socket left, in milliseconds since 1970; null while it is here. */
  left: number | null = null;
  #kept: string;

  constructor(record?: SeatRecord) {
    this.#kept = JSON.stringify(record ?? EMPTY);
    this.reset();
  }

  /** Does it say something else than what is stored? */
  get changed(): boolean {
    return JSON.stringify(this.record) !== this.#kept;
  }

  /** Is anything of it stored? */
  get stored(): boolean {
    return this.#kept !== JSON.stringify(EMPTY);
  }

  /** What it says now. */
  get record(): SeatRecord {
    return { rooms: [...this.rooms], data: this.data };
  }

  /** This is stored. */
  keep(record: SeatRecord): void {
    this.#kept = JSON.stringify(record);
  }

  /** The log begins anew: whatever is logged from now on is behind its joining. */
  renew(): void {
    for (const room of this.rooms.keys()) this.rooms.set(room, 0);
  }

  /** Goes back to what is stored. */
  reset(): void {
    const { rooms, data }: SeatRecord = JSON.parse(this.#kept);
    this.rooms = new Map(rooms);
    this.data = { ...data };
  }
}

const EMPTY: SeatRecord = { rooms: [], data: {} };
