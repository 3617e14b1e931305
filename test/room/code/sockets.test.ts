import { describe, expect, it } from "vitest";
import type { Handlers } from "../../../src/room/handlers.ts";
import { Refused } from "../../../src/room/refused.ts";
import type { ConnectingSocket } from "../../../src/room/server-socket.ts";
import {
  EPOCH,
  Harness,
  type HarnessOptions,
  nextEventLoopTurn,
} from "../../support/room-harness.ts";

const roomWith = (handlers: Handlers, options: HarnessOptions = {}) =>
  new Harness({ handlers, ...options });

/** A room whose code does this before it lets anybody in. */
const door = (onConnect: (socket: ConnectingSocket) => void | Promise<void>) =>
  roomWith({ onConnect });

describe("onConnect", () => {
  it("ROOM-2 refuses a client by throwing, with the error's message and data", async () => {
    const h = door(({ handshake }) => {
      if (handshake.auth.name === undefined) {
        throw Object.assign(new Error("who are you?"), { data: { code: "no_name" } });
      }
    });
    const refused = await h.join();
    expect(refused.transcript.errors).toEqual([
      { message: "who are you?", data: { code: "no_name" } },
    ]);
    expect(h.room.sockets).toEqual([]);
    // The session goes on: the client may try again.
    refused.connect({ name: "ann" });
    await h.settle();
    expect(refused.transcript.connected).toBeDefined();
  });

  it("ROOM-2 may await, and what the client sends meanwhile waits", async () => {
    let open: (() => void) | undefined;
    const h = roomWith({
      onConnect: () =>
        new Promise<void>((resolve) => {
          open = resolve;
        }),
      onEvent: (_, event) => void event.relay(),
    });
    const client = h.websocket();
    client.connect();
    const id = client.emit("chat");
    while (open === undefined) {
      await nextEventLoopTurn();
      h.turn();
    }
    expect(client.transcript.connected).toBeUndefined();
    open();
    await h.settle();
    expect(client.transcript.acksOf(id)).toEqual([{ offset: `${EPOCH}-1`, duplicate: false }]);
  });

  it("ROOM-2 that takes too long is a refusal, and says so", async () => {
    const h = roomWith({ onConnect: () => new Promise(() => {}) }, { handlerTimeout: 1 });
    const client = await h.join();
    expect(client.transcript.errors).toEqual([
      { message: "The room took too long", data: { code: "timeout" } },
    ]);
  });

  it("ROOM-2 what it sends its socket comes behind CONNECT, logged for that socket alone", async () => {
    const h = door((socket) => {
      socket.emit("welcome", socket.handshake.auth.name);
      socket.broadcast.emit("joined", socket.id);
    });
    const first = await h.join({ name: "ann" });
    const second = await h.join({ name: "bob" });
    expect(first.events).toMatchObject([
      { name: "welcome", args: ["ann"] },
      { name: "joined", args: [second.id] },
    ]);
    expect(second.events).toMatchObject([{ name: "welcome", args: ["bob"] }]);
    expect(first.transcript.packets[1]).toMatch(/^40/);
  });

  it("ROOM-2 SUB-4 what is logged while it is asked reaches its socket, behind what it sent", async () => {
    let open: (() => void) | undefined;
    const h = roomWith({
      async onConnect(socket) {
        if (socket.handshake.auth.slow === undefined) return;
        socket.ephemeral.emit("snapshot", h.log.head);
        await new Promise<void>((resolve) => {
          open = resolve;
        });
      },
    });
    const writer = await h.join();
    await writer.ask("one");
    const client = h.websocket();
    client.connect({ slow: true });
    while (open === undefined) {
      await nextEventLoopTurn();
      h.turn();
    }
    writer.emit("two");
    while (h.log.head < 2) {
      await nextEventLoopTurn();
      h.turn();
    }
    open();
    await h.settle();
    await writer.ask("three");
    expect(client.transcript.events).toEqual([
      { name: "snapshot", args: [1], offset: `${EPOCH}-1` },
      { name: "two", args: [], offset: `${EPOCH}-2` },
      { name: "three", args: [], offset: `${EPOCH}-3` },
    ]);
  });

  it("ROOM-2 refuses with a code and details by throwing Refused", async () => {
    const h = door(() => {
      throw new Refused("banned", "not you", { until: 5 });
    });
    const client = await h.join();
    expect(client.transcript.errors).toEqual([
      { message: "not you", data: { code: "banned", until: 5 } },
    ]);
  });

  it("ROOM-2 what it sends without logging waits for CONNECT as well", async () => {
    const h = door((socket) => socket.ephemeral.emit("hello", 1));
    expect((await h.join()).events).toEqual([{ name: "hello", args: [1], offset: `${EPOCH}-0` }]);
  });

  it("ROOM-2 what it sends without logging comes before anything of the log, its own too", async () => {
    const h = door((socket) => {
      socket.emit("logged");
      socket.ephemeral.emit("state");
    });
    h.fill(2);
    const names = ({ events }: { readonly events: readonly { readonly name: string }[] }) =>
      events.map(({ name }) => name);
    expect(names(await h.join({ offset: "0" }))).toEqual(["state", "old", "old", "logged"]);
    expect(names(await h.join())).toEqual(["state", "logged"]);
  });

  it("SUB-5 ROOM-1 the older connection is gone, and heard of, before the new one is let in", async () => {
    const order: string[] = [];
    const h = roomWith({
      onConnect(socket) {
        order.push(`${socket.recovered} ${h.room.sockets.length}`);
        socket.data.visits = Number(socket.data.visits ?? 0) + 1;
      },
      onDisconnect: (socket, reason) => void order.push(`${reason} ${socket.data.visits}`),
    });
    const client = await h.join();
    const back = await h.join(client.resume);
    expect(order).toEqual(["false 0", "resumed elsewhere 1", "true 0"]);
    expect([client.wire.closed?.reason, back.id]).toEqual(["resumed elsewhere", client.id]);
    expect(h.room.sockets.map(({ data }) => data.visits)).toEqual([2]);
  });

  it("ROOM-2 may take the socket out again: CONNECT, then DISCONNECT", async () => {
    const h = door((socket) => socket.disconnect());
    const client = await h.join();
    expect(client.transcript.packets.slice(1)).toEqual([expect.stringMatching(/^40/), "41"]);
    expect(h.room.sockets).toEqual([]);
  });

  it("ROOM-2 has auth.token to itself where the relay has no keys", async () => {
    const tokens: unknown[] = [];
    const h = door(({ handshake }) => void tokens.push(handshake.auth.token));
    const client = await h.join({ token: "my own" });
    expect([tokens, client.transcript.errors]).toEqual([["my own"], []]);
  });
});

