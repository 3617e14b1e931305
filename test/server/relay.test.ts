/** `roomlog/server` with a running relay. */
import { io } from "socket.io-client";
import { beforeAll, describe, expect, it } from "vitest";
import { createRelayClient, type RelayClient } from "../../src/server.ts";
import { collect } from "../support/collect.ts";
import { localRelay } from "../support/local-relay.ts";

const relay = localRelay();
let client: RelayClient;
let rooms = 0;

beforeAll(() => {
  client = createRelayClient({ url: relay.url });
});

const newRoom = () => `server-${rooms++}`;

/** A client that never gets its first answer to anything, though the relay has done what it asked. */
function unlucky(): RelayClient {
  let asked = 0;
  return createRelayClient({
    url: relay.url,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (asked++ % 2 === 1) return response;
      await response.arrayBuffer();
      throw new TypeError("the connection broke");
    },
  });
}

describe("publishing", () => {
  it("HTTP-1 one event reaches a stock client, and the log", async () => {
    const room = newRoom();
    const socket = io(relay.url, { path: `/rooms/${room}/socket.io`, forceNew: true });
    relay.release(socket);
    await new Promise<void>((connected) => socket.on("connect", connected));
    const heard = new Promise((resolve) => socket.on("chat", (...args) => resolve(args)));
    const published = await client.publish(room, { event: "chat", args: ["hi", { a: 1 }] });
    expect(published).toEqual({ offset: expect.stringMatching(/-1$/), duplicate: false });
    expect(await heard).toEqual(["hi", { a: 1 }, published.offset]);
    const { events, next } = await client.read(room);
    expect(events).toEqual([
      {
        offset: published.offset,
        time: expect.any(String),
        event: "chat",
        args: ["hi", { a: 1 }],
        namespace: "/",
      },
    ]);
    expect(next).toBeNull();
  });

  it("HTTP-1 the same key again is the same event, though another was made in between", async () => {
    const room = newRoom();
    const event = { event: "paid", data: { order: 17 } };
    const options = { idempotencyKey: "order-17" };
    const first = await client.publish(room, event, options);
    await client.publish(room, { event: "other" });
    expect(await client.publish(room, event, options)).toEqual({ ...first, duplicate: true });
    const other = { event: "paid", data: { order: 18 } };
    await expect(client.publish(room, other, options)).rejects.toMatchObject({
      code: "key_reused",
      status: 422,
    });
  });

  it("HTTP-1 HTTP-2 is exactly once though every first answer is lost", async () => {
    const room = newRoom();
    const client = unlucky();
    const first = await client.publish(room, { event: "a" });
    expect(first).toEqual({ offset: expect.stringMatching(/-1$/), duplicate: true });
    const list = [{ event: "b" }, { event: "b" }];
    const others = await client.publish(room, list, { ifHead: String(first.offset) });
    expect(others).toMatchObject([{ duplicate: true }, { duplicate: true }]);
    const { events } = await client.read(room);
    expect(events.map(({ event, offset }) => [event, offset])).toEqual([
      ["a", first.offset],
      ["b", others[0]?.offset],
      ["b", others[1]?.offset],
    ]);
  });

  it("HTTP-2 a list is logged as a whole", async () => {
    const room = newRoom();
    const list = [{ event: "a", args: [1, 2] }, { event: "b" }];
    const published = await client.publish(room, list);
    expect(published.map(({ offset }) => offset?.split("-")[1])).toEqual(["1", "2"]);
    const bad = [{ event: "c" }, { event: "roomlog:gap" }];
    await expect(client.publish(room, bad)).rejects.toMatchObject({ code: "invalid_event" });
    expect((await client.read(room)).events.map(({ event }) => event)).toEqual(["a", "b"]);
  });

  it("HTTP-8 ifHead is kept, and the head is told", async () => {
    const room = newRoom();
    const { offset } = await client.publish(room, { event: "a" });
    await client.publish(room, { event: "b" }, { ifHead: String(offset) });
    const { head } = await client.info(room);
    const refused = client.publish(room, { event: "c" }, { ifHead: String(offset) });
    await expect(refused).rejects.toMatchObject({ code: "head_moved", extra: { head } });
  });

  it("HTTP-1 SUB-10 binary arguments go there and back", async () => {
    const room = newRoom();
    const bytes = Uint8Array.of(0, 1, 254, 255);
    const args = ["blob", { deep: [bytes, bytes.buffer] }, new Float32Array([1.5])];
    await client.publish(room, { event: "blob", args });
    await client.publish(room, { event: "blob", data: Buffer.from("four") });
    const { events } = await client.read(room);
    const floats = new Uint8Array(new Float32Array([1.5]).buffer);
    expect(events.map(({ args }) => args)).toEqual([
      ["blob", { deep: [bytes, bytes] }, floats],
      [new Uint8Array(Buffer.from("four"))],
    ]);
    expect(events.some((event) => "attachments" in event)).toBe(false);
  });

  it("EMIT-7 an ephemeral event has no offset", async () => {
    const ephemeral = { event: "typing", ephemeral: true };
    expect(await client.publish(newRoom(), ephemeral)).toEqual({ offset: null, ephemeral: true });
  });
});

describe("reading", () => {
  it("HTTP-4 pages have what they are asked for", async () => {
    const room = newRoom();
    await client.publish(room, [{ event: "a" }, { event: "b", namespace: "/n" }, { event: "a" }]);
    const newest = await client.read(room, { order: "desc", limit: 1 });
    expect(newest.events).toMatchObject([{ event: "a", offset: newest.head }]);
    expect(newest.next).toBe(newest.head);
    const filtered = await client.read(room, { event: "b", namespace: "/n" });
    expect(filtered.events).toMatchObject([{ event: "b", namespace: "/n" }]);
    await expect(client.read(room, { after: "other-1" })).rejects.toMatchObject({
      code: "gap",
      extra: { reason: "epoch", head: newest.head },
    });
  });

  it("HTTP-4 all events come in order, over many pages and lost answers", async () => {
    const room = newRoom();
    const list = (from: number) =>
      Array.from({ length: 1_000 }, (_, i) => ({ event: "n", data: from + i }));
    for (const from of [0, 1_000, 2_000]) await client.publish(room, list(from));
    const seen: unknown[] = [];
    for await (const item of unlucky().events(room)) {
      seen.push(item.kind === "event" ? item.args[0] : item);
    }
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });

  it("SUB-6 an offset of another log gives a gap, and then all that is kept", async () => {
    const room = newRoom();
    const { offset } = await client.publish(room, { event: "a" });
    const items = await collect(client.events(room, { after: "other-5" }));
    expect(items).toMatchObject([
      { kind: "gap", requested: "other-5", first: offset, head: offset, reason: "epoch" },
      { kind: "event", offset },
    ]);
  });

  it("HTTP-5 tells the state of a room", async () => {
    const room = newRoom();
    const { offset } = await client.publish(room, { event: "a" });
    expect(await client.info(room)).toEqual({
      room,
      epoch: offset?.split("-")[0],
      first: offset,
      head: offset,
      count: 1,
      bytes: expect.any(Number),
      sockets: 0,
      settings: expect.any(Object),
    });
  });
});
