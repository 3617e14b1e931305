import { describe, expect, it } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { type PublishRequest, publish } from "../../src/room/publish.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const claims: Claims = { identity: "key:backend", scope: ["read", "write"], rooms: ["*"] };
const event = (name: string, idempotencyKey: string | null = null, ephemeral = false) => ({
  name,
  namespace: "/",
  data: `["${name}"]`,
  attachments: [],
  audience: null,
  idempotencyKey,
  ephemeral,
});

describe.each(LOGS)("HTTP-8 compare and append, on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });
  async function append(h: Harness, ifHead: string, events: PublishRequest["events"]) {
    const work = publish(h.room, "lobby", { claims, events, ifHead });
    await h.settle();
    return await work;
  }
  const moved = (seq: number) => ({ kind: "head_moved", head: `${EPOCH}-${seq}` });

  it("logs at that head, of an empty log too", async () => {
    const h = room();
    expect(await append(h, `${EPOCH}-0`, [event("a")])).toMatchObject({ kind: "published" });
    expect(await append(h, `${EPOCH}-1`, [event("b"), event("c")])).toMatchObject({
      events: [{ offset: `${EPOCH}-2` }, { offset: `${EPOCH}-3` }],
    });
    expect(await append(h, "3", [event("d")])).toMatchObject({ kind: "published" });
  });

  it.each([
    ["an older offset", `${EPOCH}-2`],
    ["one from the future", `${EPOCH}-4`],
    ["another epoch's", "0ther-3"],
    ["the beginning", "0"],
  ])("logs and sends nothing at %s, and tells the head", async (_, ifHead) => {
    const h = room();
    h.fill(3);
    const reader = await h.join();
    expect(await append(h, ifHead, [event("a"), event("b")])).toEqual(moved(3));
    expect(await append(h, ifHead, [event("typing", null, true)])).toEqual(moved(3));
    expect([h.log.head, reader.transcript.events]).toEqual([3, []]);
  });

  it("of two at one head, one is logged", async () => {
    const h = room();
    const both = ["a", "b"].map((name) =>
      publish(h.room, "lobby", { claims, events: [event(name)], ifHead: `${EPOCH}-0` }),
    );
    await h.settle();
    expect(await Promise.all(both)).toEqual([
      { kind: "published", events: [{ offset: `${EPOCH}-1`, duplicate: false }] },
      moved(1),
    ]);
  });

  it("EMIT-2 a retry of what was logged is a duplicate, though its own event moved the head", async () => {
    const h = room();
    const batch = [event("a", "k1"), event("b", "k2")];
    await append(h, `${EPOCH}-0`, batch);
    expect(await append(h, `${EPOCH}-0`, batch)).toEqual({
      kind: "published",
      events: [1, 2].map((seq) => ({ offset: `${EPOCH}-${seq}`, duplicate: true })),
    });
    expect(await append(h, `${EPOCH}-0`, [...batch, event("c", "k3")])).toEqual(moved(2));
    expect(h.log.head).toBe(2);
  });

  it("an ephemeral event is sent at that head", async () => {
    const h = room();
    const reader = await h.join();
    expect(await append(h, `${EPOCH}-0`, [event("typing", null, true)])).toMatchObject({
      kind: "published",
    });
    expect(reader.transcript.events.map(({ name }) => name)).toEqual(["typing"]);
  });
});
