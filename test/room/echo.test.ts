import { describe, expect, it } from "vitest";
import { EPOCH, Harness } from "../support/room-harness.ts";

describe("SUB-13 a room that echoes", () => {
  const room = () => new Harness({ echo: true, ephemeral: ["typing"] });

  it("gives the sender its own event, in its place, live and in replay", async () => {
    const h = room();
    const [writer, other] = [await h.join(), await h.join()];
    writer.emit("a");
    other.emit("b");
    writer.emit("c");
    await h.settle();
    expect([writer.seqs, other.seqs]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    writer.drop();
    expect((await h.join({ pid: writer.pid })).seqs).toEqual([1, 2, 3]);
  });

  it("EMIT-2 gives it once, however often it is retried", async () => {
    const h = room();
    const writer = await h.join();
    for (const duplicate of [false, true]) {
      const ack = await writer.ask("a", { idempotencyKey: "k" });
      expect(ack).toEqual({ offset: `${EPOCH}-1`, duplicate });
    }
    expect(writer.seqs).toEqual([1]);
  });

  it("EMIT-7 gives the sender its own ephemeral event too", async () => {
    const h = room();
    const writer = await h.join();
    await writer.ask("typing", 1);
    expect(writer.events).toEqual([{ name: "typing", args: [1], offset: `${EPOCH}-0` }]);
  });
});

describe("ROOM-5 a room without recovery", () => {
  it("speaks plain Socket.IO: no pid, no offset, no replay, none of our own events", async () => {
    const h = new Harness({ recovery: false });
    h.fill(3);
    const clients = [{}, { offset: "0" }, { pid: "x" }, { offset: "garbage" }, { rewind: 2 }];
    const frames: (readonly string[])[] = [];
    for (const auth of clients) {
      const client = h.websocket();
      client.connect(auth);
      await h.settle();
      const writer = h.websocket();
      writer.connect();
      await h.settle();
      writer.send('420["chat",1]');
      await h.settle();
      frames.push(client.wire.frames.slice(1));
      client.drop();
      writer.drop();
    }
    for (const [connect, ...events] of frames) {
      expect(connect).toMatch(/^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
      expect(events).toEqual(['42["chat",1]']);
    }
    expect(h.log.head).toBe(3 + clients.length);
  });
});
