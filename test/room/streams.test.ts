/** The log as a stream, in plain Node: what a client would read of it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { MemoryLog } from "../../src/log/memory-log.ts";
import type { StreamRequest } from "../../src/room/streams.ts";
import { openStream } from "../../src/room/streams.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";
import { type ServerSentEvent, SseReader } from "../support/sse.ts";

const claims = { identity: "key:backend", scope: ["read"], rooms: ["*"] } as const;

type Options = Partial<Omit<StreamRequest, "claims">> & {
  readonly claims?: StreamRequest["claims"] & { readonly expiresAt?: number };
};

/** A stream that is being read. */
class Reading {
  readonly #texts: AsyncGenerator<string, void>;
  readonly #stop = new AbortController();
  readonly #reader = new SseReader();

  constructor(h: Harness, options: Options) {
    const result = openStream(h.room, "lobby", { claims, form: "events", ...options });
    if (result.kind !== "stream") throw new Error(`no stream but ${result.kind}`);
    this.#texts = result.body(this.#stop.signal);
  }

  /** One piece of text; undefined at the end. */
  async text(): Promise<string | undefined> {
    return (await this.#texts.next()).value ?? undefined;
  }

  /** The next messages, as EventSource would dispatch them. */
  async events(count: number): Promise<readonly ServerSentEvent[]> {
    while (this.#reader.events.length < count) {
      const text = await this.text();
      if (text === undefined) break;
      this.#reader.add(text);
    }
    return this.#reader.events.splice(0, count);
  }

  stop(): void {
    this.#stop.abort();
  }
}

/** An event's name, and how far the reader has come. */
const brief = ({ type, lastEventId, data }: ServerSentEvent) =>
  type === "message"
    ? [JSON.parse(data).event, lastEventId]
    : [type, lastEventId, JSON.parse(data)];

const at = (seq: number, epoch: string = EPOCH) => `${epoch}-${seq}`;
const extent = (first: number | null, head: number, epoch: string = EPOCH) => ({
  first: first === null ? null : at(first, epoch),
  head: at(head, epoch),
});

describe.each(LOGS)("the events of a room on %s, followed", (_, makeLog) => {
  function room(count = 3): Harness {
    const h = new Harness({ log: makeLog() });
    h.fill(count);
    return h;
  }

  const event = (data: string) => ({
    namespace: "/",
    data,
    attachments: [],
    audience: null,
    sender: null,
    publication: null,
  });

  async function log(h: Harness, data: string): Promise<void> {
    h.room.submit([event(data)], () => {});
    await h.settle();
  }

  afterEach(() => void vi.useRealTimers());

  it("HTTP-10 begin with `retry`, said once", async () => {
    const reading = new Reading(room(), { after: "0" });
    expect(await reading.text()).toBe("retry: 2000\n\n");
    expect(await reading.text()).not.toContain("retry");
    reading.stop();
  });

  it("HTTP-10 are entries of the log, then `roomlog:live`, then what comes", async () => {
    const h = room(2);
    const reading = new Reading(h, { after: "0" });
    const [first, second, live] = await reading.events(3);
    expect(first).toMatchObject({ type: "message", lastEventId: at(1) });
    expect(JSON.parse(first?.data ?? "")).toEqual({
      offset: at(1),
      time: "2023-11-14T22:13:20.000Z",
      event: "old",
      args: [1],
      namespace: "/",
    });
    expect(second && brief(second)).toEqual(["old", at(2)]);
    expect(live && brief(live)).toEqual(["roomlog:live", at(2), { offset: at(2), replayed: 2 }]);
    const next = reading.events(1);
    await log(h, '["new"]');
    expect((await next).map(brief)).toEqual([["new", at(3)]]);
    reading.stop();
  });

  it("HTTP-10 without an offset begin at the present, and give the client its place at once", async () => {
    const h = room(2);
    const reading = new Reading(h, {});
    const live = { offset: at(2), replayed: 0 };
    expect((await reading.events(1)).map(brief)).toEqual([["roomlog:live", at(2), live]]);
    await log(h, '["new"]');
    expect((await reading.events(1)).map(brief)).toEqual([["new", at(3)]]);
    reading.stop();
  });

  it("HTTP-10 begin at the present of when they were asked for, not of when they are read", async () => {
    const h = room(2);
    const reading = new Reading(h, {});
    await log(h, '["new"]');
    expect((await reading.events(2)).map(brief)).toEqual([
      ["new", at(3)],
      ["roomlog:live", at(3), { offset: at(3), replayed: 1 }],
    ]);
    reading.stop();
  });

  it("HTTP-10 are read page by page, as they are taken", async () => {
    const h = room(1_100);
    const reading = new Reading(h, { after: "0" });
    const read = vi.spyOn(h.log, "read");
    await reading.text();
    expect(read).toHaveBeenCalledTimes(0);
    expect(await reading.text()).toContain(`id: ${at(500)}\n`);
    expect(read).toHaveBeenCalledTimes(1);
    reading.stop();
  });

  it("HTTP-10 line breaks of the stored text don't break a message", async () => {
    const h = room(0);
    h.log.append(event('["a",\n{"b":\r\n"\\n"}]'), 1);
    const reading = new Reading(h, { after: "0" });
    const [message] = await reading.events(1);
    expect(JSON.parse(message?.data ?? "")).toMatchObject({ event: "a", args: [{ b: "\n" }] });
    reading.stop();
  });

  it.each<[Options, string, unknown[]]>([
    [
      { event: "b" },
      "by name",
      [
        ["b", at(2)],
        ["b", at(5)],
      ],
    ],
    [
      { namespace: "/orders" },
      "by namespace",
      [
        ["a", at(3)],
        ["a", at(6)],
      ],
    ],
  ])("HTTP-10 can be chosen: %j", async (options, _, expected) => {
    const h = room(0);
    const texts = ['["a"]', '["b"]'];
    for (const data of texts) h.log.append(event(data), 1);
    h.log.append({ ...event('["a"]'), namespace: "/orders" }, 1);
    const reading = new Reading(h, { after: "0", ...options });
    const [first, live] = await reading.events(2);
    expect(first && brief(first)).toEqual(expected[0]);
    expect(live && brief(live)).toEqual(["roomlog:live", at(3), { offset: at(3), replayed: 1 }]);
    const next = reading.events(1);
    for (const data of texts) await log(h, data);
    h.room.submit([{ ...event('["a"]'), namespace: "/orders" }], () => {});
    await h.settle();
    expect((await next).map(brief)).toEqual([expected[1]]);
    reading.stop();
  });

  it("SUB-14 what is for some only is shown to API keys alone", async () => {
    const h = room(0);
    h.log.append({ ...event('["some"]'), audience: { to: ["x"], except: [] } }, 1);
    h.log.append(event('["all"]'), 1);
    const names = async (identity: string) => {
      const reading = new Reading(h, { after: "0", claims: { ...claims, identity } });
      const events = await reading.events(2);
      reading.stop();
      return events.map((event) => brief(event)[0]);
    };
    expect(await names("key:backend")).toEqual(["some", "all"]);
    expect(await names("http")).toEqual(["all", "roomlog:live"]);
  });

  it.each([
    ["nonsense", "malformed"],
    ["", "malformed"],
    ["other-1", "epoch"],
    [at(4), "future"],
    [at(0), "trimmed"],
  ])("HTTP-10 after %j a gap is told, %s, and what is kept follows", async (after, reason) => {
    const h = room();
    h.log.trim(1, 1);
    const reading = new Reading(h, { after });
    const gap = { requested: after, ...extent(2, 3), reason };
    expect((await reading.events(4)).map(brief)).toEqual([
      ["roomlog:gap", at(1), gap],
      ["old", at(2)],
      ["old", at(3)],
      ["roomlog:live", at(3), { offset: at(3), replayed: 2 }],
    ]);
    reading.stop();
  });

  it("KEEP-1 HTTP-10 what is trimmed before a slow reader had it is told", async () => {
    const h = room(1_100);
    const reading = new Reading(h, { after: "0" });
    await reading.events(500);
    h.log.trim(1_099, 1);
    const [gap, last] = await reading.events(2);
    const told = { requested: at(500), ...extent(1_100, 1_100), reason: "trimmed" };
    expect(gap && brief(gap)).toEqual(["roomlog:gap", at(1_099), told]);
    expect(last && brief(last)).toEqual(["old", at(1_100)]);
    reading.stop();
  });

  it("AUTH-2 HTTP-10 without the right to read nothing is opened", () => {
    const request = { claims: { ...claims, scope: ["write"] }, form: "events" } as const;
    expect(openStream(room().room, "lobby", request)).toEqual({ kind: "forbidden" });
  });

  it("HTTP-10 end when the rights do, without another event", async () => {
    const h = room();
    const reading = new Reading(h, { claims: { ...claims, expiresAt: h.now + 1_000 } });
    await reading.events(1);
    const text = reading.text();
    h.now += 1_000;
    await log(h, '["late"]');
    expect(await text).toBeUndefined();
  });

  it("HTTP-10 end by themselves at that time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const h = room();
    const reading = new Reading(h, { claims: { ...claims, expiresAt: h.now + 1_000 } });
    await reading.events(1);
    const text = reading.text();
    h.now += 1_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await text).toBeUndefined();
  });

