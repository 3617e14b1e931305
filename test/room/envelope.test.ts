import { describe, expect, it } from "vitest";
import type { Format } from "../../src/protocol/format.ts";
import type { WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

describe.each(LOGS)("envelope form in a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog(), ephemeral: ["typing"] });

  async function join(h: Harness, format: Format, auth?: object): Promise<WireClient> {
    h.format = format;
    return await h.join(auth);
  }

  it.each([
    [[], { id: `${EPOCH}-1` }],
    [["hi"], { id: `${EPOCH}-1`, data: "hi" }],
    [[null], { id: `${EPOCH}-1`, data: null }],
    [[[1, 2]], { id: `${EPOCH}-1`, data: [1, 2] }],
    [["hi, [you]", { a: 1 }], { id: `${EPOCH}-1`, data: ["hi, [you]", { a: 1 }] }],
  ])("SUB-2 arguments %j arrive as one object", async (args, envelope) => {
    const h = room();
    const reader = await join(h, "envelope");
    const writer = await join(h, "args");
    await writer.ask("chat", ...args);
    const event = { name: "chat", args: [envelope], offset: `${EPOCH}-1` };
    expect(reader.events).toEqual([event]);
    const later = await join(h, "envelope", { offset: "0" });
    expect(later.events).toEqual([event]);
  });

  it("SUB-2 an emit is one object, its id the idempotency key", async () => {
    const h = room();
    const reader = await join(h, "args");
    const writer = await join(h, "envelope");
    const stored = { offset: `${EPOCH}-1`, duplicate: false };
    expect(await writer.ask("chat", { id: "k", data: "hi" })).toEqual(stored);
    expect(await writer.ask("chat", { id: "k", data: "hi" })).toEqual({
      ...stored,
      duplicate: true,
    });
    expect(await writer.ask("chat", { id: "k", data: "ho" })).toMatchObject({
      error: { code: "key_reused" },
    });
    expect(await writer.ask("chat", { data: { x: 1 } })).toMatchObject({ duplicate: false });
    expect(await writer.ask("chat", {})).toMatchObject({ duplicate: false });
    expect(reader.events.map(({ args }) => args)).toEqual([["hi"], [{ x: 1 }], []]);
  });

  it("SUB-2 BAD-67 numbers that JavaScript can't hold stay as they stand", async () => {
    const h = room();
    const [writer, reader] = [await join(h, "envelope"), await join(h, "envelope")];
    const data = '{"n":[9007199254740993,1e999,-0,1.10]}';
    writer.send(`427["chat",{"id":"k","data":${data}}]`);
    await h.settle();
    const id = `${EPOCH}-1`;
    expect(reader.wire.frames.at(-1)).toBe(`42["chat",{"id":"${id}","data":${data}},"${id}"]`);
  });

  it.each([
    [["hi"], "invalid_event"],
    [[], "invalid_event"],
    [[{ data: 1 }, 2], "invalid_event"],
    [[{ data: 1, more: 2 }], "invalid_event"],
    [[[{ data: 1 }]], "invalid_event"],
    [[{ id: 5, data: 1 }], "invalid_key"],
    [[{ id: "", data: 1 }], "invalid_key"],
  ])("SUB-2 EMIT-5 %j is no envelope: a final refusal, %s", async (args, code) => {
    const h = room();
    const writer = await join(h, "envelope");
    expect(await writer.ask("chat", ...args)).toMatchObject({ error: { code } });
    expect(h.log.head).toBe(0);
  });

  it("SUB-2 SUB-8 ephemeral events and Roomlog's own carry the offset as ever", async () => {
    const h = room();
    h.fill(2);
    const reader = await join(h, "envelope", { offset: "other-1" });
    expect(reader.notices.map(({ name, offset }) => [name, offset])).toEqual([
      ["roomlog:gap", `${EPOCH}-0`],
      ["roomlog:live", `${EPOCH}-2`],
    ]);
    const writer = await join(h, "args");
    await writer.ask("typing", true);
    expect(reader.events.at(-1)).toEqual({
      name: "typing",
      args: [{ id: `${EPOCH}-2`, data: true }],
      offset: `${EPOCH}-2`,
    });
  });

  it("SUB-2 the form outlives hibernation", async () => {
    const h = room();
    const client = await join(h, "envelope");
    const woken = new Harness({ log: h.log });
    woken.room.sessions.restore([[client.wire, client.wire.saved]], woken.now);
    await (await woken.join()).ask("chat", "hi");
    expect(client.events).toMatchObject([{ args: [{ id: `${EPOCH}-1`, data: "hi" }] }]);
  });
});
