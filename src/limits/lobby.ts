/** Who is in no namespace: in all, and from one address, they may be only so many. */
import type { Limits } from "./limits.ts";

type Guest = { readonly joined: boolean };

type Capacity = Pick<Limits, "handshakes" | "handshakesPerAddress">;

export class Lobby<G extends Guest> {
  readonly #limits: Capacity;
  readonly #guests = new Map<G, string | undefined>();
  readonly #byAddress = new Map<string, number>();

  constructor(limits: Capacity) {
    this.#limits = limits;
  }

  /**
   * Is there room for one more?
   * @param address where it comes from, if that is known
   */
  admits(address: string | undefined): boolean {
    if (this.#hasRoom(address)) return true;
    // Whoever has joined is not told of: it is found out when that matters.
    for (const guest of this.#guests.keys()) if (guest.joined) this.leave(guest);
    return this.#hasRoom(address);
  }

  /** @param address where it comes from; one that comes back counts where it did, if that is known */
  enter(guest: G, address: string | undefined): void {
    if (this.#guests.has(guest)) return;
    this.#guests.set(guest, address);
    this.#count(address, 1);
  }

  /** It is over, or has joined. */
  leave(guest: G): void {
    const address = this.#guests.get(guest);
    if (this.#guests.delete(guest)) this.#count(address, -1);
  }

  #hasRoom(address: string | undefined): boolean {
    const { handshakes, handshakesPerAddress } = this.#limits;
    if (this.#guests.size >= handshakes) return false;
    return address === undefined || this.#from(address) < handshakesPerAddress;
  }

  #from(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }

  #count(address: string | undefined, change: 1 | -1): void {
    if (address === undefined) return;
    const count = this.#from(address) + change;
    if (count === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, count);
  }
}
