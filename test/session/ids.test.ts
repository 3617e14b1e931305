import { describe, expect, it } from "vitest";
import { newEpoch, newPid, newSecret, newSid, parsePid, socketId } from "../../src/session/ids.ts";

const many = <T>(make: () => T) => Array.from({ length: 1_000 }, make);

describe("ids", () => {
  it("a session's is 20 characters of base64url, and never the same", () => {
    const sids = many(newSid);
    for (const sid of sids) expect(sid).toMatch(/^[A-Za-z0-9_-]{20}$/);
    expect(new Set(sids).size).toBe(sids.length);
  });

  it("an epoch is 8 characters of a-z and 0-9", () => {
    for (const epoch of many(newEpoch)) expect(epoch).toMatch(/^[a-z0-9]{8}$/);
  });

  it("a pid is read back as what it was made of", () => {
    const secret = newSecret();
    const text = newPid(secret, "k3f9", 42);
    expect(parsePid(text)).toEqual({ text, secret, joined: "k3f9-42" });
  });

  it("SUB-6 two pids of one secret differ", () => {
    const secret = newSecret();
    expect(newPid(secret, "k3f9", 42)).not.toBe(newPid(secret, "k3f9", 42));
  });

  it.each([
    [""],
    ["x"],
    [`${"s".repeat(28)}.42`],
    [`${"s".repeat(28)}.k3f9-`],
    [`${"s".repeat(27)}.k3f9-1`],
    [`${"s".repeat(29)}.k3f9-1`],
    [`${"!".repeat(28)}.k3f9-1`],
    [42],
    [null],
    [{}],
  ])("%j is no pid", (value) => {
    expect(parsePid(value)).toBeUndefined();
  });

  it("EMIT-3 a socket's id depends on secret, namespace and holder, and tells none of them", async () => {
    const ids = await Promise.all([
      socketId("secret", "/", "ann"),
      socketId("secret", "/", "bob"),
      socketId("secret", "/orders", "ann"),
      socketId("other", "/", "ann"),
    ]);
    expect(new Set(ids).size).toBe(4);
    expect(await socketId("secret", "/", "ann")).toBe(ids[0]);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{20}$/);
  });
});
