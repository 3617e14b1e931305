import { describe, expect, it } from "vitest";
import type { Claims } from "../../../src/auth/access.ts";
import type { Handlers } from "../../../src/room/handlers.ts";
import type { IncomingEvent } from "../../../src/room/incoming-event.ts";
import { publish } from "../../../src/room/publish.ts";
import { Refused } from "../../../src/room/refused.ts";
import { EPOCH, Harness, type HarnessOptions } from "../../support/room-harness.ts";

/** A room whose code does this with each event. */
function roomWith(onEvent: Handlers["onEvent"], options: HarnessOptions = {}): Harness {
  const handlers = onEvent === undefined ? {} : { onEvent };
  return new Harness({ handlers, ...options });
}

const relays = (changes?: Parameters<IncomingEvent["relay"]>[0]) =>
  roomWith((_, event) => void event.relay(changes));

const refusal = (code: string, message: string) => ({ error: { code, message } });

describe("an event that the room's code relays", () => {
  it("ROOM-1 ROOM-2 is logged, sent to the others, and acked, as without code", async () => {
    const h = relays();
    const [writer, reader] = [await h.join(), await h.join()];
    expect(await writer.ask("chat", "hi", 1)).toEqual({ offset: `${EPOCH}-1`, duplicate: false });
    expect(reader.events).toEqual([{ name: "chat", args: ["hi", 1], offset: `${EPOCH}-1` }]);
    expect(writer.events).toEqual([]);
    expect(h.log.read({ limit: 9 })).toMatchObject([
      { data: '["chat","hi",1]', sender: writer.id },
    ]);
  });

  it("ROOM-2 goes on byte for byte if the code changes nothing", async () => {
    const h = relays();
    const writer = await h.join();
    writer.send('42["chat",{"a":1.0e2,"\\u0062":0.30000000000000004}]');
    await h.settle();
    expect(h.log.read({ limit: 1 })[0]?.data).toBe(
      '["chat",{"a":1.0e2,"\\u0062":0.30000000000000004}]',
    );
  });

  it("ROOM-2 may get another name and other arguments", async () => {
    const h = roomWith((_, event) => {
      event.relay({ name: "said", args: [String(event.args[0]).toUpperCase()] });
    });
    const [writer, reader] = [await h.join(), await h.join()];
    await writer.ask("chat", "hi");
    expect(reader.events).toMatchObject([{ name: "said", args: ["HI"] }]);
  });

  it("ROOM-2 may go to some only, live and in replay", async () => {
    const h = roomWith((socket, event) => {
      if (event.name === "join") socket.join("red");
      else event.relay({ to: "red", except: [String(event.args[0])] });
    });
    const writer = await h.join();
    const red = await h.join();
    const other = await h.join();
    const away = await h.join();
    for (const client of [red, away]) client.emit("join");
    await h.settle();
    away.drop();
    await writer.ask("chat", "nobody");
    await writer.ask("chat", red.id);
    expect([red.seqs, other.seqs]).toEqual([[1], []]);
    const back = await h.join(away.resume);
    expect(back.transcript.connected?.sid).toBe(away.id);
    expect(back.seqs).toEqual([1, 2]);
  });

  it("ROOM-2 comes back to its sender if it is echoed, in replay too", async () => {
    const h = relays({ echo: true });
    const writer = await h.join();
    await writer.ask("chat");
    expect(writer.seqs).toEqual([1]);
    writer.drop();
    const back = await h.join({ pid: writer.pid, offset: 0 });
    expect(back.seqs).toEqual([1]);
  });

  it("EMIT-7 is not logged if the code says so", async () => {
    const h = relays({ ephemeral: true });
    const [writer, reader] = [await h.join(), await h.join()];
    expect(await writer.ask("wave", 1)).toEqual({ offset: null, ephemeral: true });
    expect(reader.events).toMatchObject([{ name: "wave", args: [1], offset: `${EPOCH}-0` }]);
    expect(h.log.head).toBe(0);
  });

  it("EMIT-7 is ephemeral by its name, unless the code logs it", async () => {
    const ephemeral = ["typing"];
    const h = roomWith((_, event) => void event.relay(), { ephemeral });
    expect(await (await h.join()).ask("typing")).toEqual({ offset: null, ephemeral: true });
    const logged = roomWith((_, event) => void event.relay({ ephemeral: false }), { ephemeral });
    expect(await (await logged.join()).ask("typing")).toMatchObject({ offset: `${EPOCH}-1` });
  });

  it("ROOM-2 is acked with the values that the code gives", async () => {
    const h = relays({ ack: ["stored"] });
    expect(await (await h.join()).ask("chat")).toBe("stored");
  });

  it.each([
    ["to", { to: ["x".repeat(5_000), "y".repeat(5_000)] }],
    ["except", { except: "x".repeat(8_193) }],
    ["args", { args: Array.from({ length: 10_001 }, () => 0) }],
  ])("SUB-14 ENG-9 is refused with more %s than can be logged or read", async (_, changes) => {
    const h = relays(changes);
    const [writer, reader] = [await h.join(), await h.join()];
    expect(await writer.ask("chat")).toEqual(refusal("internal", "the room's code failed"));
    expect([h.log.head, reader.events]).toEqual([0, []]);
    expect(h.reported[0]).toBeInstanceOf(RangeError);
  });

  it("SUB-14 has as many names as fit", async () => {
    const h = relays({ to: Array.from({ length: 8_192 }, () => "x") });
    expect(await (await h.join()).ask("chat")).toMatchObject({ duplicate: false });
  });

  it("ROOM-2 is over: it can't be relayed again", async () => {
    const thrown: unknown[] = [];
    const h = roomWith((_, event) => {
      event.relay();
      try {
        event.relay();
      } catch (error) {
        thrown.push(error);
      }
    });
    await (await h.join()).ask("chat");
    expect(thrown).toMatchObject([{ message: expect.stringContaining("over") }]);
    expect(h.log.head).toBe(1);
  });

  it("ROOM-2 SUB-10 carries binary, changed or not", async () => {
    const seen: unknown[] = [];
    const h = roomWith((_, event) => {
      seen.push(event.args[0]);
      if (event.name === "swap") event.relay({ args: [{ list: [new Uint8Array([9])] }] });
      else event.relay();
    });
    const [writer, reader] = [await h.join(), await h.join()];
    for (const name of ["keep", "swap"]) {
      writer.send(`451-["${name}",{"_placeholder":true,"num":0}]`, "bAQI=");
    }
    await h.settle();
    expect(seen).toEqual([new Uint8Array([1, 2]), new Uint8Array([1, 2])]);
    expect(reader.events.map(({ args }) => args)).toEqual([
      [Buffer.from([1, 2])],
      [{ list: [Buffer.from([9])] }],
    ]);
  });
});

