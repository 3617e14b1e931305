import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { nodeSql } from "../support/node-sql.ts";
import type { WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const at = (seq: number, duplicate = false) => ({ offset: `${EPOCH}-${seq}`, duplicate });
const ANN = { clientId: "ann-0123456789abcdef" };
const BOB = { clientId: "bob-0123456789abcdef" };

describe.each(LOGS)("keys in a room on %s", (_, makeLog) => {
  const room = () => new Harness({ log: makeLog() });
  const texts = (h: Harness) => h.log.read({ limit: 100 }).map(({ data }) => data);

  it("EMIT-2 the key is taken off, and a retry gets the first one's offset", async () => {
    const h = room();
    const reader = await h.join();
    const sender = await h.join();
    expect(await sender.ask("chat", "hi", { idempotencyKey: "k" })).toEqual(at(1));
    expect(await sender.ask("other")).toEqual(at(2));
    expect(await sender.ask("chat", "hi", { idempotencyKey: "k" })).toEqual(at(1, true));
    expect(texts(h)).toEqual(['["chat","hi"]', '["other"]']);
    expect(reader.seqs).toEqual([1, 2]);
  });

  it("EMIT-2 two tries in one turn are one event, and both are answered", async () => {
    const h = room();
    const reader = await h.join();
    const sender = await h.join();
    const ids = [1, 2].map(() => sender.emit("chat", { idempotencyKey: "k" }));
    await h.settle();
    expect(ids.map((id) => sender.transcript.acksOf(id))).toEqual([[at(1)], [at(1, true)]]);
    expect(reader.seqs).toEqual([1]);
  });

  it("EMIT-2 a key with other content is refused, and the stored event stays", async () => {
    const h = room();
    const sender = await h.join();
    await sender.ask("chat", 1, { idempotencyKey: "k" });
    const refusal = await sender.ask("chat", 2, { idempotencyKey: "k" });
    expect(refusal).toMatchObject({ error: { code: "key_reused" } });
    expect(JSON.stringify(refusal)).not.toContain("chat");
    expect(texts(h)).toEqual(['["chat",1]']);
  });

  it.each([
    ["an id", [{ id: "k" }]],
    ["a key and more", [{ idempotencyKey: "k", more: 1 }]],
    ["a key, after and more", [{ idempotencyKey: "k", after: "1", more: 1 }]],
    ["after alone", [{ after: "1" }]],
    ["an empty object", [{}]],
    ["an array", [[{ idempotencyKey: "k" }]]],
    ["a string", ["idempotencyKey"]],
    ["null", [null]],
    ["a key that is not last", [{ idempotencyKey: "k" }, 1]],
  ])("EMIT-2 %s is payload", async (_name, args) => {
    const h = room();
    const sender = await h.join();
    expect(await sender.ask("chat", ...args)).toEqual(at(1));
    expect(await sender.ask("chat", ...args)).toEqual(at(2));
    expect(texts(h)[0]).toBe(JSON.stringify(["chat", ...args]));
  });

  it.each([
    ["empty", ""],
    ["too long", "k".repeat(129)],
    ["a control character", "a\nb"],
    ["NUL", "\u0000"],
    ["a lone surrogate", "\ud800"],
    ["a number", 5],
    ["null", null],
    ["an object", {}],
  ])("EMIT-2 a key that is none is refused: %s", async (_name, idempotencyKey) => {
    const h = room();
    const sender = await h.join();
    const refusal = await sender.ask("chat", 1, { idempotencyKey });
    expect(refusal).toMatchObject({ error: { code: "invalid_key" } });
    expect(h.log.head).toBe(0);
  });

  it.each([["k".repeat(128)], ["😀".repeat(128)], ["a b"], ["__proto__"], ["ä"]])(
    "EMIT-2 %j is a key",
    async (idempotencyKey) => {
      const sender = await room().join();
      expect(await sender.ask("chat", { idempotencyKey })).toEqual(at(1));
      expect(await sender.ask("chat", { idempotencyKey })).toEqual(at(1, true));
    },
  );

  it("EMIT-2 `after` is taken off too, as an offset or a bare seq of any epoch", async () => {
    const h = room();
    h.fill(2);
    const sender = await h.join();
    const tries = [`${EPOCH}-2`, "2", 2, null, "other-1", undefined];
    for (const [i, after] of tries.entries()) {
      const ack = await sender.ask("chat", { idempotencyKey: "k", after });
      expect(ack).toEqual(at(3, i > 0));
    }
    expect(texts(h).at(-1)).toBe('["chat"]');
    const refusal = await sender.ask("chat", { idempotencyKey: "k2", after: "nonsense" });
    expect(refusal).toMatchObject({ error: { code: "invalid_key" } });
  });

  it("EMIT-3 keys of a clientId are known by whichever connection they come", async () => {
    const h = room();
    const first = await h.join(ANN);
    await first.ask("chat", { idempotencyKey: "k" });
    first.drop();
    const again = await h.join(ANN);
    expect(again.id).not.toBe(first.id);
    expect(await again.ask("chat", { idempotencyKey: "k" })).toEqual(at(1, true));
  });

  it("EMIT-3 keys of a pid are known when it resumes, even after a gap", async () => {
    const h = room();
    const first = await h.join();
    await first.ask("chat", { idempotencyKey: "k" });
    first.drop();
    const resumed = await h.join({ pid: first.pid });
    expect(await resumed.ask("chat", { idempotencyKey: "k" })).toEqual(at(1, true));
    resumed.drop();
    const lost = await h.join({ pid: first.pid, offset: "other-1" });
    expect(lost.pid).not.toBe(first.pid);
    expect(await lost.ask("chat", { idempotencyKey: "k" })).toEqual(at(1, true));
  });

  it("EMIT-3 the same key of different identities never meets", async () => {
    const secret = "key.secret";
    const hash = createHash("sha256").update(secret).digest("hex");
    const scope = ["read", "write"] as const;
    const keys = [{ id: "key", hash, scope, rooms: ["*"] }];
    const h = new Harness({ log: makeLog(), access: { keys, anonymous: scope } });
    const auths = [ANN, BOB, undefined, undefined, { token: secret }];
    const clients: WireClient[] = [];
    for (const auth of auths) clients.push(await h.join(auth));
    for (const [i, client] of clients.entries()) {
      expect(await client.ask("chat", i, { idempotencyKey: "k" })).toEqual(at(i + 1));
    }
    for (const [i, client] of clients.entries()) {
      expect(await client.ask("chat", i, { idempotencyKey: "k" })).toEqual(at(i + 1, true));
    }
  });

  it("EMIT-3 with a stolen pid another identity gets another id, and none of its keys", async () => {
    const h = room();
    const ann = await h.join(ANN);
    await ann.ask("chat", { idempotencyKey: "k" });
    const thief = await h.join({ ...BOB, pid: ann.pid });
    expect(thief.id).not.toBe(ann.id);
    expect(ann.wire.closed).toBeUndefined();
    expect(await thief.ask("chat", { idempotencyKey: "k" })).toEqual(at(2));
    const nobody = await h.join({ pid: ann.pid });
    expect(nobody.id).not.toBe(ann.id);
    expect(await nobody.ask("chat", { idempotencyKey: "k" })).toEqual(at(3));
  });

  it.each([["short"], ["x".repeat(257)], [5], [{}]])(
    "EMIT-3 clientId %j is refused",
    async (clientId) => {
      const client = await room().join({ clientId });
      expect(client.transcript.connected).toBeUndefined();
      expect(client.transcript.errors).toMatchObject([{ data: { code: "invalid_client_id" } }]);
    },
  );
});

describe.each([
  ["MemoryLog", () => new MemoryLog(() => EPOCH, 2)],
  ["SqliteLog", () => new SqliteLog(nodeSql(), () => EPOCH, 2)],
] as const)("old keys in a room on %s", (_, makeLog) => {
  it("EMIT-4 `after` finds a key behind the window, if it is of this epoch", async () => {
    const h = new Harness({ log: makeLog() });
    const sender = await h.join();
    const ask = (n: number, after?: unknown) =>
      sender.ask("chat", n, { idempotencyKey: `k${n}`, after });
    for (const n of [1, 2, 3, 4]) await ask(n);
    expect(await ask(1, `${EPOCH}-0`)).toEqual(at(1, true));
    expect(await ask(2, "1")).toEqual(at(2, true));
    expect(await ask(1, "other-0")).toEqual(at(5));
  });
});
