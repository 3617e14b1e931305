import { afterEach, describe, expect, it, vi } from "vitest";
import { describeError, writeLine } from "../../src/telemetry/line.ts";

class DiskFailed extends Error {}

describe("a line of the log", () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ["error", "error"],
    ["warn", "warn"],
    ["info", "log"],
  ] as const)("of level %s is one line of JSON, by console.%s", (level, method) => {
    const write = vi.spyOn(console, method).mockImplementation(() => {});
    writeLine({ level, event: "refused", room: "lobby", code: "forbidden", count: 3 });
    expect(write.mock.calls).toHaveLength(1);
    const [text] = write.mock.calls[0] ?? [];
    expect(text).not.toContain("\n");
    expect(JSON.parse(text)).toEqual({
      level,
      event: "refused",
      room: "lobby",
      code: "forbidden",
      count: 3,
    });
  });

  it("says of an error its class and its place, and not what it says", () => {
    const described = describeError(new DiskFailed("secret: SQLITE_FULL in\n    at secret (x)"));
    expect(described).toMatchObject({ error: "DiskFailed", sqlite: "SQLITE_FULL" });
    expect(described.at).toContain("line.test.ts");
    expect(JSON.stringify(described)).not.toContain("secret");
  });

  it("says what it says where that is wanted", () => {
    const cause = new DiskFailed("the disk");
    const described = describeError(new Error("no", { cause }), true);
    expect(described).toMatchObject({ error: "Error", message: "no", cause: "DiskFailed" });
    expect(described.at).toContain("line.test.ts");
    expect(describeError("no", true)).toEqual({ error: "string", message: "no" });
  });

  it("says what stands behind it", () => {
    const cause = new DiskFailed("secret: SQLITE_BUSY");
    const described = describeError(new Error("secret", { cause }));
    expect(described).toMatchObject({ error: "Error", cause: "DiskFailed", sqlite: "SQLITE_BUSY" });
    expect(JSON.stringify(described)).not.toContain("secret");
  });

  it.each([["secret"], [{ message: "secret" }], [undefined]])("takes %j for no error", (thrown) => {
    expect(describeError(thrown)).toEqual({ error: typeof thrown });
  });

  it("takes a name, or a place, that was set for none", () => {
    const error = new DiskFailed("no");
    error.name = "secret";
    error.stack = "secret\n    at secret\nat secret:1:1\n    at place (file.ts:1:2)";
    expect(describeError(error)).toMatchObject({
      error: "DiskFailed",
      at: "place (file.ts:1:2)",
    });
  });
});
