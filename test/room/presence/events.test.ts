import { describe, expect, it } from "vitest";
import type { Handlers } from "../../../src/room/handlers.ts";
import type { WireClient } from "../../support/room-client.ts";
import { Harness, nextEventLoopTurn } from "../../support/room-harness.ts";
import { changes, stored, told, wait, watched } from "./support.ts";

/** What a client was told first. */
function presenceOf({ notices }: WireClient) {
  return notices[0]?.args[0] as { readonly members: readonly unknown[]; readonly count?: number };
}

const SINCE = "2023-11-14T22:13:20.000Z";

describe("PRES-5 a socket that watches", () => {
  it("is told who is here, itself included, then who comes and goes", async () => {
    const h = new Harness();
    const ann = await h.join({ data: { name: "Ann" } });
    const watcher = await h.join({ presence: true });
    const bob = await h.join({ data: "Bob" });
    ann.send("41");
    await h.settle();
    const member = (id: string, data: unknown) => ({ id, identity: null, data, since: SINCE });
    expect(watcher.notices.map(({ name, args }) => [name, ...args])).toEqual([
      [
        "roomlog:presence",
        { members: [member(ann.id, { name: "Ann" }), member(watcher.id, null)] },
      ],
      ["roomlog:join", member(bob.id, "Bob")],
      ["roomlog:leave", { id: ann.id, identity: null, reason: "client namespace disconnect" }],
    ]);
    expect(ann.notices).toEqual([]);
  });

  it("hears of its own namespace only", async () => {
    const { h, watcher } = await watched();
    const other = h.websocket();
    other.send("40/orders,");
    await h.settle();
    other.send("41/orders,");
    await h.settle();
    expect(told(watcher)).toEqual([]);
  });

  it("SUB-8 gets with each how far it has come, in the middle of a replay too", async () => {
    const h = new Harness();
    h.fill(1_300);
    const watcher = h.websocket();
    watcher.connect({ offset: "0", presence: true });
    while (watcher.id === "") await nextEventLoopTurn();
    await h.settle();
    const names = watcher.transcript.events.map(({ name }) => name);
    // The first page leaves with CONNECT, and presence with the turn of the second.
    expect(names.indexOf("roomlog:presence")).toBe(1_000);
    for (const [i, { name, offset }] of watcher.transcript.events.entries()) {
      if (name === "roomlog:presence") expect(offset).toBe("ep0ch-1000");
      else if (name === "old") expect(offset).toBe(`ep0ch-${i < 1_000 ? i + 1 : i}`);
    }
    expect(watcher.seqs).toHaveLength(1_300);
    await (await h.join()).ask("chat");
    expect(watcher.notices.at(-1)).toMatchObject({ name: "roomlog:join", offset: "ep0ch-1300" });
  });

  it("nothing of it is logged", async () => {
    const { h } = await watched();
    (await h.join()).drop();
    await wait(h, 10_000);
    expect(h.log.head).toBe(0);
  });

  it("in envelope form too gets Roomlog's own events as they are", async () => {
    const h = new Harness();
    h.format = "envelope";
    const watcher = await h.join({ presence: true });
    expect(watcher.notices[0]?.args).toMatchObject([{ members: [{ id: watcher.id }] }]);
  });

  it("is not told more than 1,000 members, and then how many there are", async () => {
    const h = new Harness();
    for (let i = 0; i < 1_000; i++) h.websocket().connect({ data: i });
    await h.settle();
    const watcher = await h.join({ presence: true });
    const { members, count } = presenceOf(watcher);
    expect([members.length, count]).toEqual([1_000, 1_001]);
  });

  it("is not told more than 256 Ki characters of members", async () => {
    const h = new Harness();
    for (let i = 0; i < 300; i++) h.websocket().connect({ data: "x".repeat(1_000) });
    await h.settle();
    const watcher = await h.join({ presence: true });
    const { members, count } = presenceOf(watcher);
    expect(count).toBe(301);
    expect(JSON.stringify(members).length).toBeLessThan(256 * 1_024 + 2_000);
    expect(members.length).toBeGreaterThan(200);
  });

  it("that can't keep up is told all again when it can", async () => {
    const { h, watcher } = await watched();
    const writer = await h.join();
    told(watcher);
    for (let i = 0; i < 5; i++) writer.emit("big", "x".repeat(300_000));
    await h.settle();
    const late = await h.join();
    await h.settle();
    expect(told(watcher)).toEqual([]);
    expect(watcher.wire.saved).toMatchObject({ sockets: [{ watch: "owed" }] });
    await watcher.drain();
    expect(told(watcher)).toEqual([`presence ${watcher.id} ${writer.id} ${late.id}`]);
    expect(watcher.wire.saved).toMatchObject({ sockets: [{ watch: "told" }] });
  });

  it("that is behind with nothing else is told all again too", async () => {
    const { h, watcher } = await watched();
    for (let i = 0; i < 1_000; i++) h.websocket().connect({ data: "x".repeat(1_000) });
    await h.settle();
    expect(told(watcher).length).toBeLessThan(1_000);
    await watcher.drain();
    expect(told(watcher)).toEqual([expect.stringMatching(/^presence /)]);
  });

  it("is told when it is its turn, if many come at once", async () => {
    const h = new Harness();
    for (let i = 0; i < 200; i++) h.websocket().connect({ data: "x".repeat(1_000) });
    await h.settle();
    const watchers = Array.from({ length: 100 }, () => h.websocket());
    for (const watcher of watchers) watcher.connect({ presence: true });
    while (watchers.some(({ id }) => id === "")) await nextEventLoopTurn();
    h.turn();
    const lists = () =>
      watchers.map(
        ({ notices }) => notices.filter(({ name }) => name === "roomlog:presence").length,
      );
    // A list has some 230,000 characters, and a turn sends 8 Mi.
    expect(lists().filter((count) => count === 1)).toHaveLength(37);
    await h.settle();
    expect(lists()).toEqual(watchers.map(() => 1));
  });

  it("a thousand joins at once are told one by one, each once", async () => {
    const { h, watcher } = await watched();
    const joining = Array.from({ length: 1_000 }, () => h.websocket());
    for (const client of joining) client.connect();
    await h.settle();
    expect(told(watcher).sort()).toEqual(joining.map(({ id }) => `join ${id}`).sort());
  });

  it("hears nothing any more once it has left", async () => {
    const { h, watcher } = await watched();
    watcher.send("41");
    await h.join();
    expect(told(watcher)).toEqual([]);
  });

  it("ROOM-5 is not there in a room without recovery", async () => {
    const h = new Harness({ recovery: false });
    const client = h.websocket();
    client.connect({ presence: true });
    await h.settle();
    await h.join();
    expect(client.wire.frames.filter((frame) => frame.startsWith("42"))).toEqual([]);
  });
});

