import { describe, expect, it } from "vitest";
import { readHistoryQuery } from "../../src/http/history-query.ts";
import { refusalOf } from "../support/refusal.ts";

const read = (query: string, maxPage = 1_000) =>
  readHistoryQuery(new URLSearchParams(query), maxPage);

describe("readHistoryQuery", () => {
  it.each([
    ["", { order: "asc", limit: 100 }],
    ["limit=1", { order: "asc", limit: 1 }],
    ["limit=1000", { order: "asc", limit: 1_000 }],
    ["limit=1001", { order: "asc", limit: 1_000 }],
    ["limit=1e9", { order: "asc", limit: 1_000 }],
    ["order=desc&before=x-3", { order: "desc", limit: 100, before: "x-3" }],
    [
      "after=0&event=chat&namespace=/",
      {
        order: "asc",
        limit: 100,
        after: "0",
        event: "chat",
        namespace: "/",
      },
    ],
    ["event=", { order: "asc", limit: 100, event: "" }],
  ])("BAD-81 takes %j", (query, expected) => {
    expect(read(query)).toEqual(expected);
  });

  it.each([
    ["", 100, 100],
    ["", 50, 50],
    ["limit=51", 50, 50],
    ["limit=5000", 10_000, 5_000],
  ])("HTTP-4 %j in pages of at most %i is %i events", (query, maxPage, limit) => {
    expect(read(query, maxPage).limit).toBe(limit);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=-1", "limit"],
    ["limit=abc", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=%201", "limit"],
    ["order=up", "order"],
    ["order=", "order"],
    ["offset=3", "offset: is unknown here"],
    ["limit=1&limit=2", "limit: is there twice"],
    ["namespace=orders", "namespace"],
    ["namespace=", "namespace"],
    ["limit=5&After=x", "After"],
    ["after=zz", "after: is not an offset"],
    ["after=", "after: is not an offset"],
    ["after=0&before=zz", "before: is not an offset"],
  ])("BAD-81 refuses %j, and names %s", (query, name) => {
    const { code, detail } = refusalOf(() => read(query));
    expect([code, detail]).toEqual(["invalid_query", expect.stringContaining(name)]);
  });
});
