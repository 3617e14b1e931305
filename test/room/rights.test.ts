import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ApiKey } from "../../src/auth/access.ts";
import type { Scope } from "../../src/auth/scope.ts";
import { EPOCH, Harness } from "../support/room-harness.ts";

function key(id: string, scope: readonly Scope[], rooms: readonly string[] = ["*"]): ApiKey {
  return { id, hash: createHash("sha256").update(`${id}.secret`).digest("hex"), scope, rooms };
}

const keys = [
  key("reader", ["read"]),
  key("writer", ["write"]),
  key("both", ["read", "write"]),
  key("admin", ["admin"]),
  key("elsewhere", ["read", "write"], ["other"]),
  key("present", ["presence"]),
];
const closed = () => new Harness({ access: { keys, anonymous: [] } });
const tokenOf = (id: string) => ({ token: `${id}.secret` });

describe("rights", () => {
  it("AUTH-2 who may only read gets events, and a refusal for its own", async () => {
    const h = closed();
    const reader = await h.join(tokenOf("reader"));
    expect(await reader.ask("chat")).toMatchObject({ error: { code: "forbidden" } });
    expect(h.log.head).toBe(0);
    await (await h.join(tokenOf("both"))).ask("chat");
    expect(reader.seqs).toEqual([1]);
  });

  it.each([
    [{}],
    [{ offset: "0" }],
    [{ offset: `${EPOCH}-1` }],
    [{ offset: "other-1" }],
    [{ rewind: 3 }],
    [{ pid: `${"s".repeat(28)}.${EPOCH}-0` }],
  ])("AUTH-2 who may only write is sent nothing of the log: %j", async (auth) => {
    const h = closed();
    h.fill(3);
    const writer = await h.join({ ...tokenOf("writer"), ...auth });
    expect(writer.transcript.connected).toBeDefined();
    await (await h.join(tokenOf("both"))).ask("chat");
    expect(await writer.ask("chat")).toEqual({ offset: `${EPOCH}-5`, duplicate: false });
    expect(writer.events).toEqual([]);
    expect(writer.notices).toEqual([]);
  });

  it("SUB-5 a writer's older connection is closed as well when it resumes", async () => {
    const h = closed();
    const ghost = await h.join(tokenOf("writer"));
    const again = await h.join({ ...tokenOf("writer"), ...ghost.resume });
    expect(again.id).toBe(ghost.id);
    expect(ghost.wire.closed).toMatchObject({ code: 1000 });
  });

  it("AUTH-2 admin may all", async () => {
    const h = closed();
    h.fill(1);
    const admin = await h.join({ ...tokenOf("admin"), offset: "0" });
    expect(admin.seqs).toEqual([1]);
    expect(await admin.ask("chat")).toEqual({ offset: `${EPOCH}-2`, duplicate: false });
  });

  it.each([
    ["nobody", {}, "unauthorized"],
    ["null for a token", { token: null }, "unauthorized"],
    ["a wrong secret", { token: "both.wrong" }, "invalid_token"],
    ["an unknown key", { token: "none.secret" }, "invalid_token"],
    ["the empty token", { token: "" }, "invalid_token"],
    ["a number", { token: 123 }, "invalid_token"],
    ["an object", { token: {} }, "invalid_token"],
    ["a key of another room", tokenOf("elsewhere"), "forbidden"],
    ["a key that may neither read nor write", tokenOf("present"), "forbidden"],
  ])("AUTH-2 %s gets a CONNECT_ERROR, and the connection stays", async (_, auth, code) => {
    const h = closed();
    h.fill(1);
    const client = await h.join({ ...auth, offset: "0" });
    expect(client.transcript.connected).toBeUndefined();
    expect(client.transcript.errors).toEqual([{ message: expect.any(String), data: { code } }]);
    expect(client.transcript.events).toEqual([]);
    expect(client.wire.closed).toBeUndefined();
    client.connect(tokenOf("both"));
    await h.settle();
    expect(client.transcript.connected).toBeDefined();
  });

  it.each([
    ["elsewhere", "the token is not for this room"],
    ["present", "the token has neither the scope read nor write"],
  ])("AUTH-6 the key %s is told what it lacks: %s", async (id, message) => {
    const client = await closed().join(tokenOf(id));
    expect(client.transcript.errors).toMatchObject([{ message }]);
  });

  it("AUTH-3 a relay without keys and anonymous access is closed, and says how to open it", async () => {
    const h = new Harness({ access: { keys: [], anonymous: [] } });
    const client = await h.join();
    expect(client.transcript.errors).toMatchObject([{ data: { code: "closed" } }]);
    expect(JSON.stringify(client.transcript.errors)).toContain("API_KEYS");
  });
});