describe("PRES-5 a room where nobody watches", () => {
  it("writes no row for who comes and goes, and asks for no wake-up", async () => {
    const h = new Harness();
    const first = await h.join();
    const [before, wakes] = [changes(h), h.wakes.length];
    first.drop();
    await h.settle();
    expect(h.turnDue).toBe(false);
    expect([changes(h), h.wakes.length]).toEqual([before, wakes]);
    expect(stored(h)).toEqual([]);
  });
});

describe("PRES-5 what a socket asks for", () => {
  const errors = async (auth: object, options = {}) =>
    (await new Harness(options).join(auth)).transcript.errors;

  it.each([1, "true", {}, []])("auth.presence: %j is refused", async (presence) => {
    expect(await errors({ presence })).toMatchObject([{ data: { code: "invalid_presence" } }]);
  });

  it.each([false, null])("auth.presence: %j is a no", async (presence) => {
    const client = await new Harness().join({ presence });
    expect(client.id).not.toBe("");
    expect(client.notices).toEqual([]);
  });

  it("takes the scope presence", async () => {
    const access = { keys: [], anonymous: ["read", "write"] as const };
    expect(await errors({ presence: true }, { access })).toMatchObject([
      { data: { code: "forbidden" } },
    ]);
    expect(await errors({}, { access })).toEqual([]);
  });

  it("takes a key or token in a room with code, however open it is", async () => {
    const handlers: Handlers = { onEvent: (_, event) => void event.relay() };
    expect(await errors({ presence: true }, { handlers })).toMatchObject([
      { data: { code: "forbidden" } },
    ]);
  });
});

describe("PRES-4 auth.data", () => {
  const BYTES = 1_024;
  const data = (bytes: number) => "x".repeat(bytes - 2);

  it.each([
    ["as much as may be", data(BYTES)],
    ["nothing", null],
    ["false", false],
    ["nested", { a: [{ b: null }] }],
  ])("%s is taken", async (_, data) => {
    const { watcher, h } = await watched();
    const client = await h.join({ data });
    expect(watcher.notices.at(-1)?.args).toMatchObject([{ id: client.id, data }]);
  });

  it.each([
    ["a byte more", data(BYTES + 1)],
    ["fewer characters of more bytes", "ä".repeat(512)],
  ])("%s is refused", async (_, data) => {
    const client = await new Harness().join({ data });
    expect(client.transcript.errors).toMatchObject([{ data: { code: "invalid_data" } }]);
  });

  it("that of a connection's namespaces has 3,072 bytes together", async () => {
    const h = new Harness({ namespaces: ["*"] });
    const client = h.websocket();
    for (const name of ["a", "b", "c", "d"])
      client.send(`40/${name},${JSON.stringify({ data: data(BYTES) })}`);
    await h.settle();
    const answers = client.wire.frames.filter((frame) => frame.startsWith("4"));
    expect(answers.map((frame) => frame.slice(0, 4))).toEqual(["40/a", "40/b", "40/c", "44/d"]);
    expect(answers[3]).toContain("invalid_data");
  });

  it("is the code's own affair where a room has code: socket.data is shown", async () => {
    const handlers: Handlers = {
      onConnect(socket) {
        socket.data.name = socket.handshake.auth.data;
      },
    };
    const h = new Harness({ handlers });
    const client = await h.join({ data: "x".repeat(2_000) });
    expect(client.transcript.errors).toEqual([]);
  });
});
