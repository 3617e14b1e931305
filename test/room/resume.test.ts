import { describe, expect, it } from "vitest";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const CLIENT = { clientId: "0123456789abcdef" };

describe.each(LOGS)("resuming in a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });

  it("SUB-5 a resumed socket keeps its id and its pid", async () => {
    const h = room();
    const first = await h.join();
    await (await h.join()).ask("chat", 1);
    first.drop();
    await (await h.join()).ask("chat", 2);
    const again = await h.join(first.resume);
    expect([again.id, again.pid]).toEqual([first.id, first.pid]);
    expect(again.seqs).toEqual([2]);
    expect(again.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
  });

  it("SUB-4 cut off before its first event, a socket misses nothing", async () => {
    const h = room();
    h.fill(3);
    const first = await h.join();
    first.drop();
    await (await h.join()).ask("chat");
    const { pid } = first;
    for (const auth of [{ pid }, { pid, offset: null }]) {
      const again = await h.join(auth);
      expect(again.seqs).toEqual([4]);
      expect([again.id, again.pid]).toEqual([first.id, pid]);
    }
  });

  it("SUB-4 cut off before its first rewound event, a socket gets the same ones", async () => {
    const h = room();
    h.fill(5);
    const first = await h.join({ rewind: 2 });
    first.drop();
    await (await h.join()).ask("chat");
    const again = await h.join({ rewind: 2, pid: first.pid });
    expect(again.seqs).toEqual([4, 5, 6]);
    expect(again.pid).toBe(first.pid);
  });

  it("SUB-5 the older connection of a pid is closed first", async () => {
    const h = room();
    const ghost = await h.join();
    const again = await h.join(ghost.resume);
    expect(ghost.wire.closed).toMatchObject({ code: 1000 });
    expect([...h.room.sessions].map(({ sid }) => sid)).toEqual([again.sid]);
    await (await h.join()).ask("chat");
    expect(ghost.seqs).toEqual([]);
    expect(again.seqs).toEqual([1]);
  });

  it("SUB-5 the end of a ghost does not end the socket that took its place", async () => {
    const h = room();
    const ghost = await h.join();
    const again = await h.join(ghost.resume);
    h.room.sessions.disconnected(ghost.wire);
    await (await h.join()).ask("chat");
    expect(again.seqs).toEqual([1]);
    const third = await h.join(again.resume);
    expect(again.wire.closed).toMatchObject({ code: 1000 });
    expect(third.id).toBe(ghost.id);
  });

  it("SUB-5 of two that resume at once one stays, and it is live", async () => {
    const h = room();
    const first = await h.join();
    first.drop();
    const two = [h.websocket(), h.websocket()];
    for (const client of two) client.connect(first.resume);
    await h.settle();
    const open = two.filter(({ wire }) => wire.closed === undefined);
    expect(open).toHaveLength(1);
    await (await h.join()).ask("chat");
    expect(open[0]?.seqs).toEqual([1]);
  });

  it("SUB-4 resuming again and again loses nothing and repeats nothing", async () => {
    const h = room();
    const writer = await h.join();
    let reader = await h.join();
    const seen: number[] = [];
    for (let n = 1; n <= 10; n++) {
      await writer.ask("chat", n);
      seen.push(...reader.seqs);
      reader.drop();
      await writer.ask("missed", n);
      reader = await h.join(reader.resume);
    }
    seen.push(...reader.seqs);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("EMIT-1 on resume too the sender does not get its own events", async () => {
    const h = room();
    const other = await h.join();
    const sender = await h.join(CLIENT);
    await sender.ask("mine", 1);
    await other.ask("yours", 2);
    await sender.ask("mine", 3);
    sender.drop();
    const again = await h.join({ ...CLIENT, pid: sender.pid });
    expect(again.seqs).toEqual([2]);
    expect(again.notices[0]?.args).toEqual([{ offset: `${EPOCH}-3`, replayed: 1 }]);
  });

  it("EMIT-1 an emit that was not acked before the drop is not sent back either", async () => {
    const h = room();
    const sender = await h.join();
    sender.emit("mine");
    sender.drop();
    await h.settle();
    expect(h.log.head).toBe(1);
    const again = await h.join(sender.resume);
    expect(again.seqs).toEqual([]);
  });

  it.each([
    ["nonsense"],
    [""],
    [7],
    ["2"],
    [`${EPOCH}-2`],
    [{}],
    [`${"s".repeat(28)}.nonsense`],
    [`short.${EPOCH}-1`],
  ])("SUB-6 a pid that can't be read, %j, is a gap, and gives a new one", async (pid) => {
    const h = room();
    h.fill(3);
    const reader = await h.join({ pid });
    expect(reader.notices[0]).toMatchObject({
      name: "roomlog:gap",
      args: [{ reason: "malformed", first: `${EPOCH}-1`, head: `${EPOCH}-3` }],
    });
    expect(reader.seqs).toEqual([1, 2, 3]);
    expect(reader.pid).toMatch(/^[A-Za-z0-9_-]{28}\./);
    expect(reader.pid).not.toBe(pid);
  });

  it("a pid that is null is none", async () => {
    const h = room();
    h.fill(3);
    const reader = await h.join({ pid: null, offset: null, clientId: null, token: null });
    expect(reader.transcript.events).toEqual([]);
    expect(reader.id).not.toBe("");
  });
});
