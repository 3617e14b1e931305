/** Publishing over HTTP. */
import { describe, expect, it } from "vitest";
import { Client } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { expectProblem } from "./support/problem.ts";
import { history, newRoom, type Published, post, publish, seqOf } from "./support/rooms.ts";

type Batch = { readonly events: readonly Published[] };

describe("one event", () => {
  it("is logged, sent to the room, and answered 201 with its offset", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    const response = await post(room, { event: "chat", args: ["héllo", { a: [1, null] }] });
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toContain("application/json");
    const { offset, ...rest } = await response.json<Published>();
    expect(rest).toEqual({ duplicate: false });
    expect(offset).toMatch(/^[a-z0-9]+-1$/);
    expect(await reader.frame()).toBe(`42["chat","héllo",{"a":[1,null]},"${offset}"]`);
    const { events } = await history(room);
    expect(events).toEqual([
      {
        offset,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        event: "chat",
        args: ["héllo", { a: [1, null] }],
        namespace: "/",
      },
    ]);
  });

  it("has `data` as its only argument, or none", async () => {
    const room = newRoom();
    await post(room, { event: "one", data: [1, 2] });
    await post(room, { event: "null", data: null });
    await post(room, { event: "none" });
    const { events } = await history(room);
    expect(events.map(({ event, args }) => [event, args])).toEqual([
      ["one", [[1, 2]]],
      ["null", [null]],
      ["none", []],
    ]);
  });

  it("BAD-53 may carry what looks like an attack: it stays inert text", async () => {
    const room = newRoom();
    const body = '{"event":"__proto__","args":[{"__proto__":{"admin":true}},{"constructor":1}]}';
    expect((await post(room, body)).status).toBe(201);
    const page = await history(room);
    expect(JSON.stringify(page.events[0]?.args)).toBe(
      '[{"__proto__":{"admin":true}},{"constructor":1}]',
    );
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});

describe("a batch", () => {
  it("gets consecutive seqs in its order, and arrives in it", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    await publish(room, "before");
    const events = Array.from({ length: 50 }, (_, i) => ({ event: "n", data: i }));
    const response = await post(room, { events });
    expect(response.status).toBe(201);
    const { events: answered } = await response.json<Batch>();
    expect(answered.map(({ offset }) => seqOf(offset))).toEqual(events.map((_, i) => i + 2));
    expect(answered.every(({ duplicate }) => duplicate === false)).toBe(true);
    const [, ...received] = await reader.events(51);
    expect(received.map(({ args }) => args[0])).toEqual(events.map((_, i) => i));
  });

  it("BAD-80 may have 1,000 events", async () => {
    const room = newRoom();
    const response = await post(room, { events: Array(1000).fill({ event: "n" }) });
    expect(response.status).toBe(201);
    expect((await response.json<Batch>()).events).toHaveLength(1000);
    await expectProblem(
      await post(room, { events: Array(1001).fill({ event: "n" }) }),
      413,
      "too_large",
    );
    expect(seqOf((await history(room)).head)).toBe(1000);
  });

  it("BAD-80 is refused whole when one in 100 is bad, and empty", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const events: unknown[] = Array(100).fill({ event: "n" });
      events[57] = { event: "disconnect" };
      const { detail } = await expectProblem(await post(room, { events }), 400, "invalid_event");
      expect(detail).toContain("events.57.");
      await expectProblem(await post(room, { events: [] }), 400, "invalid_body");
      expect(seqOf((await history(room)).head)).toBe(1);
    });
  });

  it("logs none when the key of one is another event's, and nobody hears of it", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    await post(room, { event: "kept", idempotencyKey: "k" });
    const events = [{ event: "a" }, { event: "other", idempotencyKey: "k" }, { event: "b" }];
    // Others in the same turn are not touched by it.
    const [bad, good] = await Promise.all([post(room, { events }), post(room, { event: "good" })]);
    await expectProblem(bad, 422, "key_reused");
    expect(good.status).toBe(201);
    expect((await reader.events(2)).map(({ name }) => name)).toEqual(["kept", "good"]);
    const page = await history(room);
    expect(page.events.map(({ event }) => event)).toEqual(["kept", "good"]);
    expect(page.events.map(({ offset }) => seqOf(offset))).toEqual([1, 2]);
  });

  it("answers 201 while any of it is new, 200 when all of it was there", async () => {
    const room = newRoom();
    const events = ["a", "b"].map((key) => ({ event: key, idempotencyKey: key }));
    const first = await (await post(room, { events: events.slice(0, 1) })).json<Batch>();
    const mixed = await post(room, { events });
    expect(mixed.status).toBe(201);
    const { events: answered } = await mixed.json<Batch>();
    expect(answered.map(({ duplicate }) => duplicate)).toEqual([true, false]);
    expect(answered[0]?.offset).toBe(first.events[0]?.offset);
    const repeat = await post(room, { events });
    expect(repeat.status).toBe(200);
    expect(await repeat.json()).toEqual({
      events: answered.map(({ offset }) => ({ offset, duplicate: true })),
    });
  });

  it("recognises a key that comes twice within it", async () => {
    const room = newRoom();
    const event = { event: "twice", idempotencyKey: "k" };
    const { events } = await (await post(room, { events: [event, event] })).json<Batch>();
    expect(events.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    expect(events[1]?.offset).toBe(events[0]?.offset);
    expect((await history(room)).events).toHaveLength(1);
  });
});

