/** SUB-10: binary arguments through a room: logged, sent live, replayed, recognised, refused. */
import { Encoder, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { readHistory } from "../../src/room/history.ts";
import { publish } from "../../src/room/publish.ts";
import type { PollingClient, WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

/** As the official decoder gives them in Node. */
const bytes = (...values: number[]) => Buffer.from(values);
const at = (num: number) => `{"_placeholder":true,"num":${num}}`;
const stored = (seq: number, duplicate = false) => ({ offset: `${EPOCH}-${seq}`, duplicate });
const claims = { identity: "key:backend", scope: ["read", "write"], rooms: ["*"] } as const;

/** Binary in every place that a client may put it. */
const NESTED = [
  bytes(0, 255, 30, 10),
  { deep: [bytes(), { again: bytes(1, 2, 3) }], text: "ä\u2028", none: null },
  [bytes(7)],
  "last",
] as const;

/** Sends an event as the stock client does, and gives what it is acked with. */
async function emit(client: WireClient | PollingClient, h: Harness, name: string, args: unknown[]) {
  const id = h.nextAck++;
  const packet = { type: PacketType.EVENT, nsp: "/", id, data: [name, ...args] };
  const [text, ...buffers] = new Encoder().encode(packet) as [string, ...Buffer[]];
  client.send(`4${text}`, ...buffers.map((part) => `b${part.toString("base64")}`));
  await h.settle();
  if ("poll" in client) await client.poll();
  return client.transcript.acksOf(id)[0];
}

describe.each(LOGS)("binary events in a room on %s", (_, makeLog) => {
  const room = () =>
    new Harness({ log: makeLog(), ephemeral: ["typing"], namespaces: ["/orders"] });

  it("SUB-10 arrive live, byte for byte, in a packet of their own", async () => {
    const h = room();
    const [reader, sender] = [await h.join(), await h.join()];
    expect(await emit(sender, h, "file", [...NESTED])).toEqual(stored(1));
    expect(reader.events).toEqual([{ name: "file", args: NESTED, offset: `${EPOCH}-1` }]);
    expect(sender.events).toEqual([]);
    expect(reader.wire.frames.slice(-5)).toEqual([
      `454-["file",${at(0)},{"deep":[${at(1)},{"again":${at(2)}}],"text":"ä\u2028","none":null},[${at(3)}],"last","${EPOCH}-1"]`,
      ...["bAP8eCg==", "b", "bAQID", "bBw=="],
    ]);
  });

  it("SUB-10 SUB-4 arrive in replay as they did live, among others, by offset and by pid", async () => {
    const h = room();
    const [live, sender] = [await h.join(), await h.join()];
    await sender.ask("text", 1);
    await emit(sender, h, "file", [...NESTED]);
    await emit(sender, h, "file", [bytes(5)]);
    await sender.ask("text", 2);
    const [all, some] = [await h.join({ offset: "0" }), await h.join({ offset: `${EPOCH}-2` })];
    expect(all.events).toEqual(live.events);
    expect(all.seqs).toEqual([1, 2, 3, 4]);
    expect(some.events).toEqual(live.events.slice(2));
    live.drop();
    await emit(sender, h, "file", [bytes(6, 6)]);
    const resumed = await h.join(live.resume);
    expect(resumed.events).toEqual([{ name: "file", args: [bytes(6, 6)], offset: `${EPOCH}-5` }]);
    const sent = (client: WireClient) => client.wire.frames.filter((f) => /^(45|42|b)/.test(f));
    expect(sent(all).slice(0, sent(live).length)).toEqual(sent(live));
  });

  it("SUB-10 arrive over polling, sent over polling", async () => {
    const h = room();
    const [reader, sender] = [await h.joinPolling(), await h.joinPolling()];
    await sender.poll();
    await reader.poll();
    expect(await emit(sender, h, "file", [...NESTED])).toEqual(stored(1));
    await reader.poll();
    expect(reader.events).toEqual([{ name: "file", args: NESTED, offset: `${EPOCH}-1` }]);
  });

  it("SUB-10 ENG-4 more packets than one answer may have come in the next, in order", async () => {
    const h = room();
    const [reader, sender] = [await h.joinPolling(), await h.join()];
    await reader.poll();
    const ten = (n: number) => Array.from({ length: 10 }, (_, i) => bytes(n, i));
    for (const n of [0, 1, 2]) await emit(sender, h, "file", ten(n));
    await reader.poll();
    expect(reader.seqs).toEqual([1]);
    await reader.drain();
    expect(reader.events.map(({ args }) => args)).toEqual([ten(0), ten(1), ten(2)]);
  });

  it("SUB-10 ENG-8 what waits in parts when the transport is upgraded comes over the new one", async () => {
    const h = room();
    const [reader, sender] = [await h.joinPolling(), await h.join()];
    await reader.poll();
    const ten = (n: number) => Array.from({ length: 10 }, (_, i) => bytes(n, i));
    for (const n of [0, 1]) await emit(sender, h, "file", ten(n));
    // The second event's text and four of its attachments are fetched, six wait.
    await reader.poll();
    const probe = h.probe(reader.sid);
    probe.send("2probe", "5");
    await emit(sender, h, "file", ten(2));
    for (const frame of probe.wire.frames.filter((f) => /^[4b]/.test(f))) {
      reader.transcript.add(frame);
    }
    expect(reader.events.map(({ args }) => args)).toEqual([ten(0), ten(1), ten(2)]);
  });

  it("ADDR-4 stay in their namespace", async () => {
    const h = room();
    const [main, other, sender] = [await h.join(), h.websocket(), h.websocket()];
    for (const client of [other, sender]) client.send("40/orders,");
    await h.settle();
    sender.send(`451-/orders,9["file",${at(0)}]`, "bAQ==");
    await h.settle();
    expect(other.events).toEqual([{ name: "file", args: [bytes(1)], offset: `${EPOCH}-1` }]);
    expect(other.wire.frames.at(-2)).toMatch(/^451-\/orders,\["file",/);
    expect(main.events).toEqual([]);
    expect(sender.wire.frames.at(-1)).toBe(
      `43/orders,9[{"offset":"${EPOCH}-1","duplicate":false}]`,
    );
  });

  it("EMIT-2 a retry is recognised by its key, and other bytes are other content", async () => {
    const h = room();
    const [reader, sender] = [await h.join(), await h.join()];
    const key = { idempotencyKey: "k" };
    expect(await emit(sender, h, "file", [...NESTED, key])).toEqual(stored(1));
    expect(await emit(sender, h, "file", [...NESTED, key])).toEqual(stored(1, true));
    const others = [
      [bytes(0, 255, 30, 11), ...NESTED.slice(1)],
      [bytes(0, 255, 30), ...NESTED.slice(1)],
      [...NESTED.slice(0, 3), "other"],
      [...NESTED, bytes()],
    ];
    for (const args of others) {
      expect(await emit(sender, h, "file", [...args, key])).toMatchObject({
        error: { code: "key_reused" },
      });
    }
    // What says the same without binary is something else too.
    sender.send(`4277["file",${at(0)},{"idempotencyKey":"k"}]`);
    await h.settle();
    expect(sender.transcript.acksOf(77)).toMatchObject([{ error: { code: "key_reused" } }]);
    expect(reader.events).toEqual([{ name: "file", args: NESTED, offset: `${EPOCH}-1` }]);
  });

  it("EMIT-2 binary is no key", async () => {
    const h = room();
    const sender = await h.join();
    for (const key of [{ idempotencyKey: bytes(1) }, { idempotencyKey: "k", after: bytes(1) }]) {
      expect(await emit(sender, h, "file", [key])).toMatchObject({
        error: { code: "invalid_key" },
      });
    }
    expect(h.log.head).toBe(0);
  });

  it("SUB-2 in envelope form, from and to it", async () => {
    const h = room();
    const plain = await h.join();
    h.format = "envelope";
    const [reader, sender] = [await h.join(), await h.join()];
    const data = { parts: [bytes(1), bytes(2, 2)] };
    expect(await emit(sender, h, "file", [{ id: "k", data }])).toEqual(stored(1));
    expect(await emit(sender, h, "file", [{ id: "k", data }])).toEqual(stored(1, true));
    expect(await emit(sender, h, "file", [{ data: bytes(3) }])).toEqual(stored(2));
    expect(await emit(sender, h, "file", [{ id: bytes(1), data }])).toMatchObject({
      error: { code: "invalid_key" },
    });
    expect(plain.events.map(({ args }) => args)).toEqual([[data], [bytes(3)]]);
    const envelopes = [[{ id: `${EPOCH}-1`, data }], [{ id: `${EPOCH}-2`, data: bytes(3) }]];
    expect(reader.events.map(({ args }) => args)).toEqual(envelopes);
    const later = await h.join({ offset: "0" });
    expect(later.events.map(({ args }) => args)).toEqual(envelopes);
  });

  it("EMIT-7 ephemeral: sent live and not logged", async () => {
    const h = room();
    const [reader, sender] = [await h.join(), await h.join()];
    expect(await emit(sender, h, "typing", [bytes(1)])).toEqual({ offset: null, ephemeral: true });
    expect(reader.events).toEqual([{ name: "typing", args: [bytes(1)], offset: `${EPOCH}-0` }]);
    expect(h.log.head).toBe(0);
  });

  it("EMIT-8 a binary ack that nobody asked for is taken and ignored", async () => {
    const h = room();
    const client = await h.join();
    client.send(`461-5[${at(0)}]`, "bAQ==", `461-[${at(0)}]`, "b");
    expect(await client.ask("chat")).toEqual(stored(1));
  });

  it("BAD-60 one attachment in two places arrives in both", async () => {
    const h = room();
    const [reader, sender] = [await h.join(), await h.join()];
    sender.send(`451-1["file",${at(0)},{"again":${at(0)}}]`, "bAQI=");
    await h.settle();
    expect(reader.events[0]?.args).toEqual([bytes(1, 2), { again: bytes(1, 2) }]);
  });

  it("SUB-11 SUB-15 pages and windows count bytes as they count characters", async () => {
    const h = room();
    const [sender, slow] = [await h.join(), await h.joinPolling()];
    const large = (n: number) => Buffer.alloc(100_000, n);
    for (let n = 1; n <= 20; n++) await emit(sender, h, "file", [large(n)]);
    // Over 1 Mi waits for who does not poll: the rest stays in the log.
    await slow.poll();
    expect(slow.seqs.length).toBeLessThan(20);
    await slow.drain();
    const received = slow.events.map(({ args: [arg] }) => arg as Buffer);
    expect(received.map((arg, i) => arg.equals(large(i + 1)))).toEqual(Array(20).fill(true));
    const reader = await h.join({ offset: "0" });
    expect(reader.seqs.length).toBeLessThan(20);
    await reader.drain();
    expect(reader.seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(h.log.read({ limit: 10, maxChars: 256 * 1024 })).toHaveLength(2);
  });

  it("HTTP-1 a backend's are logged, sent and recognised as anybody's", async () => {
    const h = room();
    const reader = await h.join();
    const send = async (attachment: Uint8Array) => {
      const event = {
        name: "file",
        namespace: "/",
        data: `["file",${at(0)}]`,
        attachments: [attachment],
        audience: null,
        idempotencyKey: "k",
        ephemeral: false,
      };
      const published = publish(h.room, "lobby", { claims, events: [event] });
      await h.settle();
      return published;
    };
    expect(await send(bytes(1, 2))).toEqual({ kind: "published", events: [stored(1)] });
    expect(await send(bytes(1, 2))).toEqual({ kind: "published", events: [stored(1, true)] });
    expect(await send(bytes(1, 3))).toEqual({ kind: "key_reused" });
    expect(reader.events).toEqual([{ name: "file", args: [bytes(1, 2)], offset: `${EPOCH}-1` }]);
  });

  it("HTTP-4 history tells attachments in base64, beside the arguments they belong to", async () => {
    const h = room();
    await emit(await h.join(), h, "file", [bytes(0, 255), { a: bytes() }]);
    const result = readHistory(h.room, "lobby", { claims, order: "asc", limit: 10 });
    expect(result.kind === "page" && JSON.parse(result.body).events).toMatchObject([
      {
        event: "file",
        args: [{ _placeholder: true, num: 0 }, { a: { _placeholder: true, num: 1 } }],
        attachments: ["AP8=", ""],
      },
    ]);
  });
});