describe("rooms", () => {
  /** Joins what the client asks for; everything else is relayed to where it says. */
  const channels = () =>
    roomWith({
      onEvent(socket, event) {
        const [room = ""] = event.args.map(String);
        if (event.name === "join") socket.join(room);
        else if (event.name === "leave") socket.leave(room);
        else event.relay({ to: room });
        event.ack([...socket.rooms]);
      },
    });

  it("ROOM-2 a socket is in the room of its own id, and in those that it joined", async () => {
    const h = channels();
    const client = await h.join();
    expect(await client.ask("join", "red")).toEqual([client.id, "red"]);
    expect(await client.ask("join", "red")).toEqual([client.id, "red"]);
    expect(await client.ask("leave", "red")).toEqual([client.id]);
  });

  it("ROOM-2 SUB-14 an event to a room, or an id, reaches those in it, and others by no way", async () => {
    const h = channels();
    const [writer, red, other] = [await h.join(), await h.join(), await h.join()];
    await red.ask("join", "red");
    await writer.ask("x", "red");
    await writer.ask("y", other.id);
    expect([red.seqs, other.seqs, writer.seqs]).toEqual([[1], [2], []]);
    const late = await h.join({ offset: "0" });
    expect(late.seqs).toEqual([]);
  });

  it("ROOM-2 SUB-14 to no room at all is to everybody, as in Socket.IO, and everybody may read it", async () => {
    const h = roomWith({ onEvent: (socket) => void socket.to([]).except([]).emit("news") });
    const reader = await h.join();
    await (await h.join()).ask("go");
    expect(reader.events).toMatchObject([{ name: "news" }]);
    expect(h.log.read({ after: 0, limit: 5, order: "asc" })[0]?.audience).toBeNull();
  });

  it("ROOM-2 SUB-14 replay respects what the socket was in, and since when", async () => {
    const h = channels();
    const [writer, client] = [await h.join(), await h.join()];
    await writer.ask("before", "red");
    await client.ask("join", "red");
    client.drop();
    await writer.ask("after", "red");
    await writer.ask("elsewhere", "blue");
    const back = await h.join({ pid: client.pid, offset: 0 });
    expect(back.events.map(({ name }) => name)).toEqual(["after"]);
    expect(back.transcript.connected?.sid).toBe(client.id);
  });

  it("ROOM-2 SUB-14 what onConnect joins counts for all of the replay: a page reload misses nothing", async () => {
    const h = roomWith({
      onConnect: (socket) => socket.join("red"),
      onEvent: (_, event) => void event.relay({ to: "red" }),
    });
    const writer = await h.join();
    await writer.ask("one");
    const reloaded = await h.join({ offset: "0" });
    expect(reloaded.seqs).toEqual([1]);
  });

  it("SUB-6 a socket that could not resume is in no room, and has no data", async () => {
    const seen: unknown[] = [];
    const h = roomWith({
      onConnect(socket) {
        seen.push([socket.recovered, [...socket.rooms], { ...socket.data }]);
        socket.join("red");
        socket.data.name = "ann";
      },
    });
    const client = await h.join();
    client.drop();
    const back = await h.join({ pid: client.pid });
    const lost = await h.join({ pid: client.pid, offset: "other-5" });
    expect([back.id, lost.id]).toEqual([client.id, client.id]);
    expect(seen).toEqual([
      [false, [client.id], {}],
      [true, [client.id, "red"], { name: "ann" }],
      [false, [client.id], {}],
    ]);
  });
});