describe("an idempotency key", () => {
  const event = { event: "pay", args: [{ amount: 1 }] };

  for (const where of ["body", "header"] as const) {
    it(`EMIT-2 in the ${where}: a retry is answered 200 with the first offset`, async () => {
      const room = newRoom();
      const reader = await Client.joined(room);
      const send = () =>
        where === "body"
          ? post(room, { ...event, idempotencyKey: "order 1" })
          : post(room, event, { "idempotency-key": "order 1" });
      const first = await send();
      expect(first.status).toBe(201);
      const { offset } = await first.json<Published>();
      const retry = await send();
      expect(retry.status).toBe(200);
      expect(await retry.json()).toEqual({ offset, duplicate: true });
      const next = await publish(room, "next");
      expect((await reader.events(2)).map((e) => e.offset)).toEqual([offset, next]);
    });
  }

  it("is the same key in body and header", async () => {
    const room = newRoom();
    await post(room, { ...event, idempotencyKey: "k" });
    expect((await post(room, event, { "idempotency-key": "k" })).status).toBe(200);
  });

  it("recognises the same content in other white space", async () => {
    const room = newRoom();
    await post(room, { event: "e", args: [{ a: 1 }], idempotencyKey: "k" });
    const retry = await post(room, '{ "idempotencyKey":"k", "args":[ {"a": 1} ],"event":"e" }');
    expect(retry.status).toBe(200);
  });

  it("BAD-77 with other content is refused, tells nothing of the stored event, and changes nothing", async () => {
    const room = newRoom();
    await post(room, { event: "secret", args: ["swordfish"], idempotencyKey: "k" });
    await besideHealthy(room, async () => {
      const response = await post(room, { event: "secret", args: ["guess"], idempotencyKey: "k" });
      const answer = JSON.stringify(await expectProblem(response, 422, "key_reused"));
      expect(answer).not.toContain("swordfish");
      expect(answer).not.toContain((await history(room)).epoch);
    });
    const { events } = await history(room, "?event=secret");
    expect(events.map(({ args }) => args)).toEqual([["swordfish"]]);
  });

  it("BAD-78 in requests that are in flight together makes one row and one offset", async () => {
    const room = newRoom();
    const send = () => post(room, { ...event, idempotencyKey: "k" });
    const responses = await besideHealthy(room, () =>
      Promise.all(Array.from({ length: 20 }, send)),
    );
    const answers = await Promise.all(responses.map((response) => response.json<Published>()));
    expect(new Set(answers.map(({ offset }) => offset)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect((await history(room, `?event=${event.event}`)).events).toHaveLength(1);
  });

  it("of a socket is not the key of a backend (EMIT-3)", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const acked = await client.emit("e", { idempotencyKey: "k" });
    expect(acked).toMatchObject({ duplicate: false });
    expect((await post(room, { event: "other", idempotencyKey: "k" })).status).toBe(201);
  });

  const long = "x".repeat(128);
  it.each([["1"], [long], ["ключ"], ["a b~!"]])("may be %j in the body", async (idempotencyKey) => {
    expect((await post(newRoom(), { ...event, idempotencyKey })).status).toBe(201);
  });

  it.each([
    ["empty", ""],
    ["300 characters", "x".repeat(300)],
    ["129 characters", `${long}x`],
    ["a control character", "a\tb"],
    ["a comma", "a,b"],
  ])("BAD-76 as a header is refused: %s", async (_, key) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const { head } = await history(room);
      await expectProblem(await post(room, event, { "idempotency-key": key }), 400, "invalid_key");
      expect((await history(room)).head).toBe(head);
    });
  });

  it.each([[""], ["x".repeat(129)], ["a\u0000b"], ["a\nb"], [7], [{}], [null]])(
    "BAD-76 in the body is refused: %j",
    async (idempotencyKey) => {
      const room = newRoom();
      await besideHealthy(room, async () => {
        const { head } = await history(room);
        await expectProblem(await post(room, { ...event, idempotencyKey }), 400, "invalid_key");
        expect((await history(room)).head).toBe(head);
      });
    },
  );

  it("can't be a header of a batch, where each event has its own", async () => {
    const response = await post(newRoom(), { events: [event] }, { "idempotency-key": "k" });
    await expectProblem(response, 400, "invalid_key");
  });
});