describe("HTTP-1 publishing to a room whose code handles events", () => {
  const claims = (identity: string): Claims => ({ identity, scope: ["write"], rooms: ["*"] });

  async function send(h: Harness, identity: string) {
    const event = { ...plain('["a"]'), name: "a", idempotencyKey: null, ephemeral: false };
    const published = publish(h.room, "lobby", { claims: claims(identity), events: [event] });
    await h.settle();
    return (await published).kind;
  }

  it("takes a key: nobody else gets past the code", async () => {
    const h = relays();
    expect([await send(h, "http"), await send(h, "client:x")]).toEqual(["needs_key", "needs_key"]);
    expect(h.log.head).toBe(0);
    expect([await send(h, "key:backend"), h.log.head]).toEqual(["published", 1]);
  });

  it("is open to all where there is no such code", async () => {
    const h = new Harness({ handlers: { onConnect: () => {} } });
    expect(await send(h, "http")).toBe("published");
  });
});

describe("an event that the room's code does not relay", () => {
  it("ROOM-2 is acked with any values, binary too, and only the first ack counts", async () => {
    const h = roomWith((_, event) => {
      event.ack({ bytes: new Uint8Array([1, 2, 3]) });
      event.ack("second");
    });
    const client = await h.join();
    const id = client.emit("ask");
    await h.settle();
    expect(client.transcript.acksOf(id)).toEqual([{ bytes: Buffer.from([1, 2, 3]) }]);
    expect(h.log.head).toBe(0);
  });

  it("ROOM-2 is refused with a code and a message", async () => {
    const h = roomWith((_, event) => event.refuse("muted", "be quiet"));
    expect(await (await h.join()).ask("chat")).toEqual(refusal("muted", "be quiet"));
    expect(h.log.head).toBe(0);
  });

  it("EMIT-5 gets no ack if the code gives none", async () => {
    const h = roomWith(() => {});
    const client = await h.join();
    const id = client.emit("chat");
    await h.settle();
    expect(client.transcript.acksOf(id)).toEqual([]);
  });
});

