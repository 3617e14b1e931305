/** Reading a room's log over HTTP. */
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { storageSql } from "../../src/platform/sql-driver.ts";
import { event } from "../contract/event-log.ts";
import { expectProblem } from "./support/problem.ts";
import { ask, history, newRoom, type Page, post, publish, seqOf, stubOf } from "./support/rooms.ts";

const seqs = (page: Page) => page.events.map(({ offset }) => seqOf(offset));
const from = (start: number, end: number) =>
  Array.from({ length: end - start + 1 }, (_, i) => start + i);

/** A room of 1,200 events, named `odd` or `even` by their seq, with the seq as argument. */
const room = newRoom();
const COUNT = 1_200;
let epoch = "";

beforeAll(async () => {
  for (const start of [1, 601]) {
    const events = from(start, start + 599).map((n) => ({
      event: n % 2 === 0 ? "even" : "odd",
      data: n,
    }));
    expect((await post(room, { events })).status).toBe(201);
  }
  ({ epoch } = await history(room, "?limit=1"));
});

/** Follows `next` until it is null. */
async function walk(query: string, onward: "after" | "before"): Promise<Page[]> {
  const pages: Page[] = [];
  let next: string | null | undefined;
  while (next !== null) {
    const page = await history(room, `?${query}${next ? `&${onward}=${next}` : ""}`);
    pages.push(page);
    next = page.next;
  }
  return pages;
}

describe("pages", () => {
  it("HTTP-4 walk the whole log by `next`, each event once, in order", async () => {
    const pages = await walk("limit=7", "after");
    expect(pages).toHaveLength(Math.ceil(COUNT / 7));
    expect(pages.flatMap(seqs)).toEqual(from(1, COUNT));
    expect(pages.flatMap(({ events }) => events.map(({ args }) => args[0]))).toEqual(
      from(1, COUNT),
    );
    for (const page of pages) {
      expect(page).toMatchObject({ epoch, first: `${epoch}-1`, head: `${epoch}-${COUNT}` });
    }
  });

  it("walk backwards with order=desc and `before`", async () => {
    const pages = await walk("order=desc&limit=500", "before");
    expect(pages.map(({ events }) => events.length)).toEqual([500, 500, 200]);
    expect(pages.flatMap(seqs)).toEqual(from(1, COUNT).reverse());
  });

  it("end exactly where the log does: no empty last page", async () => {
    const pages = await walk("limit=600", "after");
    expect(pages.map(({ events }) => events.length)).toEqual([600, 600]);
  });

  it("HTTP-4 lie between `after` and `before`", async () => {
    const page = await history(room, `?after=${epoch}-10&before=${epoch}-14`);
    expect([seqs(page), page.next]).toEqual([[11, 12, 13], null]);
    const desc = await history(room, "?after=10&before=14&order=desc&limit=2");
    expect([seqs(desc), desc.next]).toEqual([[13, 12], `${epoch}-12`]);
  });

  it("take a bare seq, and 0 for all that is kept", async () => {
    expect(seqs(await history(room, "?after=5&limit=2"))).toEqual([6, 7]);
    expect(seqs(await history(room, "?after=0&limit=2"))).toEqual([1, 2]);
  });

  it("after head are empty", async () => {
    const page = await history(room, `?after=${epoch}-${COUNT}`);
    expect(page).toMatchObject({ events: [], next: null, head: `${epoch}-${COUNT}` });
  });

  it.each([
    ["", 100],
    ["?limit=1", 1],
    ["?limit=1000", 1000],
    ["?limit=1001", 1000],
    ["?limit=1e9", 1000],
  ])("BAD-81 with %s have %d events", async (query, length) => {
    expect((await history(room, query)).events).toHaveLength(length);
  });

  it("HTTP-4 hold only events of the name asked for, all the way through the log", async () => {
    const pages = await walk("event=even&limit=250", "after");
    expect(pages.flatMap(seqs)).toEqual(from(1, COUNT).filter((n) => n % 2 === 0));
    expect(pages.map(({ events }) => events.length)).toEqual([250, 250, 100]);
    expect((await history(room, "?event=other")).events).toEqual([]);
    expect((await history(room, `?event=${encodeURIComponent("' OR 1=1--")}`)).events).toEqual([]);
  });

  it("hold only events of the namespace asked for", async () => {
    expect((await history(room, "?namespace=/&limit=3")).events).toHaveLength(3);
    expect((await history(room, "?namespace=/other")).events).toEqual([]);
  });

  it("stop at about a million characters, and `next` goes on", async () => {
    const big = newRoom();
    const data = "x".repeat(400_000);
    for (const event of ["a", "b", "c", "d", "e"]) await publish(big, event, data);
    const first = await history(big);
    expect(seqs(first)).toEqual([1, 2]);
    const second = await history(big, `?after=${first.next}`);
    expect(seqs(second)).toEqual([3, 4]);
    const last = await history(big, `?after=${second.next}`);
    expect([seqs(last), last.next]).toEqual([[5], null]);
  });

  it("of an untouched room are empty, with a head to start from", async () => {
    const empty = newRoom();
    const page = await history(empty);
    expect(page).toEqual({
      epoch: page.epoch,
      first: null,
      head: `${page.epoch}-0`,
      events: [],
      next: null,
    });
    const offset = await publish(empty, "first");
    expect(seqs(await history(empty, `?after=${page.head}`))).toEqual([seqOf(offset)]);
  });

  it.each(["limit=-1", "limit=0", "limit=abc", "limit=", "limit=1.5", "order=up", "x=1"])(
    "BAD-81 ?%s is refused",
    async (query) => {
      const response = await ask(`/rooms/${room}/events?${query}`);
      const { detail } = await expectProblem(response, 400, "invalid_query");
      expect(detail).toContain(query.slice(0, query.indexOf("=")));
    },
  );
});

