import { describe, expect, it } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { type HistoryRequest, readHistory } from "../../src/room/history.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const claims: Claims = { identity: "key:backend", scope: ["read"], rooms: ["*"] };

describe.each(LOGS)("the history of a room on %s", (_, makeLog) => {
  function room(count = 5): Harness {
    const h = new Harness({ log: makeLog(), now: Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
    h.fill(count, (n) => `["${n % 2 ? "odd" : "even"}",${n}]`);
    return h;
  }
  const ask = (h: Harness, more: Partial<HistoryRequest> = {}) =>
    readHistory(h.room, "lobby", { claims, order: "asc", limit: 100, ...more });
  function page(h: Harness, more: Partial<HistoryRequest> = {}) {
    const result = ask(h, more);
    if (result.kind !== "page") throw new Error(`no page but ${result.kind}`);
    const { events, next, ...rest } = JSON.parse(result.body);
    const seqs = events.map(({ offset }: { offset: string }) => Number(offset.split("-")[1]));
    return { seqs, next, events, ...rest };
  }

  it("an event is told with its offset, time, name, arguments and namespace", () => {
    const { events, ...rest } = page(room(1));
    expect(events).toEqual([
      {
        offset: `${EPOCH}-1`,
        time: "2026-01-02T03:04:05.006Z",
        event: "odd",
        args: [1],
        namespace: "/",
      },
    ]);
    expect(rest).toMatchObject({
      epoch: EPOCH,
      first: `${EPOCH}-1`,
      head: `${EPOCH}-1`,
      next: null,
    });
  });

  it("stored text is told as it is", () => {
    const h = room(0);
    h.fill(1, () => '[ "a,b]" , 1e999,-0, "\\ud800" ]');
    const result = ask(h);
    expect(result.kind === "page" && result.body).toContain(
      '"event": "a,b]" ,"args":[ 1e999,-0, "\\ud800" ]',
    );
  });

  it.each<[Partial<HistoryRequest>, number[], number | null]>([
    [{}, [1, 2, 3, 4, 5], null],
    [{ limit: 2 }, [1, 2], 2],
    [{ after: `${EPOCH}-2`, limit: 2 }, [3, 4], 4],
    [{ after: `${EPOCH}-3`, limit: 2 }, [4, 5], null],
    [{ after: `${EPOCH}-5` }, [], null],
    [{ after: "0" }, [1, 2, 3, 4, 5], null],
    [{ after: "2", before: "5" }, [3, 4], null],
    [{ order: "desc", limit: 2 }, [5, 4], 4],
    [{ order: "desc", before: `${EPOCH}-4`, limit: 2 }, [3, 2], 2],
    [{ order: "desc", before: `${EPOCH}-2`, limit: 2 }, [1], null],
    [{ event: "odd", limit: 2 }, [1, 3], 3],
    [{ event: "even", limit: 2 }, [2, 4], null],
    [{ namespace: "/orders" }, [], null],
    [{ namespace: "/" }, [1, 2, 3, 4, 5], null],
  ])("%j gives %j, and goes on at %j", (query, seqs, next) => {
    expect(page(room(), query)).toMatchObject({ seqs, next: next && `${EPOCH}-${next}` });
  });

  it.each<[Partial<HistoryRequest>, string]>([
    [{ after: "nonsense" }, "malformed"],
    [{ after: "other-1" }, "epoch"],
    [{ after: `${EPOCH}-6` }, "future"],
    [{ after: `${EPOCH}-1` }, "trimmed"],
    [{ before: "other-1" }, "epoch"],
  ])("%j is a gap: %s", (query, reason) => {
    const h = room();
    h.log.trim(2, h.now);
    expect(ask(h, query)).toEqual({
      kind: "gap",
      reason,
      first: `${EPOCH}-3`,
      head: `${EPOCH}-5`,
    });
  });

  it("pages one after the other are the whole log", () => {
    const h = room(25);
    const seen: number[] = [];
    let after: string | null = "0";
    while (after !== null) {
      const { seqs, next }: { seqs: number[]; next: string | null } = page(h, { after, limit: 7 });
      seen.push(...seqs);
      after = next;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  });

  it("a page of large events ends early, and the next one goes on", () => {
    const h = room(0);
    h.fill(3, () => JSON.stringify(["large", "x".repeat(600_000)]));
    expect(page(h)).toMatchObject({ seqs: [1], next: `${EPOCH}-1` });
  });

  it("SUB-14 HTTP-4 what is for some only is shown to keys alone", () => {
    const h = new Harness();
    const plain = { namespace: "/", attachments: [], sender: null, publication: null };
    h.log.append({ ...plain, data: '["all"]', audience: null }, 1);
    h.log.append({ ...plain, data: '["some"]', audience: { to: ["x"], except: [] } }, 1);
    const read = (identity: string) => {
      const claims = { identity, scope: ["read"], rooms: ["*"] } as const;
      const result = readHistory(h.room, "lobby", { claims, order: "asc", limit: 10 });
      const page = result.kind === "page" ? JSON.parse(result.body) : result;
      return [page.events.map(({ event }: { event: string }) => event), page.next, page.head];
    };
    expect(read("key:backend")).toEqual([["all", "some"], null, `${EPOCH}-2`]);
    for (const identity of ["http", "client:x"]) {
      expect(read(identity)).toEqual([["all"], null, `${EPOCH}-2`]);
    }
  });

  it("AUTH-2 without the right to read here nothing is told", () => {
    const h = room();
    expect(ask(h, { claims: { ...claims, scope: ["write"] } })).toEqual({ kind: "forbidden" });
    expect(ask(h, { claims: { ...claims, rooms: ["other"] } })).toEqual({ kind: "forbidden" });
  });
});