describe("code that throws", () => {
  it("ROOM-2 refuses the event, and all that it did is undone", async () => {
    const h = roomWith((socket, event) => {
      socket.join("red");
      socket.data.seen = true;
      h.sql.run("INSERT INTO notes VALUES ('x')");
      event.relay();
      socket.broadcast.emit("more");
      if (event.name === "bad") throw new Error("no good");
    });
    h.log.append(plain('["before"]'), 1);
    h.sql.run("CREATE TABLE notes (text TEXT)");
    const [writer, reader] = [await h.join(), await h.join()];
    expect(await writer.ask("bad")).toEqual(refusal("internal", "the room's code failed"));
    expect([h.log.head, reader.events, h.sql.all("SELECT * FROM notes")]).toEqual([1, [], []]);
    const [view] = h.room.sockets;
    expect([[...(view?.rooms ?? [])], view?.data]).toEqual([[writer.id], {}]);
    expect(h.reported).toMatchObject([{ message: "no good" }]);

    // The room goes on, and seqs have no hole.
    await writer.ask("good");
    expect(reader.seqs).toEqual([2, 3]);
    expect(h.sql.all("SELECT * FROM notes")).toHaveLength(1);
  });

  it("ROOM-2 Refused: all is undone, and the ack says why, with details", async () => {
    const h = roomWith((socket, event) => {
      socket.join("red");
      event.relay();
      throw new Refused("stale", "somebody was faster", { current: { text: "x" } });
    });
    const client = await h.join();
    expect(await client.ask("chat")).toEqual({
      error: { code: "stale", message: "somebody was faster", current: { text: "x" } },
    });
    expect([h.log.head, h.room.sockets[0]?.rooms.size, h.reported]).toEqual([0, 1, []]);
  });

  it("ROOM-2 a transaction of its own is undone alone, with its events", async () => {
    const h = roomWith((_, event) => {
      const log = (name: string) => h.room.socketPorts.log({ ...plain(`["${name}"]`) });
      log("before");
      try {
        h.room.transaction(() => {
          h.sql.run("INSERT INTO notes VALUES ('x')");
          log("phantom");
          throw new Error("no good");
        });
      } catch {
        log("after");
      }
      event.ack("done");
    });
    h.sql.run("CREATE TABLE notes (text TEXT)");
    const [client, reader] = [await h.join(), await h.join()];
    expect(await client.ask("go")).toBe("done");
    expect(reader.events.map(({ name }) => name)).toEqual(["before", "after"]);
    expect([reader.seqs, h.sql.all("SELECT * FROM notes")]).toEqual([[1, 2], []]);
    // Outside of any handler as well.
    const outside = () =>
      h.room.transaction(() => {
        h.room.socketPorts.log({ ...plain('["phantom"]') });
        throw new Error("no good");
      });
    expect(outside).toThrow("no good");
    expect([h.log.head, reader.seqs]).toEqual([2, [1, 2]]);
    expect(h.room.transaction(() => h.room.socketPorts.log({ ...plain('["kept"]') }))).toBe(
      `${EPOCH}-3`,
    );
    expect(reader.seqs).toEqual([1, 2, 3]);
  });

  it("ROOM-2 harms nothing else of the same turn", async () => {
    const h = roomWith((_, event) => {
      if (event.name === "bad") throw new Error("no good");
      event.relay();
    });
    const [one, two, reader] = [await h.join(), await h.join(), await h.join()];
    one.emit("a");
    two.emit("bad");
    one.emit("b");
    await h.settle();
    expect(reader.events.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(reader.seqs).toEqual([1, 2]);
  });

  it("ROOM-2 Refused with details that are no JSON is an error of the code", async () => {
    const h = roomWith(() => {
      throw new Refused("stale", "somebody was faster", { current: 1n });
    });
    const client = await h.join();
    expect(await client.ask("chat")).toEqual(refusal("internal", "the room's code failed"));
    expect(h.reported).toEqual([expect.any(TypeError)]);
  });

  it("ROOM-2 an answer that can't be given keeps no other from its own", async () => {
    const h = roomWith((_, event) => {
      if (event.name !== "bad") return void event.relay();
      throw Object.assign(new Refused("stale", "x"), { details: { current: 1n } });
    });
    const [one, two] = [await h.join(), await h.join()];
    one.emit("bad");
    const id = two.emit("good");
    await h.settle();
    expect(two.transcript.acksOf(id)).toEqual([{ offset: `${EPOCH}-1`, duplicate: false }]);
    expect(h.reported).toEqual([expect.any(TypeError)]);
  });

  it("ROOM-2 after an await refuses the event; what was done before stays", async () => {
    const h = roomWith(async (_, event) => {
      await Promise.resolve();
      if (event.name === "bad") throw new Error("late");
      event.relay();
    });
    const client = await h.join();
    expect(await client.ask("bad")).toEqual(refusal("internal", "the room's code failed"));
    expect(await client.ask("good")).toMatchObject({ duplicate: false });
  });

  it("ROOM-2 with data that is no JSON refuses the event", async () => {
    const h = roomWith((socket, event) => {
      socket.data.count = event.name === "bad" ? 1n : 2;
      event.relay();
    });
    const client = await h.join();
    expect(await client.ask("bad")).toEqual(refusal("internal", "the room's code failed"));
    expect(h.log.head).toBe(0);
    await client.ask("good");
    expect(h.room.sockets[0]?.data).toEqual({ count: 2 });
  });
});

describe("EMIT-2 a retry of what the code relayed", () => {
  it("gets the first one's answer, and the code is not asked again", async () => {
    let calls = 0;
    const h = roomWith((_, event) => {
      calls++;
      event.relay({ args: [`changed ${event.args[0]}`] });
    });
    const [client, reader] = [await h.join(), await h.join()];
    const key = { idempotencyKey: "k" };
    expect(await client.ask("chat", "hi", key)).toEqual({ offset: `${EPOCH}-1`, duplicate: false });
    expect(await client.ask("chat", "hi", key)).toEqual({ offset: `${EPOCH}-1`, duplicate: true });
    expect(await client.ask("chat", "ho", key)).toMatchObject({ error: { code: "key_reused" } });
    expect([calls, reader.seqs]).toEqual([1, [1]]);
  });

  it.each([
    ["for some", { to: "red" }],
    ["for some, and with other arguments", { to: "red", args: ["changed"] }],
  ])("that made it an event %s is one all the same", async (_, changes) => {
    const h = roomWith((_, event) => void event.relay(changes));
    const client = await h.join();
    const key = { idempotencyKey: "k" };
    const first = client.emit("chat", 1, key);
    await h.settle();
    const again = client.emit("chat", 1, key);
    await h.settle();
    expect([first, again].map((id) => client.transcript.acksOf(id))).toEqual([
      [{ offset: `${EPOCH}-1`, duplicate: false }],
      [{ offset: `${EPOCH}-1`, duplicate: true }],
    ]);
    expect(await client.ask("chat", 2, key)).toMatchObject({ error: { code: "key_reused" } });
  });

  it("waits while the code is still busy with the first copy", async () => {
    let calls = 0;
    let finish = () => {};
    const h = roomWith(async (_, event) => {
      calls++;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      event.relay();
    });
    const auth = { clientId: "a-secret-of-a-client" };
    const [one, two, reader] = [await h.join(auth), await h.join(auth), await h.join()];
    const first = one.emit("chat", { idempotencyKey: "k" });
    const second = two.emit("chat", { idempotencyKey: "k" });
    two.emit("next", { idempotencyKey: "k2" });
    await h.settle();
    expect(calls).toBe(1);
    finish();
    await h.settle();
    expect(one.transcript.acksOf(first)).toEqual([{ offset: `${EPOCH}-1`, duplicate: false }]);
    expect(two.transcript.acksOf(second)).toEqual([{ offset: `${EPOCH}-1`, duplicate: true }]);
    finish();
    await h.settle();
    expect([calls, reader.events.map(({ name }) => name)]).toEqual([2, ["chat", "next"]]);
  });
});

function plain(data: string) {
  const event = { namespace: "/", attachments: [], audience: null, sender: null };
  return { ...event, data, publication: null };
}
