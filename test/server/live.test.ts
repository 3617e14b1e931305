/** Following a running relay through connections that break, and taking its log out and in. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRelayClient, type FeedItem, type RelayClient } from "../../src/server.ts";
import { collect } from "../support/collect.ts";
import { localRelay } from "../support/local-relay.ts";
import { type Cut, TcpProxy } from "../support/tcp-proxy.ts";

const KEY = "admin.0123456789abcdef";
const hash = createHash("sha256").update(KEY).digest("hex");
const relay = localRelay({
  bindings: { API_KEYS: JSON.stringify([{ id: "admin", hash, scope: ["admin"] }]) },
});
let proxy: TcpProxy;
let client: RelayClient;
let rooms = 0;

beforeAll(async () => {
  proxy = await TcpProxy.start(relay.url);
  client = createRelayClient({ url: relay.url, key: KEY });
});
afterAll(() => proxy[Symbol.asyncDispose]());

const newRoom = () => `live-${rooms++}`;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ event: "n", data: from + i }));
const seen = (item: FeedItem) => (item.kind === "gap" ? item.reason : item.args[0]);

/** The next of a feed. */
async function next(items: AsyncGenerator<FeedItem, void>): Promise<FeedItem> {
  const { value } = await items.next();
  if (!value) throw new Error("the feed has ended");
  return value;
}

describe("going on live", () => {
  it.each<Cut>(["close", "reset"])("HTTP-10 nothing is lost or doubled by a %s", async (how) => {
    const room = newRoom();
    await client.publish(room, numbers(0, 300));
    const errors: string[] = [];
    const follower = createRelayClient({
      url: proxy.url,
      onRetry: ({ code }) => errors.push(code),
    });
    const items = follower.events(room, { live: true });
    const got: unknown[] = [];
    for (const cutAt of [0, 100, 299, 350, 400]) {
      while (got.length <= cutAt) got.push(seen(await next(items)));
      proxy.cut(how);
      // Some come while nobody is connected.
      if (cutAt === 299) await client.publish(room, numbers(300, 400));
      if (cutAt === 350) await client.publish(room, numbers(400, 500));
    }
    while (got.length < 500) got.push(seen(await next(items)));
    expect(got).toEqual(numbers(0, 500).map(({ data }) => data));
    expect(new Set(errors)).toEqual(new Set(["unreachable"]));
    await items.return();
  });

  it("HTTP-10 filters, and has binary arguments put in", async () => {
    const room = newRoom();
    const items = client.events(room, { live: true, event: "blob", namespace: "/n" });
    const first = next(items);
    await client.publish(room, [
      { event: "blob", data: 1 },
      { event: "other", namespace: "/n" },
      { event: "blob", namespace: "/n", data: Uint8Array.of(1, 2) },
    ]);
    expect(await first).toMatchObject({ kind: "event", args: [Uint8Array.of(1, 2)] });
    await items.return();
  });

  it("SUB-6 HTTP-10 tells a gap where the log is wiped, and goes on in the new one", async () => {
    const room = newRoom();
    await client.publish(room, numbers(0, 2));
    const items = createRelayClient({ url: proxy.url }).events(room, { live: true });
    expect([seen(await next(items)), seen(await next(items))]).toEqual([0, 1]);
    const gap = next(items);
    const { head } = await client.wipe(room);
    expect(await gap).toMatchObject({ kind: "gap", first: null, head, reason: "epoch" });
    // It is known from the gap where the new log begins.
    proxy.cut("reset");
    const { offset } = await client.publish(room, { event: "n", data: "new" });
    expect(await next(items)).toMatchObject({ kind: "event", offset, args: ["new"] });
    await items.return();
  });
});

describe("export and import", () => {
  it("HTTP-11 HTTP-12 bring a log into another room, once, however often", async () => {
    const [from, to] = [newRoom(), newRoom()];
    await client.publish(from, numbers(0, 700));
    await client.publish(from, { event: "blob", data: Uint8Array.of(7), namespace: "/n" });
    const lines = await collect(client.exportLines(from));
    expect(lines.length).toBe(701);
    const texts = lines.map(({ text }) => text);
    const first = await client.importLines(to, texts.slice(0, 500));
    expect(first).toMatchObject({ imported: 500, duplicates: 0 });
    const again = await client.importLines(to, texts);
    expect(again).toMatchObject({ imported: 201, duplicates: 500 });
    const both = await Promise.all([from, to].map((room) => collect(client.events(room))));
    const [theirs, ours] = both.map((items) =>
      items.map((item) => item.kind === "event" && [item.event, item.args, item.namespace]),
    );
    expect(ours).toEqual(theirs);
  });

  it("HTTP-11 goes on behind a line, and ends where the head was", async () => {
    const room = newRoom();
    await client.publish(room, numbers(0, 10));
    const [, second] = await collect(client.exportLines(room));
    const rest = client.exportLines(room, { after: String(second?.offset) });
    const third = await rest.next();
    expect(JSON.parse(third.value?.text ?? "")).toMatchObject({ args: [2] });
    await client.publish(room, { event: "n", data: "late" });
    expect((await collect(rest)).length).toBe(7);
  });

  it("HTTP-12 names the line that is bad", async () => {
    const failed = client.importLines(newRoom(), ['{"event":"a","idempotencyKey":"a"}', "{}"]);
    await expect(failed).rejects.toMatchObject({
      code: "invalid_event",
      extra: { line: 2, imported: 1 },
    });
  });
});
