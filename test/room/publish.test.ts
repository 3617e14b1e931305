import { describe, expect, it } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { type PublishRequest, publish } from "../../src/room/publish.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const claims: Claims = { identity: "key:backend", scope: ["read", "write"], rooms: ["*"] };
const event = (data: string, idempotencyKey: string | null = null) => ({
  name: "e",
  namespace: "/",
  data,
  attachments: [],
  audience: null,
  idempotencyKey,
  ephemeral: false,
});
const at = (seq: number, duplicate = false) => ({ offset: `${EPOCH}-${seq}`, duplicate });

describe.each(LOGS)("publishing to a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });
  const send = async (h: Harness, events: PublishRequest["events"], by = claims) =>
    await h.track(publish(h.room, "lobby", { claims: by, events }));
  const settled = async <T>(h: Harness, work: Promise<T>): Promise<T> => {
    await h.settle();
    return work;
  };

  it("a batch gets consecutive seqs, and everybody gets it in order", async () => {
    const h = room();
    const reader = await h.join();
    const writer = await h.join();
    writer.emit("before");
    const work = send(h, [event('["a"]'), event('["b"]'), event('["c"]')]);
    writer.emit("after");
    expect(await settled(h, work)).toEqual({ kind: "published", events: [at(2), at(3), at(4)] });
    expect(reader.events.map(({ name }) => name)).toEqual(["before", "a", "b", "c", "after"]);
    expect(writer.events.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("EMIT-2 a repeat is a duplicate, alone and in a batch", async () => {
    const h = room();
    await settled(h, send(h, [event('["a"]', "k1")]));
    expect(await settled(h, send(h, [event('["a"]', "k1")]))).toEqual({
      kind: "published",
      events: [at(1, true)],
    });
    const batch = [event('["b"]', "k2"), event('["a"]', "k1"), event('["b"]', "k2")];
    expect(await settled(h, send(h, batch))).toEqual({
      kind: "published",
      events: [at(2), at(1, true), at(2, true)],
    });
  });

  it("one reused key in a batch: none of it is logged or sent, all around it is", async () => {
    const h = room();
    const reader = await h.join();
    await settled(h, send(h, [event('["a"]', "k1")]));
    const writer = await h.join();
    const before = writer.emit("before");
    const batch = send(h, [event('["b"]', "k2"), event('["other"]', "k1"), event('["c"]')]);
    const after = writer.emit("after");
    expect(await settled(h, batch)).toEqual({ kind: "key_reused" });
    expect([before, after].map((id) => writer.transcript.acksOf(id))).toEqual([[at(2)], [at(3)]]);
    expect(reader.events.map(({ name }) => name)).toEqual(["a", "before", "after"]);
    expect(h.log.read({ limit: 9 }).map(({ data }) => data)).toEqual([
      '["a"]',
      '["before"]',
      '["after"]',
    ]);
    // The key of the undone event is free.
    expect(await settled(h, send(h, [event('["new"]', "k2")]))).toEqual({
      kind: "published",
      events: [at(4)],
    });
  });

  it("one event with a reused key is refused", async () => {
    const h = room();
    await settled(h, send(h, [event('["a"]', "k")]));
    expect(await settled(h, send(h, [event('["b"]', "k")]))).toEqual({ kind: "key_reused" });
    expect(h.log.head).toBe(1);
  });

  it("EMIT-5 when the log can't be written, the publisher is told", async () => {
    const h = room();
    h.log.append = () => {
      throw new Error("disk on fire");
    };
    expect(await settled(h, send(h, [event('["a"]')]))).toEqual({ kind: "failed" });
    expect(h.reported).toHaveLength(1);
  });

  it("AUTH-2 without the right to write here nothing happens", async () => {
    const h = room();
    const by = (more: Partial<Claims>) => send(h, [event('["a"]')], { ...claims, ...more });
    expect(await by({ scope: ["read"] })).toEqual({ kind: "forbidden" });
    expect(await by({ rooms: ["other"] })).toEqual({ kind: "forbidden" });
    await h.settle();
    expect(h.log.head).toBe(0);
  });
});