describe("questions", () => {
  const asking = (answers: unknown[], timeout = 60_000) =>
    roomWith({
      async onEvent(socket, event) {
        try {
          answers.push(await socket.timeout(timeout).emitWithAck("really?", ...event.args));
        } catch (error) {
          answers.push(error);
        }
        event.ack("done");
      },
    });

  it("ROOM-2 emitWithAck gets what the client answers, and is not logged", async () => {
    const answers: unknown[] = [];
    const h = asking(answers);
    const client = await h.join();
    const id = client.emit("go", 1, new Uint8Array([7]).length);
    await h.settle();
    expect(client.events).toEqual([{ name: "really?", args: [1, 1], offset: `${EPOCH}-0` }]);
    const [question] = client.transcript.questions;
    client.send(`43${question}["yes",{"a":1}]`);
    client.send(`43${question}["again"]`);
    await h.settle();
    expect([answers, client.transcript.acksOf(id), h.log.head]).toEqual([["yes"], ["done"], 0]);
  });

  it("SUB-10 the question and its answer may be binary", async () => {
    const answers: unknown[] = [];
    const h = roomWith({
      async onEvent(socket) {
        answers.push(await socket.emitWithAck("bytes", new Uint8Array([1, 2])));
      },
    });
    const client = await h.join();
    client.emit("go");
    await h.settle();
    expect(client.events).toMatchObject([{ args: [Buffer.from([1, 2])] }]);
    const [question] = client.transcript.questions;
    client.send(`461-${question}[{"_placeholder":true,"num":0}]`, "bAwQ=");
    await h.settle();
    expect(answers).toEqual([new Uint8Array([3, 4])]);
  });

  it("ROOM-2 rejects when no answer comes in time, or the socket is gone", async () => {
    const answers: unknown[] = [];
    const late = asking(answers, 1);
    const client = await late.join();
    client.emit("go");
    while (answers.length === 0) {
      await nextEventLoopTurn();
      late.turn();
    }
    const gone = asking(answers);
    const leaving = await gone.join();
    leaving.emit("go");
    await gone.settle();
    leaving.drop();
    await gone.settle();
    expect(answers).toMatchObject([
      { message: "operation has timed out" },
      { message: "socket has been disconnected" },
    ]);
  });

  it("BAD-55 an answer of somebody else's, or to nothing, is ignored", async () => {
    const answers: unknown[] = [];
    const h = asking(answers);
    const [client, other] = [await h.join(), await h.join()];
    client.emit("go");
    await h.settle();
    const [question] = client.transcript.questions;
    other.send(`43${question}["mine"]`, '43["x"]', "43999[]");
    await h.settle();
    expect([answers, other.wire.closed]).toEqual([[], undefined]);
  });
});

