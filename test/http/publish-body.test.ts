import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readPublishBody } from "../../src/http/publish-body.ts";
import { refusalOf } from "../support/refusal.ts";

const read = (body: unknown, header: string | null = null) =>
  readPublishBody(JSON.stringify(body), header);
const refused = (body: unknown, header: string | null = null) =>
  refusalOf(() => read(body, header));

/** Without binary, and for all. */
const PLAIN = { attachments: [], audience: null };

describe("readPublishBody", () => {
  it.each([
    [{ event: "chat" }, '["chat"]'],
    [{ event: "chat", args: [] }, '["chat"]'],
    [{ event: "chat", args: [1, null, { a: "ä" }] }, '["chat",1,null,{"a":"ä"}]'],
    [{ event: "chat", data: { a: 1 } }, '["chat",{"a":1}]'],
    [{ event: "chat", data: null }, '["chat",null]'],
    [{ event: "chat", data: [1, 2] }, '["chat",[1,2]]'],
    [{ event: "chat", namespace: "/" }, '["chat"]'],
    [{ event: "__proto__", data: 1 }, '["__proto__",1]'],
    [{ event: "error" }, '["error"]'],
  ])("takes %j", (body, data) => {
    expect(read(body)).toEqual({
      batch: false,
      ifHead: null,
      events: [
        {
          ...PLAIN,
          name: body.event,
          namespace: "/",
          data,
          idempotencyKey: null,
          ephemeral: false,
        },
      ],
    });
  });

  it.each([
    [{ to: "red" }, { to: ["red"], except: [] }],
    [
      { to: ["a", "b"], except: "c" },
      { to: ["a", "b"], except: ["c"] },
    ],
    [{ except: ["x"] }, { to: [], except: ["x"] }],
    [
      { to: [], except: ["x"] },
      { to: [], except: ["x"] },
    ],
    [{ except: [] }, null],
    [{}, null],
  ])("SUB-14 takes whom it is for: %j", (body, audience) => {
    expect(read({ event: "a", ...body }).events[0]?.audience).toEqual(audience);
  });

  it.each([
    { to: 1 },
    // Computed, and empty: it is not to reach everybody.
    { to: [] },
    { to: [], except: [] },
    { to: "" },
    { except: ["a", ""] },
    { to: [1] },
    { except: null },
    { to: Array.from({ length: 101 }, () => "r") },
  ])("SUB-14 refuses whom it can't be for: %j", (body) => {
    expect(refused({ event: "a", ...body }).code).toBe("invalid_event");
  });

  it("takes a key from the body, or from the header", () => {
    const keyOf = (body: object, header: string | null) =>
      read({ event: "a", ...body }, header).events[0]?.idempotencyKey;
    expect(keyOf({ idempotencyKey: "k" }, null)).toBe("k");
    expect(keyOf({}, "h")).toBe("h");
    expect(keyOf({}, "k".repeat(128))).toBe("k".repeat(128));
    expect(keyOf({ idempotencyKey: "k" }, "h")).toBe("k");
  });

  it("takes a batch, in its order, each event with its own key", () => {
    const events = [
      { event: "a", idempotencyKey: "k" },
      { event: "b", data: 1, namespace: "/orders", ephemeral: true },
    ];
    expect(read({ events })).toEqual({
      batch: true,
      ifHead: null,
      events: [
        {
          ...PLAIN,
          name: "a",
          namespace: "/",
          data: '["a"]',
          idempotencyKey: "k",
          ephemeral: false,
        },
        {
          ...PLAIN,
          name: "b",
          namespace: "/orders",
          data: '["b",1]',
          idempotencyKey: null,
          ephemeral: true,
        },
      ],
    });
    const many = Array.from({ length: 1_000 }, () => ({ event: "a" }));
    expect(read({ events: many }).events).toHaveLength(1_000);
  });

  it.each([
    ["an empty body", ""],
    ["no JSON", "event=chat"],
    ["half of it", '{"event":"chat"'],
    ["two bodies", '{"event":"a"}{"event":"b"}'],
    ["JSON nested too deep", `{"event":"a","data":${"[".repeat(64)}${"]".repeat(64)}}`],
    ["JSON nested far too deep", "[".repeat(100_000)],
  ])("BAD-74 refuses %s", (_, text) => {
    expect(refusalOf(() => readPublishBody(text, null)).code).toBe("invalid_body");
  });

  it("BAD-74 LIFE-3 refuses a string that never ends, instead of looking for its end for ever", () => {
    const open = `{"event":"${"a".repeat(200)}`;
    const bodies = [open, `${open}\\`, '"'.repeat(201)];
    const module = new URL("../../src/http/publish-body.ts", import.meta.url).href;
    const script = `
      import { readPublishBody } from ${JSON.stringify(module)};
      for (const body of ${JSON.stringify(bodies)}) {
        try { readPublishBody(body, null); } catch ({ code }) { console.log(code); }
      }`;
    // In a process of its own, which can be stopped should it never answer.
    const { stdout, error } = spawnSync(
      process.execPath,
      ["--input-type=module", "--no-warnings", "--eval", script],
      { encoding: "utf8", timeout: 15_000, killSignal: "SIGKILL" },
    );
    expect(error?.message).toBeUndefined();
    expect(stdout.trim().split("\n")).toEqual(bodies.map(() => "invalid_body"));
  });

  it.each([
    ["null", null],
    ["an array", []],
    ["a string", "chat"],
    ["no event", {}],
    ["an empty name", { event: "" }],
    ["a name that is a number", { event: 5 }],
    ["a name that is an object", { event: { toString: "x" } }],
    ["a reserved name", { event: "disconnect" }],
    ["a name of Roomlog's own", { event: "roomlog:gap" }],
    ["args that are no array", { event: "a", args: { 0: 1 } }],
    ["args and data", { event: "a", args: [], data: 1 }],
    ["a namespace without its slash", { event: "a", namespace: "orders" }],
    ["a namespace of two levels", { event: "a", namespace: "/a/b" }],
    ["a misspelt member", { event: "a", idempotencykey: "k" }],
    ["a member that objects have", { event: "a", constructor: 1 }],
    ["a member that changes objects", JSON.parse('{"event":"a","__proto__":{"to":"x"}}')],
  ])("BAD-74 refuses %s", (_, body) => {
    expect(refused(body).code).toBe("invalid_event");
  });

  it("BAD-76 refuses a header that is no key, whatever the body has", () => {
    expect(refused({ event: "a", idempotencyKey: "k" }, "a, b").code).toBe("invalid_key");
  });

  it.each([
    [{ event: "a", foo: 1 }, "foo: is unknown here"],
    [{}, "event: is missing"],
    [
      { events: [{ event: "a" }, { event: "a", to: 5 }] },
      "events.1.to: has to be a room or a list",
    ],
    [{ events: [7] }, "events.0: has to be an object"],
    [{ events: 7 }, "events: has to be a list of events"],
    [{ event: "a", namespace: "x" }, "namespace: is no namespace; one begins with a slash"],
    ["chat", "the body has to be an event, or { events: [ … ] }"],
  ])("HTTP-1 says what is wrong with %j in words", (body, detail) => {
    expect(refused(body).detail).toContain(detail);
  });

  it("HTTP-1 BAD-67 keeps numbers that JavaScript can't hold", () => {
    const args = '[9007199254740993,1e999,-0,{"price":1.10},"1e999"]';
    const one = readPublishBody(`{"event":"n","args": ${args}}`, null);
    const batch = readPublishBody(`{"events":[{"event":"n","args":${args}}]}`, null);
    const data = `["n",${args.slice(1)}`;
    expect([one, batch].map(({ events }) => events[0]?.data)).toEqual([data, data]);
  });

  it.each([
    ["an empty key", { event: "a", idempotencyKey: "" }],
    ["a long key", { event: "a", idempotencyKey: "k".repeat(129) }],
    ["a key with a control character", { event: "a", idempotencyKey: "a\nb" }],
    ["a key that is a number", { event: "a", idempotencyKey: 1 }],
  ])("BAD-76 refuses %s in the body", (_, body) => {
    expect(refused(body).code).toBe("invalid_key");
    expect(refused({ events: [body] }).code).toBe("invalid_key");
  });

  it.each([[""], ["k".repeat(300)], ["a\u0001b"], ["a, b"], ["a,b"], ["\u007f"], ["a\ufffd"]])(
    "BAD-76 refuses the header Idempotency-Key: %j",
    (header) => {
      expect(refused({ event: "a" }, header).code).toBe("invalid_key");
    },
  );

  it("BAD-76 refuses the header for a batch", () => {
    expect(refused({ events: [{ event: "a" }] }, "k").code).toBe("invalid_key");
  });

  it.each([
    ["no events", { events: [] }, "invalid_body"],
    ["events that are no array", { events: {} }, "invalid_body"],
    ["something beside events", { events: [{ event: "a" }], event: "b" }, "invalid_body"],
    [
      "1,001 events",
      { events: Array.from({ length: 1_001 }, () => ({ event: "a" })) },
      "too_large",
    ],
  ])("BAD-80 refuses a batch with %s", (_, body, code) => {
    expect(refused(body).code).toBe(code);
  });

  it("BAD-80 one bad event in a hundred is named", () => {
    const events = Array.from({ length: 100 }, (_, i) => ({ event: i === 41 ? "" : "a" }));
    const { code, detail } = refused({ events });
    expect([code, detail]).toEqual(["invalid_event", expect.stringContaining("events.41.event")]);
  });

  it("BAD-53 a key called __proto__ is text like any other", () => {
    const text = '{"event":"a","data":{"__proto__":{"admin":true}}}';
    expect(readPublishBody(text, null).events[0]?.data).toBe('["a",{"__proto__":{"admin":true}}]');
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  it.each([[{ event: "a" }], [{ events: [{ event: "a" }] }]])(
    "HTTP-8 takes ifHead beside %j, and nothing that is no offset",
    (body) => {
      expect(read({ ...body, ifHead: "k3f9-42" }).ifHead).toBe("k3f9-42");
      for (const ifHead of ["nonsense", 42, null, ""]) {
        expect(refused({ ...body, ifHead })).toMatchObject({
          detail: expect.stringMatching(/^ifHead: /),
        });
      }
    },
  );
});
