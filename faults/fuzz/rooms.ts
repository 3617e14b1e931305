// The other rooms beside the one that is fuzzed. Each has a secret, which nobody may learn in another.
import type { AccessSettings } from "../../src/auth/access.ts";
import { Harness } from "../../test/support/room-harness.ts";

/** Part of what each of them logs, and of how it is set. */
export const SECRET = "only-in-another-room";

export class OtherRooms {
  readonly #access: AccessSettings;
  readonly #rooms = new Map<string, Harness>();

  constructor(access: AccessSettings) {
    this.#access = access;
  }

  open(name: string, now: number): Harness {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const room = new Harness({ name, now, access: this.#access });
    room.fill(1, () => `["chat","${SECRET}"]`);
    room.room.configure({ ephemeral: [SECRET] });
    this.#rooms.set(name, room);
    return room;
  }

  /** Does what is due. */
  turn(): void {
    for (const room of this.#rooms.values()) while (room.turnDue) room.turn();
  }

  /** Logs something, which whoever waits hears of. */
  note(): void {
    const event = { namespace: "/", data: '["note"]', attachments: [], audience: null };
    for (const { room } of this.#rooms.values()) {
      room.submit([{ ...event, sender: null, publication: null }], () => {});
    }
  }

  /** It is now so late. */
  tick(now: number): void {
    for (const room of this.#rooms.values()) room.pass(now - room.now);
  }

  /** What they could tell nobody else of. */
  *reported(): Iterable<unknown> {
    for (const { reported } of this.#rooms.values()) yield* reported.splice(0);
  }
}

/** What a room is like, in one text: who may change nothing leaves it the same. */
export function stateOf({ room }: Harness): string {
  const { epoch, head, first } = room.log;
  const sockets = [...room.members].map(({ id, seat }) => [id, ...seat.rooms.keys()]);
  return JSON.stringify([epoch, head, first, room.behaviour, sockets]);
}