describe("leaving", () => {
  it("ROOM-1 onDisconnect hears of one that is closed because too much of it waits", async () => {
    const ends: string[] = [];
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const h = roomWith({
      onEvent: () => free,
      onDisconnect: (_, reason) => void ends.push(reason),
    });
    const client = await h.join();
    client.emit("first");
    await h.settle();
    for (let i = 0; i < 1_001; i++) client.emit("more", i);
    await h.settle();
    expect([client.wire.closed?.reason, ends]).toEqual(["too many packets", []]);
    resolve();
    await h.settle();
    expect(ends).toEqual(["too many packets"]);
  });

  it("ROOM-1 onDisconnect hears of each end, once, with its reason", async () => {
    const ends: unknown[] = [];
    const h = roomWith({
      onDisconnect: (socket, reason) => void ends.push([socket.id, reason, socket.connected]),
      onEvent(socket, event) {
        if (event.name === "out") socket.disconnect();
        if (event.name === "close") socket.disconnect(true);
      },
    });
    const clients = await Promise.all([h.join(), h.join(), h.join(), h.join()]);
    const [dropped, left, out, closed] = clients;
    dropped?.drop();
    left?.send("41");
    out?.emit("out");
    closed?.emit("close");
    await h.settle();
    expect(ends.toSorted()).toEqual(
      [
        [dropped?.id, "transport close", false],
        [left?.id, "client namespace disconnect", false],
        [out?.id, "server namespace disconnect", false],
        [closed?.id, "server disconnect", false],
      ].toSorted(),
    );
    expect([out?.transcript.disconnects, out?.wire.closed, closed?.wire.closed?.code]).toEqual([
      1,
      undefined,
      1000,
    ]);
  });

  it("ROOM-2 ENG-11 a polling client still fetches what was sent before its session was ended", async () => {
    const h = roomWith({
      onEvent(socket, event) {
        socket.ephemeral.emit("sent", ...event.args);
        socket.disconnect(true);
      },
    });
    const client = await h.joinPolling();
    await client.poll();
    client.emit("go", 1);
    await h.settle();
    expect(await client.poll()).toBe(`42["sent",1,"${EPOCH}-0"]\x1e1`);
    expect(await client.poll()).toMatchObject({ code: 1 });
  });

  it("ENG-11 what it does not fetch in time is gone, and nothing is kept", async () => {
    const h = roomWith({ onEvent: (socket) => socket.disconnect(true) });
    const client = await h.joinPolling();
    await client.poll();
    client.emit("go");
    await h.settle();
    h.wakes.length = 0;
    h.pass(19_999);
    expect(h.wakes).toEqual([h.now + 1]);
    h.wakes.length = 0;
    h.pass(1);
    expect([await client.poll(), h.wakes]).toEqual([
      { code: 1, message: "Session ID unknown", status: 400 },
      [],
    ]);
  });

  it("ROOM-1 comes after the socket's events, even if these take their time", async () => {
    const order: string[] = [];
    let finish = () => {};
    const h = roomWith({
      async onEvent(_, event) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        order.push(event.name);
      },
      onDisconnect: () => void order.push("gone"),
    });
    const client = await h.join();
    client.emit("one");
    client.emit("two");
    await h.settle();
    client.drop();
    for (let i = 0; i < 2; i++) {
      finish();
      await h.settle();
    }
    expect(order).toEqual(["one", "two", "gone"]);
  });
});

describe("join", () => {
  const roomsOf = (socket: { readonly rooms: ReadonlySet<string>; readonly id: string }) =>
    [...socket.rooms].filter((name) => name !== socket.id);

  it("ROOM-2 EMIT-5 beyond what a socket may be in refuses the event, and joins none", async () => {
    const seen: unknown[] = [];
    const h = roomWith(
      {
        onEvent: (socket, event) => {
          seen.push(roomsOf(socket));
          socket.join(event.args as string[]);
          event.ack(roomsOf(socket));
        },
      },
      { limits: { rooms: 3 } },
    );
    const client = await h.join();
    expect(await client.ask("join", "a", "b")).toEqual(["a", "b"]);
    expect(await client.ask("join", "b", "c", "d")).toEqual({
      error: { code: "too_many_rooms", message: "a socket may be in 3 rooms" },
    });
    expect(await client.ask("join", "a", "c", "c")).toEqual(["a", "b", "c"]);
    expect(seen).toEqual([[], ["a", "b"], ["a", "b"]]);
    expect(h.reported).toEqual([]);
  });

  it("ROOM-2 in onConnect refuses the client, with the code", async () => {
    const h = roomWith(
      { onConnect: (socket) => socket.join(["a", "b"]) },
      { limits: { rooms: 1 } },
    );
    expect((await h.join()).transcript.errors).toEqual([
      { message: "a socket may be in 1 rooms", data: { code: "too_many_rooms" } },
    ]);
  });
});