  it("HTTP-10 nobody waits any more when the reader has gone", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const reading = new Reading(room(), {});
    await reading.events(1);
    const text = reading.text();
    expect(vi.getTimerCount()).toBe(1);
    reading.stop();
    expect(await text).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("HTTP-10 a comment keeps a quiet stream alive, and moves the place of who filters", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const h = room();
    const reading = new Reading(h, { event: "rare" });
    await reading.events(1);
    const quiet = async () => {
      const text = reading.text();
      h.now += 20_000;
      await vi.advanceTimersByTimeAsync(20_000);
      return await text;
    };
    expect(await quiet()).toBe(":\n\n");
    await log(h, '["common"]');
    expect(await quiet()).toBe(`:\nid: ${at(4)}\n\n`);
    expect(await quiet()).toBe(":\n\n");
    reading.stop();
  });
});

describe("a new epoch in the midst of a stream", () => {
  function room(count = 3): Harness {
    let epochs = 0;
    const h = new Harness({ log: new MemoryLog(() => `ep${++epochs}`) });
    h.fill(count);
    return h;
  }

  it.each<[boolean, unknown[]]>([
    [false, []],
    [true, [1, 2, 3].map((seq) => ["old", at(seq, "ep2")])],
  ])("HTTP-14 HTTP-15 is told as a gap, and what is kept (%s) follows", async (keep, kept) => {
    const h = room();
    const reading = new Reading(h, { after: "ep1-3" });
    await reading.events(1);
    const next = reading.events(2 + kept.length);
    h.room.renew(keep);
    h.fill(1, () => '["new"]');
    await h.settle();
    const events = (await next).map(brief);
    expect(events[0]).toMatchObject([
      "roomlog:gap",
      at(0, "ep2"),
      { requested: "ep1-3", reason: "epoch" },
    ]);
    expect(events.slice(1)).toEqual([...kept, ["new", at(kept.length + 1, "ep2")]]);
    reading.stop();
  });

  it("HTTP-11 breaks an export: it must not look like a shorter log", async () => {
    const h = room(600);
    const reading = new Reading(h, { form: "lines" });
    expect((await reading.text())?.split("\n")).toHaveLength(501);
    h.room.renew(true);
    await expect(reading.text()).rejects.toThrow("epoch");
  });

  it("HTTP-11 breaks an export that nobody has read from yet", async () => {
    const h = room(10);
    const reading = new Reading(h, { form: "lines", after: "ep1-5" });
    h.room.renew(false);
    h.fill(20);
    await expect(reading.text()).rejects.toThrow("ep1-5 is gone: epoch");
  });
});

