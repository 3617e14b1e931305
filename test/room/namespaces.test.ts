import { describe, expect, it } from "vitest";
import { publish } from "../../src/room/publish.ts";
import type { WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

/** What a CONNECT to `namespace` was answered with. */
async function connect(h: Harness, client: WireClient, namespace: string, auth: object = {}) {
  client.send(`40${namespace},${JSON.stringify(auth)}`);
  await h.settle();
  const prefix = new RegExp(`^4[04]${namespace},`);
  const answer = client.wire.frames.find((frame) => prefix.test(frame)) ?? "";
  return { type: answer.slice(0, 2), ...JSON.parse(answer.replace(prefix, "")) };
}

function framesOf(client: WireClient, prefix: string): string[] {
  return client.wire.frames.filter((frame) => frame.startsWith(prefix));
}

describe.each(LOGS)("namespaces of a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog(), namespaces: ["*"] });

  it("ADDR-4 events stay in their namespace, in one order of seqs", async () => {
    const h = room();
    const reader = await h.join();
    await connect(h, reader, "/orders");
    const writer = await h.join();
    await connect(h, writer, "/orders");
    writer.send('42["a"]', '42/orders,["b"]', '42/orders,7["c"]', '42["d"]');
    await h.settle();
    const frames = framesOf(reader, "42");
    expect(frames).toEqual([
      `42["a","${EPOCH}-1"]`,
      `42/orders,["b","${EPOCH}-2"]`,
      `42/orders,["c","${EPOCH}-3"]`,
      `42["d","${EPOCH}-4"]`,
    ]);
    expect(framesOf(writer, "43")).toEqual([
      `43/orders,7[{"offset":"${EPOCH}-3","duplicate":false}]`,
    ]);
  });

  it("ADDR-4 SUB-4 a resumed namespace is replayed its own events only", async () => {
    const h = room();
    const first = await h.join();
    const { pid, sid } = await connect(h, first, "/orders");
    h.room.sessions.disconnected(first.wire);
    const writer = await h.join();
    await connect(h, writer, "/orders");
    writer.send('42["a"]', '42/orders,["b"]', '42["c"]', '42/orders,["d"]', '42["e"]');
    await h.settle();
    const again = h.websocket();
    expect(await connect(h, again, "/orders", { pid })).toMatchObject({ type: "40", pid, sid });
    expect(framesOf(again, "42")).toEqual([
      `42/orders,["b","${EPOCH}-2"]`,
      `42/orders,["d","${EPOCH}-4"]`,
      `42/orders,["roomlog:live",{"offset":"${EPOCH}-5","replayed":2},"${EPOCH}-5"]`,
    ]);
  });

  it("ADDR-4 leaving one namespace leaves the others", async () => {
    const h = room();
    const reader = await h.join();
    await connect(h, reader, "/orders");
    reader.send("41/orders,");
    const writer = await h.join();
    await connect(h, writer, "/orders");
    writer.send('42/orders,["a"]', '42["b"]');
    await h.settle();
    expect(framesOf(reader, "42")).toEqual([`42["b","${EPOCH}-2"]`]);
  });

  it("ADDR-4 each namespace has its own id and pid", async () => {
    const h = room();
    const client = await h.join();
    const { id, pid } = client;
    const orders = await connect(h, client, "/orders");
    expect(orders.sid).not.toBe(id);
    expect(orders.pid).not.toBe(pid);
  });

  it("ADDR-4 HTTP-1 an event is published into a namespace", async () => {
    const h = room();
    const reader = await h.join();
    await connect(h, reader, "/orders");
    const claims = { identity: "key:backend", scope: ["write"], rooms: ["*"] } as const;
    const event = { name: "a", namespace: "/orders", data: '["a"]' };
    const events = [
      { ...event, attachments: [], audience: null, idempotencyKey: null, ephemeral: false },
    ];
    const published = publish(h.room, "lobby", { claims, events });
    await h.settle();
    expect(await published).toMatchObject({ kind: "published" });
    expect(framesOf(reader, "42")).toEqual([`42/orders,["a","${EPOCH}-1"]`]);
  });

  it("ADDR-4 hibernation keeps all of a session's namespaces", async () => {
    const h = room();
    const client = await h.join();
    const { id } = client;
    const { sid } = await connect(h, client, "/orders");
    const woken = new Harness({ log: h.log, namespaces: ["*"] });
    woken.room.sessions.restore([[client.wire, client.wire.saved]], woken.now);
    woken.room.sessions.message(client.wire, '42/orders,1["a"]');
    await woken.settle();
    expect(framesOf(client, "43")).toEqual([
      `43/orders,1[{"offset":"${EPOCH}-1","duplicate":false}]`,
    ]);
    const joined = [...woken.room.sessions].flatMap(({ sockets }) => [...sockets.values()]);
    expect(joined.map(({ namespace }) => namespace)).toEqual(["/", "/orders"]);
    expect(joined.map(({ id }) => id)).toEqual([id, sid]);
  });
});

describe("which namespaces may be joined", () => {
  const refusal = { type: "44", message: "Invalid namespace" };

  it.each(["/nope", "/orders2", "/Orders"])("ADDR-4 %s is not open", async (namespace) => {
    const h = new Harness({ namespaces: ["/orders"] });
    expect(await connect(h, h.websocket(), namespace)).toEqual(refusal);
  });

  it.each(["/a/b", "/a b", "/..", "/é", `/${"a".repeat(129)}`])(
    "ADDR-4 %s is no namespace, though any is open",
    async (namespace) => {
      const h = new Harness({ namespaces: ["*"] });
      expect(await connect(h, h.websocket(), namespace)).toEqual(refusal);
    },
  );

  it("ADDR-4 `/` and what is listed are open", async () => {
    const h = new Harness({ namespaces: ["/orders"] });
    const client = await h.join();
    expect(client.id).not.toBe("");
    expect(await connect(h, client, "/orders")).toMatchObject({ type: "40" });
  });

  it("ADDR-4 the 17th of a session is refused, and the others stay", async () => {
    const h = new Harness({ namespaces: ["*"] });
    const client = await h.join();
    for (let n = 2; n <= 16; n++) {
      expect(await connect(h, client, `/n${n}`)).toMatchObject({ type: "40" });
    }
    expect(await connect(h, client, "/n17")).toMatchObject({ type: "44" });
    expect(client.wire.closed).toBeUndefined();
    // 16 KiB is what an attachment holds.
    expect(JSON.stringify(client.wire.saved).length).toBeLessThan(16_384);
  });

  it("BAD-42 a name of 100 kB ends the session, and is not sent back", async () => {
    const h = new Harness({ namespaces: ["*"] });
    const client = h.websocket();
    client.send(`40/${"a".repeat(100_000)},`);
    await h.settle();
    expect(client.wire.closed).toMatchObject({ code: 1008 });
    expect(client.wire.frames.every((frame) => frame.length < 1_000)).toBe(true);
  });
});
