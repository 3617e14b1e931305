import { describe, expect, it } from "vitest";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { EPOCH, Harness } from "../support/room-harness.ts";

describe("what a client may not send", () => {
  it.each([
    ["BAD-34 nothing", ""],
    ["BAD-34 an unknown type", "7"],
    ["BAD-34 NUL", "\u0000"],
    ["BAD-35 an open packet", "0{}"],
    ["BAD-35 a ping", "2"],
    ["BAD-35 a probe", "2probe"],
    ["BAD-40 a second CONNECT", "40"],
    ["BAD-43 a CONNECT with null", "40null"],
    ["BAD-48 a CONNECT_ERROR", '44{"message":"x"}'],
    ["BAD-49 an event without data", "42"],
    ["BAD-51 a reserved name", '42["disconnect"]'],
    ["BAD-57 no attachments", '450-["a"]'],
    ["BAD-39 an event in a namespace that was not joined", '42/orders,["a"]'],
    ["a DISCONNECT from one", "41/orders,"],
  ])("%s ends the session, and nobody else's", async (_, frame) => {
    const h = new Harness();
    const bystander = await h.join();
    const client = await h.join();
    client.send(frame, '42["behind"]');
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect(h.log.head).toBe(0);
    await (await h.join()).ask("chat");
    expect(bystander.seqs).toEqual([1]);
  });

  it("BAD-39 an event before CONNECT ends the session", async () => {
    const h = new Harness();
    const client = h.websocket();
    client.send('42["a"]', "40");
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect(client.transcript.connected).toBeUndefined();
  });

  it("BAD-71 an event after DISCONNECT ends the session", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send("41", '42["a"]');
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect(h.log.head).toBe(0);
  });

  it("BAD-40 a second CONNECT while the first is being checked ends the session", async () => {
    const h = new Harness();
    const client = h.websocket();
    client.send("40", "40");
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect([...h.room.sessions]).toEqual([]);
  });

  it("BAD-55 acks that nobody waits for are ignored", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send("431[]", "431[]", '4399["x"]');
    expect(await client.ask("chat")).toMatchObject({ duplicate: false });
  });

  it("after DISCONNECT a client may CONNECT again", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send("41", "40");
    await h.settle();
    await (await h.join()).ask("chat");
    expect(client.seqs).toEqual([1]);
  });

  it("LIFE-3 what waits behind a CONNECT is bounded", async () => {
    const h = new Harness();
    const client = h.websocket();
    client.connect();
    for (let n = 0; n < 1_001; n++) client.emit("chat", n);
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1008 });
    expect([h.log.head, [...h.room.sessions].length]).toEqual([0, 0]);
  });

  it("a connection that breaks while its CONNECT is checked is sent nothing more", async () => {
    const h = new Harness();
    const client = h.websocket();
    client.connect();
    // The wire itself would still take frames, so whatever is sent is seen.
    h.room.sessions.disconnected(client.wire);
    await h.settle();
    await (await h.join()).ask("chat");
    expect(client.wire.frames).toHaveLength(1);
    expect([...h.room.sessions]).toHaveLength(1);
  });
});

describe("a packet on which the room fails", () => {
  class Failed extends Error {}

  /** A room whose log fails while `failing` says so. */
  function room() {
    const state = { failing: false };
    const log = new Proxy(new MemoryLog(() => EPOCH), {
      get(target, name) {
        if (state.failing && name === "epoch") throw new Failed();
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    return Object.assign(new Harness({ log }), { state });
  }

  it.each([
    ["at once", "42", '1["a"]'],
    ["while it is awaited", "40/orders", ","],
  ])(
    "LIFE-3 %s: its session ends with 1011, and nobody else's; it is told",
    async (_, type, rest) => {
      const h = room();
      const bystander = await h.join();
      const client = await h.join();
      h.state.failing = true;
      client.send(type + rest);
      // Behind one that is awaited it waits, and is not forgotten.
      client.send('422["behind"]');
      await h.settle();
      expect(client.wire.closed).toEqual({ code: 1011, reason: "internal error" });
      expect(h.reported).toEqual([expect.any(Failed)]);
      h.state.failing = false;
      expect(await bystander.ask("chat")).toMatchObject({ duplicate: false });
      expect((await h.join(client.resume)).seqs).toEqual([1]);
    },
  );

  it("LIFE-3 over polling the session is gone, so that its client comes back", async () => {
    const h = room();
    const client = await h.joinPolling();
    h.state.failing = true;
    client.send('421["a"]');
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
    expect(h.reported).toHaveLength(1);
    expect([...h.room.sessions]).toEqual([]);
  });
});