describe.each(LOGS)("the lines of a room on %s, exported", (_, makeLog) => {
  function room(count: number): Harness {
    const h = new Harness({ log: makeLog() });
    h.fill(count, (n) => (n === 2 ? '["old",\n2]' : `["old",${n}]`));
    return h;
  }

  async function lines(reading: Reading): Promise<{ offset: string; args: unknown[] }[]> {
    let whole = "";
    for (let text = await reading.text(); text !== undefined; text = await reading.text())
      whole += text;
    expect(whole === "" || whole.endsWith("\n")).toBe(true);
    return whole
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  it("HTTP-11 are all that is kept, one entry a line", async () => {
    const entries = await lines(new Reading(room(1_200), { form: "lines" }));
    expect(entries.map(({ args }) => args[0])).toEqual(
      Array.from({ length: 1_200 }, (_, i) => i + 1),
    );
    expect(entries[0]).toEqual({
      offset: at(1),
      time: "2023-11-14T22:13:20.000Z",
      event: "old",
      args: [1],
      namespace: "/",
    });
  });

  it("HTTP-11 go on after an offset, and end at the head of when they began", async () => {
    const h = room(700);
    const reading = new Reading(h, { form: "lines", after: at(100) });
    const first = await reading.text();
    h.fill(5, (n) => `["late",${n}]`);
    const rest = await lines(reading);
    const seqs = `${first}${rest.map((entry) => `${JSON.stringify(entry)}\n`).join("")}`;
    expect(seqs.split("\n")).toHaveLength(601);
    expect(rest.at(-1)).toMatchObject({ offset: at(700) });
  });

  it("HTTP-11 end at the head of when they were asked for, not of when they are read", async () => {
    const h = room(3);
    const reading = new Reading(h, { form: "lines" });
    h.fill(5, (n) => `["late",${n}]`);
    expect((await lines(reading)).at(-1)).toMatchObject({ offset: at(3) });
  });

  it("HTTP-11 of an offset that can't be served are a gap, before anything is sent", () => {
    const h = room(3);
    h.log.trim(1, 1);
    const ask = (after: string) => openStream(h.room, "lobby", { claims, form: "lines", after });
    expect(ask(at(0))).toEqual({ kind: "gap", reason: "trimmed", ...extent(2, 3) });
    expect(ask("x y")).toEqual({ kind: "gap", reason: "malformed", ...extent(2, 3) });
  });

  it("HTTP-11 break when what is to come has been trimmed, or the rights end", async () => {
    const h = room(1_200);
    const slow = new Reading(h, { form: "lines" });
    const expiring = new Reading(h, {
      form: "lines",
      claims: { ...claims, expiresAt: h.now + 1 },
    });
    await slow.text();
    await expiring.text();
    h.log.trim(600, 1);
    h.now += 1;
    await expect(slow.text()).rejects.toThrow("trimmed");
    await expect(expiring.text()).rejects.toThrow("expired");
  });

  it("HTTP-11 of an empty log are none", async () => {
    expect(await lines(new Reading(room(0), { form: "lines" }))).toEqual([]);
  });
});