describe("SUB-6 an offset that can't be served is answered 410 with what can", () => {
  const FUTURE = COUNT + 1;

  it.each([
    [`after=${FUTURE}`, "future"],
    [`before=${FUTURE}`, "future"],
    ["after=otherepo-5", "epoch"],
  ])("?%s: %s", async (query, reason) => {
    const response = await ask(`/rooms/${room}/events?${query}`);
    const problem = await expectProblem(response, 410, "gap");
    expect(problem).toMatchObject({ reason, first: `${epoch}-1`, head: `${epoch}-${COUNT}` });
  });

  it.each([
    "after=-1",
    "after=",
    "before=1.5",
    "after=NaN",
    `after=${"9".repeat(400)}`,
    `after=${encodeURIComponent("x:1' OR 1=1--")}`,
  ])("?%s is none, which is another matter", async (query) => {
    const response = await ask(`/rooms/${room}/events?${query}`);
    const { detail } = await expectProblem(response, 400, "invalid_query");
    expect(detail).toBe(`${query.slice(0, query.indexOf("="))}: is not an offset`);
  });

  it("with the current epoch's name too", async () => {
    const response = await ask(`/rooms/${room}/events?after=${epoch}-${FUTURE}`);
    expect(await expectProblem(response, 410, "gap")).toMatchObject({ reason: "future" });
  });

  it("when it was trimmed: from the event before `first` on, it can be served again", async () => {
    const trimmed = newRoom();
    // The log is trimmed before the room opens it.
    await runInDurableObject(stubOf(trimmed), (_, { storage }) => {
      const log = new SqliteLog(storageSql(storage), () => "trimmed");
      for (const n of from(1, 20)) {
        const data = `["n",${n}]`;
        log.append(event(data), Date.now());
      }
      log.trim(10, Date.now());
    });
    const response = await ask(`/rooms/${trimmed}/events?after=9`);
    expect(await expectProblem(response, 410, "gap")).toMatchObject({
      reason: "trimmed",
      first: "trimmed-11",
      head: "trimmed-20",
    });
    expect(seqs(await history(trimmed, "?after=10"))).toEqual(from(11, 20));
    expect(seqs(await history(trimmed, "?after=0"))).toEqual(from(11, 20));
    expect(seqs(await history(trimmed))).toEqual(from(11, 20));
    expect(await publish(trimmed, "next")).toBe("trimmed-21");
  });
});
