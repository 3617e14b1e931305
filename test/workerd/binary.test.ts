/** SUB-10 in the real runtime: binary frames in and out, and evictions in between. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { at, bytes, frames, offsetOf, zeros } from "./support/binary.ts";
import { Client } from "./support/client.ts";
import { pass, stopClock } from "./support/clock.ts";
import { evict } from "./support/evict.ts";
import { Poller } from "./support/poller.ts";
import { history, newRoom, publish } from "./support/rooms.ts";

/** The frames of an event with three attachments, one of them empty. */
const FILE = [`453-7["file",${at(2)},[${at(0)}],${at(1)}]`, bytes(0, 255), bytes(), bytes(7)];
const fileAt = (offset: string) => [
  `453-["file",${at(2)},[${at(0)}],${at(1)},"${offset}"]`,
  "bAP8=",
  "b",
  "bBw==",
];

// The timer of a packet in parts would hold up an eviction.
beforeEach(stopClock);
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe("a binary event", () => {
  it("SUB-10 arrives live, over WebSocket and polling, and in replay", async () => {
    const room = newRoom();
    const [sender, reader] = [await Client.joined(room), await Client.joined(room)];
    const poller = await Poller.joined(room);
    sender.send(...FILE);
    const offset = await offsetOf(sender);
    expect(await frames(reader, 4)).toEqual(fileAt(offset));
    expect(await poller.fetched()).toEqual(fileAt(offset));
    const next = await publish(room, "next");
    const later = await Client.joined(room, { offset: "0" });
    expect(await frames(later, 4)).toEqual(fileAt(offset));
    expect((await later.event()).offset).toBe(next);
    await evict(room);
    const again = await Client.joined(room, { offset: "0" });
    expect(await frames(again, 4)).toEqual(fileAt(offset));
  });

  it("SUB-10 may come over polling", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    const poller = await Poller.joined(room);
    const packets = [`453-7["file",${at(2)},[${at(0)}],${at(1)}]`, "bAP8=", "b", "bBw=="];
    // In several requests, as a client sends what is too large for one.
    expect((await poller.post(...packets.slice(0, 2))).status).toBe(200);
    expect((await poller.post(...packets.slice(2))).status).toBe(200);
    const [ack] = await poller.fetched();
    const { offset } = JSON.parse(String(ack).slice(3))[0];
    expect(await frames(reader, 4)).toEqual(fileAt(offset));
  });

  it("SUB-10 of a megabyte arrives whole", async () => {
    const room = newRoom();
    const [sender, reader] = [await Client.joined(room), await Client.joined(room)];
    const large = new Uint8Array(1_000_000).map((_, i) => i * 7);
    sender.send(`451-7["file",${at(0)}]`, large.buffer);
    const offset = await offsetOf(sender);
    const [text, attachment] = await frames(reader, 2);
    expect(text).toBe(`451-["file",${at(0)},"${offset}"]`);
    expect(atob(String(attachment).slice(1))).toBe(Array.from(large, toUnit).join(""));
  });

  it("EMIT-2 is recognised by its key after an eviction, by its bytes too", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const text = (id: number) => `451-${id}["file",${at(0)},{"idempotencyKey":"k"}]`;
    client.send(text(7), bytes(1, 2));
    const offset = await offsetOf(client);
    await evict(room);
    client.send(text(8), bytes(1, 2), text(9), bytes(1, 3));
    expect(await client.frame()).toBe(`438[{"offset":"${offset}","duplicate":true}]`);
    expect(await client.frame()).toMatch(/^439\[\{"error":\{"code":"key_reused"/);
    expect((await history(room)).events).toHaveLength(1);
  });
});

function toUnit(byte: number): string {
  return String.fromCharCode(byte);
}

describe("ENG-12 LIFE-2 an eviction while a packet is in parts", () => {
  it.each([1, 2, 3])("before its message %i: changes nothing", async (k) => {
    const room = newRoom();
    const [sender, reader] = [await Client.joined(room), await Client.joined(room)];
    sender.send(...FILE.slice(0, k));
    await evict(room);
    sender.send(...FILE.slice(k));
    expect(await frames(reader, 4)).toEqual(fileAt(await offsetOf(sender)));
    expect(await sender.emit("still here")).toMatchObject({ duplicate: false });
  });

  it("before each of its messages, with as much as is kept: changes nothing", async () => {
    const room = newRoom();
    const [sender, reader] = [await Client.joined(room), await Client.joined(room)];
    const text = `453-7["file",${at(0)},${at(1)},${at(2)},"ж"]`;
    const part = zeros(Math.floor((6_144 - 2 * text.length) / 2));
    for (const frame of [text, part, part]) {
      sender.send(frame);
      await evict(room);
    }
    // Only what has come before counts.
    sender.send(zeros(100_000));
    const offset = await offsetOf(sender);
    const [event, ...attachments] = await frames(reader, 4);
    expect(event).toContain(offset);
    expect(attachments.map((frame) => atob(frame.slice(1)).length)).toEqual(
      [part, part, zeros(100_000)].map(({ byteLength }) => byteLength),
    );
  });

  it("with more than is kept: the session ends, nobody else's, and a retry is exact", async () => {
    const room = newRoom();
    const event = `452-7["file",${at(0)},${at(1)},{"idempotencyKey":"k"}]`;
    const sender = await Client.joined(room);
    const reader = await Client.joined(room);
    sender.send(event, zeros(10_000));
    await evict(room);
    sender.send(bytes(1));
    expect((await sender.ended()).code).toBe(1002);
    const again = await Client.joined(room, { pid: sender.me.pid });
    expect((await again.event()).name).toBe("roomlog:live");
    again.send(event, zeros(10_000), bytes(1), event.replace("-7", "-8"), zeros(10_000), bytes(1));
    const offset = await offsetOf(again);
    expect(await again.frame()).toBe(`438[{"offset":"${offset}","duplicate":true}]`);
    expect((await frames(reader, 3))[0]).toContain(offset);
    expect(await again.emit("still here")).toMatchObject({ duplicate: false });
  });
});

describe("ENG-12 BAD-63 a packet whose rest does not come", () => {
  it("ends the session after ten seconds, and nobody else's", async () => {
    const room = newRoom();
    const [client, bystander] = [await Client.joined(room), await Client.joined(room)];
    client.send(...FILE.slice(0, 2));
    // Answered when all before it was taken.
    await bystander.emit("taken");
    await pass(room, 9_999);
    expect(client.isClosed).toBe(false);
    await pass(room, 1);
    expect(await client.ended()).toMatchObject({ code: 1000, reason: "reassembly timeout" });
    expect(await bystander.emit("still here")).toMatchObject({ duplicate: false });
  });
});
