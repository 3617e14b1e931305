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
});
