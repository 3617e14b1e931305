import { describe, expect, it } from "vitest";
import { Harness } from "../../support/room-harness.ts";
import { changes, hibernate, stored, told, wait, watched } from "./support.ts";

describe("PRES-6 one that leaves without a word", () => {
  it("is told as left when nobody came back within the grace time", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.drop();
    await wait(h, 9_999);
    expect(told(watcher)).toEqual([]);
    await wait(h, 1);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
    expect(h.wakes).toContain(h.now);
    await wait(h, 60_000);
    expect(told(watcher)).toEqual([]);
  });

  it("and resumes is told neither as left nor as come, and keeps its since", async () => {
    const { h, watcher } = await watched();
    const client = await h.join({ data: "Ann" });
    told(watcher);
    h.now += 5_000;
    client.drop();
    await wait(h, 9_999);
    const again = await h.join({ ...client.resume, data: "Ann" });
    expect(again.id).toBe(client.id);
    await wait(h, 60_000);
    expect(told(watcher)).toEqual([]);
    again.drop();
    await wait(h, 10_000);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
  });

  it("or is taken over by its next connection, is not told at all", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    const again = await h.join(client.resume);
    expect(client.wire.closed?.reason).toBe("resumed elsewhere");
    await wait(h, 60_000);
    expect([again.id, told(watcher)]).toEqual([client.id, []]);
  });

  it("and could not resume, but has its id, is not told either", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.drop();
    const again = await h.join({ pid: client.pid, offset: "gone-1" });
    expect(again.notices[0]?.name).toBe("roomlog:gap");
    await wait(h, 60_000);
    expect([again.id, told(watcher)]).toEqual([client.id, []]);
  });

  it("and comes back with other data is told as come, once more", async () => {
    const { h, watcher } = await watched();
    const client = await h.join({ data: "Ann" });
    told(watcher);
    client.drop();
    await h.join({ ...client.resume, data: "Anna" });
    await wait(h, 60_000);
    expect(told(watcher)).toEqual([`join ${client.id}`]);
    expect(watcher.notices.at(-1)?.args).toMatchObject([{ data: "Anna" }]);
  });

  it("and comes back too late has come anew", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.drop();
    await wait(h, 10_000);
    await h.join(client.resume);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`, `join ${client.id}`]);
    const since = new Date(h.now).toISOString();
    expect(watcher.notices.at(-1)?.args).toMatchObject([{ since }]);
  });

  it("is still among those who are here for who asks in between, and then told as left", async () => {
    const h = new Harness();
    const client = await h.join();
    client.drop();
    await wait(h, 4_000);
    const watcher = await h.join({ presence: true });
    expect(told(watcher)).toEqual([`presence ${watcher.id} ${client.id}`]);
    await wait(h, 6_000);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
  });

  it("is not among them when the grace time was over before", async () => {
    const h = new Harness();
    const client = await h.join();
    client.drop();
    h.now += 10_000;
    const watcher = await h.join({ presence: true });
    expect(told(watcher)).toEqual([`presence ${watcher.id}`]);
  });

  it("a grace time of 0 still lets a connection be taken over unnoticed", async () => {
    const { h, watcher } = await watched({ presenceGrace: 0 });
    const client = await h.join();
    told(watcher);
    const again = await h.join(client.resume);
    await wait(h, 0);
    expect(told(watcher)).toEqual([]);
    again.drop();
    await wait(h, 0);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
  });
});

describe("PRES-6 one that says goodbye", () => {
  it("is told as left at once, and as come when it is back", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.send("41");
    await h.settle();
    expect(told(watcher)).toEqual([`leave ${client.id} client namespace disconnect`]);
    const again = await h.join(client.resume);
    expect([again.id, told(watcher)]).toEqual([client.id, [`join ${client.id}`]]);
  });

  it("has said so, if its connection breaks right behind", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.send("41");
    client.drop();
    await wait(h, 60_000);
    expect(told(watcher)).toEqual([`leave ${client.id} client namespace disconnect`]);
  });
});

describe("PRES-6 a watcher that resumes", () => {
  it("is told anew who is here: what it missed is in that", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    watcher.drop();
    client.send("41");
    const late = await h.join();
    const again = await h.join({ ...watcher.resume, presence: true });
    expect(told(again)).toEqual([`presence ${late.id} ${again.id}`]);
  });
});

describe("PRES-7 hibernation", () => {
  it("members are known from their sockets, and a resume is not noticed", async () => {
    const { h, watcher } = await watched();
    const client = await h.join({ data: "Ann" });
    told(watcher);
    const woken = await hibernate(h, watcher, client);
    expect(stored(woken)).toEqual([]);
    woken.now += 1_000;
    const again = await woken.join({ ...client.resume, data: "Ann" });
    await woken.settle();
    expect([again.id, told(watcher)]).toEqual([client.id, []]);
    const other = await woken.join({ presence: true });
    expect(other.notices[0]?.args).toMatchObject([
      { members: [{ id: watcher.id }, { since: new Date(h.now).toISOString() }, {}] },
    ]);
  });

  it("one whose close is heard of only now is told as left", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    const woken = await hibernate(h, watcher);
    woken.room.sessions.disconnected(client.wire, client.wire.saved);
    await wait(woken, 10_000);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
  });

  it("a ghost is told as left when the heartbeat gives it up", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    const woken = await hibernate(h, watcher, client);
    for (let waited = 0; client.wire.closed === undefined && waited < 200_000; waited += 5_000) {
      watcher.wire.pong = woken.now;
      await wait(woken, 5_000);
    }
    await wait(woken, 10_000);
    expect(told(watcher)).toEqual([`leave ${client.id} ping timeout`]);
  });

  it("a leave that is pending comes after it, at its time", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.drop();
    await wait(h, 4_000);
    expect(stored(h)).toEqual([{ id: client.id, until: h.now + 6_000 }]);
    let woken = await hibernate(h, watcher);
    expect(woken.wakes).toContain(h.now + 6_000);
    await wait(woken, 5_000);
    woken = await hibernate(woken, watcher);
    expect(told(watcher)).toEqual([]);
    await wait(woken, 1_000);
    expect(told(watcher)).toEqual([`leave ${client.id} transport close`]);
    expect(stored(woken)).toEqual([]);
  });

  it("a leave that is pending is still unnoticed if its socket resumes", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    told(watcher);
    client.drop();
    await h.settle();
    const woken = await hibernate(h, watcher);
    await woken.join(client.resume);
    await wait(woken, 60_000);
    expect([told(watcher), stored(woken)]).toEqual([[], []]);
  });

  it("one that polled dies with it, and is told as left if it does not come back", async () => {
    const { h, watcher } = await watched();
    const [gone, back] = [await h.joinPolling(), await h.joinPolling()];
    for (const client of [gone, back]) await client.drain();
    told(watcher);
    const woken = await hibernate(h, watcher);
    await wait(woken, 5_000);
    expect(told(watcher)).toEqual([]);
    await woken.join(back.resume);
    await wait(woken, 5_000);
    expect(told(watcher)).toEqual([`leave ${gone.id} transport close`]);
    expect(stored(woken)).toEqual([]);
  });

  it("a watcher that came later is told of those who polled before", async () => {
    const h = new Harness();
    const poller = await h.joinPolling();
    await poller.drain();
    expect(stored(h)).toEqual([]);
    const watcher = await h.join({ presence: true });
    expect(stored(h)).toEqual([{ id: poller.id, until: null }]);
    const woken = await hibernate(h, watcher);
    await wait(woken, 10_000);
    expect(told(watcher)).toEqual([
      `presence ${poller.id} ${watcher.id}`,
      `leave ${poller.id} transport close`,
    ]);
  });

  it("who polled and was upgraded is known from its WebSocket", async () => {
    const { h, watcher } = await watched();
    const poller = await h.joinPolling();
    await poller.drain();
    const probe = h.probe(poller.sid);
    probe.send("2probe", "5");
    told(watcher);
    const woken = await hibernate(h, watcher, probe);
    await wait(woken, 20_000);
    expect(told(watcher)).toEqual([]);
    probe.wire.close(1006, "dropped");
    woken.room.sessions.disconnected(probe.wire);
    await wait(woken, 10_000);
    expect(told(watcher)).toEqual([`leave ${poller.id} transport close`]);
    expect(stored(woken)).toEqual([]);
  });

  it("what was stored for watchers that are gone is told to nobody", async () => {
    const { h, watcher } = await watched();
    const poller = await h.joinPolling();
    await poller.drain();
    expect(stored(h)).toHaveLength(1);
    const woken = await hibernate(h);
    const again = await woken.join({ ...watcher.resume, presence: true });
    await wait(woken, 20_000);
    expect(told(again)).toEqual([`presence ${again.id}`]);
    expect(stored(woken)).toEqual([]);
  });

  it("a watcher that was owed who is here gets it after it", async () => {
    const { h, watcher } = await watched();
    const [kept] = (watcher.wire.saved as { sockets: [object] }).sockets;
    watcher.wire.saved = {
      ...(watcher.wire.saved as object),
      sockets: [{ ...kept, watch: "owed" }],
    };
    const woken = await hibernate(h, watcher);
    expect(told(watcher)).toEqual([`presence ${watcher.id}`]);
    expect(woken.turnDue).toBe(false);
  });

  it("a leave costs two rows, and who comes back in the same turn none", async () => {
    const { h, watcher } = await watched();
    const client = await h.join();
    const before = changes(h);
    const again = await h.join(client.resume);
    expect(changes(h)).toBe(before);
    again.drop();
    await h.settle();
    expect(changes(h)).toBe(before + 1);
    await wait(h, 10_000);
    expect(changes(h)).toBe(before + 2);
    expect(told(watcher).at(-1)).toBe(`leave ${client.id} transport close`);
  });

  it("an attachment of before presence is read: its socket came when its session was opened", async () => {
    const h = new Harness();
    const client = await h.join();
    const { sockets, ...session } = client.wire.saved as { sockets: [{ since?: number }] };
    const { since, ...old } = sockets[0];
    expect(since).toBe(h.now);
    client.wire.saved = { ...session, openedAt: 5, sockets: [old] };
    const woken = await hibernate(h, client);
    const watcher = await woken.join({ presence: true });
    const member = { id: client.id, data: null, since: "1970-01-01T00:00:00.005Z" };
    expect(watcher.notices[0]?.args).toMatchObject([{ members: [member, {}] }]);
  });
});
