import { describe, expect, it } from "vitest";
import type { Handlers } from "../../../src/room/handlers.ts";
import { SeatStore } from "../../../src/storage/seat-store.ts";
import { Harness } from "../../support/room-harness.ts";

const DAY = 24 * 60 * 60 * 1_000;

/** What is stored about sockets. */
const stored = (h: Harness) => h.sql.all("SELECT id, rooms, data, left FROM roomlog_sockets");

const named: Handlers = {
  onConnect(socket) {
    if (socket.handshake.auth.name !== undefined) socket.data.name = socket.handshake.auth.name;
  },
};

describe("ROOM-3 what is stored about a socket", () => {
  it("is nothing, as long as the code keeps nothing", async () => {
    const h = new Harness({ handlers: { onEvent: (_, event) => void event.relay() } });
    const client = await h.join();
    await client.ask("a");
    client.drop();
    await h.join(client.resume);
    expect(stored(h)).toEqual([]);
  });

  it("is its rooms and data, and since when it is gone", async () => {
    const h = new Harness({ handlers: named });
    const client = await h.join({ name: "ann" });
    const row = { id: client.id, rooms: "[]", data: '{"name":"ann"}' };
    expect(stored(h)).toEqual([{ ...row, left: null }]);
    h.now += 5;
    client.drop();
    expect(stored(h)).toEqual([{ ...row, left: h.now }]);
    await h.join(client.resume);
    expect(stored(h)).toEqual([{ ...row, left: null }]);
  });

  it("is written once per change, not per event", async () => {
    const h = new Harness({
      handlers: {
        onEvent(socket, event) {
          socket.data.last = event.name;
          socket.join("red");
          event.ack("done");
        },
      },
    });
    const client = await h.join();
    const changes = () => Number(h.sql.all("SELECT total_changes() AS n")[0]?.n);
    await client.ask("a");
    const before = changes();
    for (let i = 0; i < 5; i++) await client.ask("a");
    expect(changes()).toBe(before);
    await client.ask("b");
    expect(changes()).toBe(before + 1);
  });

  it("may still be changed by onDisconnect, and stays that of one who left", async () => {
    const h = new Harness({
      handlers: {
        ...named,
        onDisconnect(socket) {
          socket.data.seen = 7;
        },
      },
    });
    const client = await h.join({ name: "ann" });
    client.drop();
    await h.settle();
    expect(stored(h)).toMatchObject([{ data: '{"name":"ann","seen":7}', left: h.now }]);
  });

  it("is that of one who left, if onConnect refuses it when it comes back", async () => {
    let refuse = false;
    const h = new Harness({
      handlers: {
        onConnect(socket) {
          if (refuse) throw new Error("not now");
          socket.data.name = "ann";
        },
      },
    });
    const client = await h.join();
    client.drop();
    refuse = true;
    h.now += 5;
    expect((await h.join(client.resume)).transcript.errors).toEqual([{ message: "not now" }]);
    expect(stored(h)).toMatchObject([{ data: '{"name":"ann"}', left: h.now }]);
  });

  it("SUB-6 is forgotten when the socket could not resume", async () => {
    const h = new Harness({ handlers: named });
    const client = await h.join({ name: "ann" });
    client.drop();
    const lost = await h.join({ pid: client.pid, offset: "other-9" });
    expect([lost.id, stored(h)]).toEqual([client.id, []]);
  });

  it("goes 7 days after the socket left, and not before", async () => {
    const h = new Harness({ handlers: named });
    const [gone, here] = [await h.join({ name: "ann" }), await h.join({ name: "bob" })];
    gone.drop();
    new SeatStore(h.sql, h.now + 7 * DAY);
    expect(stored(h)).toHaveLength(2);
    new SeatStore(h.sql, h.now + 7 * DAY + 1);
    expect(stored(h)).toMatchObject([{ id: here.id }]);
  });

  it("is that of one who left, if it was lost with the room's memory, once somebody comes", async () => {
    const h = new Harness({ handlers: named });
    const [here, lost] = [await h.join({ name: "ann" }), await h.join({ name: "bob" })];
    const back = await h.join({ name: "eve" });
    // The room was evicted, and of two sockets nothing is left to restore.
    const woken = new Harness({ sql: h.sql, now: h.now + 5, handlers: named });
    woken.room.sessions.restore([[here.wire, here.wire.saved]], woken.now);
    const changes = () => Number(h.sql.all("SELECT total_changes() AS n")[0]?.n);
    const before = changes();
    expect(stored(woken).map(({ left }) => left)).toEqual([null, null, null]);
    await woken.join(back.resume);
    await woken.join();
    const left = Object.fromEntries(stored(woken).map(({ id, left }) => [id, left]));
    expect(left).toEqual({ [here.id]: null, [back.id]: null, [lost.id]: woken.now });
    expect(changes()).toBe(before + 1);
    new SeatStore(h.sql, woken.now + 7 * DAY + 1);
    expect(stored(woken).map(({ id }) => id)).not.toContain(lost.id);
  });
});
