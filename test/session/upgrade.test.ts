import { describe, expect, it } from "vitest";
import { ENGINE_ERRORS } from "../../src/protocol/engine.ts";
import { Harness } from "../support/room-harness.ts";

async function polling() {
  const h = new Harness();
  const client = await h.joinPolling();
  await client.poll();
  return { h, client };
}

describe("upgrading", () => {
  it("ADDR-3 a probe is answered, and the held GET is let go at once", async () => {
    const { h, client } = await polling();
    const held = client.poll();
    expect(h.room.sessions.refuseUpgrade(client.sid)).toBeUndefined();
    const probe = h.probe(client.sid);
    probe.send("2probe");
    expect(probe.wire.frames).toEqual(["3probe"]);
    expect(await held).toBe("6");
  });

  it("a GET that comes after the probe is let go a little later", async () => {
    const { h, client } = await polling();
    const probe = h.probe(client.sid);
    probe.send("2probe");
    const held = client.poll();
    expect(h.wakes.at(-1)).toBe(h.now + 100);
    h.pass(100);
    expect(await held).toBe("6");
    expect(probe.wire.closed).toBeUndefined();
  });

  it("SUB-4 what waits moves to the WebSocket in order, before anything new", async () => {
    const { h, client } = await polling();
    const writer = await h.join();
    for (const n of [1, 2, 3]) await writer.ask("before", n);
    const probe = h.probe(client.sid);
    probe.send("2probe");
    await writer.ask("probing", 4);
    probe.send("5");
    await writer.ask("after", 5);
    expect(probe.seqs).toEqual([1, 2, 3, 4, 5]);
    expect(await client.poll()).toMatchObject({ code: 3 });
    expect(await probe.ask("mine")).toMatchObject({ duplicate: false });
  });

  it("BAD-11 polling is over then, POSTs and a second upgrade too", async () => {
    const { h, client } = await polling();
    const probe = h.probe(client.sid);
    probe.send("2probe", "5");
    expect(h.room.sessions.refuseUpgrade(client.sid)).toBe("taken");
    client.send('42["late"]');
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
    expect(probe.wire.closed).toBeUndefined();
  });

  it("ENG-8 a GET that is still held then came too late: code 3", async () => {
    const { h, client } = await polling();
    const probe = h.probe(client.sid);
    probe.send("2probe");
    const held = client.poll();
    probe.send("5");
    expect(await held).toEqual(ENGINE_ERRORS.badRequest);
  });

  it("BAD-24 while one WebSocket asks, no second one may", async () => {
    const { h, client } = await polling();
    h.probe(client.sid);
    expect(h.room.sessions.refuseUpgrade(client.sid)).toBe("taken");
  });

  it.each([["2"], ["5"], ["2xyz"], ["4"], ['42["a"]'], [""], ["test"]])(
    "BAD-26 a probe that says %j is closed, and polling lives",
    async (frame) => {
      const { h, client } = await polling();
      const probe = h.probe(client.sid);
      probe.send(frame);
      expect(probe.wire.closed).toMatchObject({ code: 1002 });
      await (await h.join()).ask("chat");
      await client.poll();
      expect(client.seqs).toEqual([1]);
      expect(h.room.sessions.refuseUpgrade(client.sid)).toBeUndefined();
    },
  );

  it("a second probe ping is none", async () => {
    const { h, client } = await polling();
    const probe = h.probe(client.sid);
    probe.send("2probe", "2probe");
    expect(probe.wire.closed).toMatchObject({ code: 1002 });
  });

  it.each([[[]], [["2probe"]]])(
    "BAD-25 after %j and silence the probe is closed",
    async (frames) => {
      const { h, client } = await polling();
      const probe = h.probe(client.sid);
      expect(h.wakes.at(-1)).toBe(h.now + 10_000);
      probe.send(...frames);
      h.pass(9_999);
      expect(probe.wire.closed).toBeUndefined();
      h.pass(1);
      expect(probe.wire.closed).toMatchObject({ reason: "upgrade timeout" });
      await (await h.join()).ask("chat");
      await client.poll();
      expect(client.seqs).toEqual([1]);
      expect(h.room.sessions.refuseUpgrade(client.sid)).toBeUndefined();
    },
  );

  it("a probe that goes leaves the session as it was", async () => {
    const { h, client } = await polling();
    h.probe(client.sid).drop();
    expect(h.room.sessions.refuseUpgrade(client.sid)).toBeUndefined();
    client.send('42["chat"]');
    await h.settle();
    expect(h.log.head).toBe(1);
  });

  it("a probe is closed with its session", async () => {
    const { h, client } = await polling();
    const probe = h.probe(client.sid);
    client.send("1");
    await h.settle();
    expect(probe.wire.closed).toBeDefined();
  });

  it("LIFE-1 an upgraded session is pinged with the others of its room", async () => {
    const { h, client } = await polling();
    await h.join();
    h.now += 5_000;
    const probe = h.probe(client.sid);
    probe.send("2probe", "5");
    h.pass(20_000);
    expect(probe.wire.frames.at(-1)).toBe("2");
  });
});
