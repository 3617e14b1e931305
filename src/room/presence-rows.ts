/** Keeps the stored members in step with the room: as few rows as an eviction makes necessary. */
import type { PresenceRow } from "../storage/presence-store.ts";

/** Where they are kept. */
export type PresenceStore = {
  load(): PresenceRow[];
  save(row: PresenceRow): void;
  delete(id: string): void;
};

export class PresenceRows {
  readonly #open: () => PresenceStore;
  #store: PresenceStore | undefined;
  /** Ids that have a row, each with its `until`; undefined while nobody has looked. */
  #stored: Map<string, number | null> | undefined;
  /** Ids whose rows may have to change. */
  readonly #touched = new Set<string>();

  constructor(open: () => PresenceStore) {
    this.#open = open;
  }

  /** All that is stored. */
  load(): PresenceRow[] {
    this.#store ??= this.#open();
    const rows = this.#store.load();
    this.#stored = new Map(rows.map(({ id, until }) => [id, until]));
    return rows;
  }

  touch(id: string): void {
    this.#touched.add(id);
  }

  /**
   * Looks at all ids that were touched since: one that has come back in the meantime costs nothing.
   * @param wanted what is to be stored of an id, if anything is
   */
  save(wanted: (id: string) => PresenceRow | undefined): void {
    if (this.#touched.size === 0) return;
    this.#store ??= this.#open();
    this.#stored ??= new Map(this.#store.load().map(({ id, until }) => [id, until]));
    for (const id of this.#touched) {
      const row = wanted(id);
      // A row without an end may stay behind when its socket has taken a WebSocket: it says nothing wrong.
      if (row !== undefined && this.#stored.get(id) !== row.until) {
        this.#store.save(row);
        this.#stored.set(id, row.until);
      } else if (row === undefined && this.#stored.has(id)) {
        this.#store.delete(id);
        this.#stored.delete(id);
      }
      this.#touched.delete(id);
    }
  }
}
