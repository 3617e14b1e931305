/** The log over HTTP as it grows: waiting for it, following it, taking all of it, putting it back. */
import { describe, expect, it } from "vitest";
import { Client } from "./support/client.ts";
import { evict } from "./support/evict.ts";
import { expectProblem } from "./support/problem.ts";
import { ask, history, newRoom, type Page, post, publish } from "./support/rooms.ts";
import { EventStream } from "./support/stream.ts";

const LINES = "application/x-ndjson";

const exported = (room: string, query = "") =>
  ask(`/rooms/${room}/events${query}`, { headers: { accept: LINES } });

async function linesOf(room: string, query = ""): Promise<string[]> {
  const response = await exported(room, query);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, LINES]);
  // Not `text()`, which warns of what is not text/…
  return new TextDecoder()
    .decode(await response.arrayBuffer())
    .split("\n")
    .slice(0, -1);
}

const imports = (room: string, body: string | ReadableStream, headers = {}) =>
  ask(`/rooms/${room}/events`, {
    method: "POST",
    headers: { "content-type": LINES, ...headers },
    body,
  });

describe("waiting", () => {
  it("HTTP-9 is answered when an event is logged", async () => {
    const room = newRoom();
    const head = await publish(room, "first");
    const answer = history(room, `?after=${head}&wait=60`);
    const offset = await publish(room, "second");
    expect((await answer).events.map((event) => event.offset)).toEqual([offset]);
  });

  it("HTTP-9 is answered by an emit too, which is then durable", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const answer = history(room, "?wait=60");
    await client.emit("mine", 1);
    expect((await answer).events.map(({ event, args }) => [event, args])).toEqual([["mine", [1]]]);
  });

  it("HTTP-9 of nothing is an empty page", async () => {
    const room = newRoom();
    const head = await publish(room, "first");
    expect(await history(room, `?after=${head}&wait=1`)).toMatchObject({ events: [], next: null });
    expect(await history(room, `?after=${head}&wait=0`)).toMatchObject({ events: [], next: null });
  });

  it.each([
    "wait=61",
    "wait=-1",
    "wait=a",
    "wait=",
    "wait=1.5",
    "wait=5&order=desc",
    "wait=5&before=9",
  ])("HTTP-9 ?%s is refused", async (query) => {
    const response = await ask(`/rooms/${newRoom()}/events?${query}`);
    const { detail } = await expectProblem(response, 400, "invalid_query");
    expect(detail).toContain("wait");
  });
});

describe("an event stream", () => {
  it("HTTP-10 tells what is there and what comes, by whichever way it came", async () => {
    const room = newRoom();
    const first = await publish(room, "first", 1);
    const stream = await EventStream.open(room, "?after=0");
    const { headers } = stream.response;
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toContain("no-store");
    const [{ events }] = [await history(room)];
    expect(await stream.next()).toEqual(["message", events[0], first]);
    expect(await stream.next()).toEqual(["roomlog:live", { offset: first, replayed: 1 }, first]);
    const client = await Client.joined(room);
    const { offset } = (await client.emit("chat", "hi")) as { offset: string };
    expect(await stream.next()).toMatchObject(["message", { event: "chat", args: ["hi"] }, offset]);
    await stream.close();
  });

  it("HTTP-10 goes on after Last-Event-ID, which goes before `after`", async () => {
    const room = newRoom();
    const offsets = [await publish(room, "a"), await publish(room, "b"), await publish(room, "c")];
    const stream = await EventStream.open(room, "?after=0", { "last-event-id": offsets[1] ?? "" });
    expect(await stream.next()).toMatchObject(["message", { event: "c" }, offsets[2]]);
    await stream.close();
  });

  it("HTTP-10 an empty Last-Event-ID is none", async () => {
    const room = newRoom();
    const offsets = [await publish(room, "a"), await publish(room, "b")];
    const stream = await EventStream.open(room, `?after=${offsets[0]}`, { "last-event-id": "" });
    expect(await stream.next()).toMatchObject(["message", { event: "b" }, offsets[1]]);
    await stream.close();
  });

  it("HTTP-10 tells a gap instead of refusing", async () => {
    const room = newRoom();
    const offset = await publish(room, "a");
    const stream = await EventStream.open(room, "", { "last-event-id": "other-7" });
    const gap = { requested: "other-7", first: offset, head: offset, reason: "epoch" };
    expect(await stream.next()).toEqual(["roomlog:gap", gap, offset.replace(/1$/, "0")]);
    expect(await stream.next()).toMatchObject(["message", { event: "a" }, offset]);
    await stream.close();
  });

  it("HTTP-10 that is closed leaves nothing behind: the room can be evicted", async () => {
    const room = newRoom();
    const stream = await EventStream.open(room);
    await stream.next();
    await stream.close();
    // The runtime tells the object when it next sends something.
    await publish(room, "a");
    await publish(room, "b");
    await evict(room);
    expect(await publish(room, "c")).toMatch(/-3$/);
  });

  it("HTTP-10 unknown parameters are refused, and those of pages", async () => {
    const headers = { accept: "text/event-stream" };
    for (const query of ["limit=5", "order=desc", "wait=5", "before=3", "x=1"]) {
      const response = await ask(`/rooms/${newRoom()}/events?${query}`, { headers });
      await expectProblem(response, 400, "invalid_query");
    }
  });
});

describe("the form of the answer", () => {
  it.each([
    ["*/*", "application/json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json"],
    ["application/json", "application/json"],
    ["Application/X-NDJSON", LINES],
    ["application/x-ndjson;q=1, application/json", LINES],
    ["application/json, text/event-stream", "application/json"],
  ])("HTTP-10 HTTP-11 Accept: %s gives %s", async (accept, type) => {
    const room = newRoom();
    await publish(room, "a");
    const response = await ask(`/rooms/${room}/events`, { headers: { accept } });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(response.headers.get("vary")).toBe("Accept, Origin");
  });

  it("HTTP-10 a HEAD opens no stream", async () => {
    const room = newRoom();
    await publish(room, "a");
    const headers = { accept: "text/event-stream" };
    const response = await ask(`/rooms/${room}/events`, { method: "HEAD", headers });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/json",
    ]);
    await evict(room);
  });
});

describe("an export", () => {
  it("HTTP-11 has the history's entries, one a line", async () => {
    const room = newRoom();
    for (const name of ["a", "b", "c"]) await publish(room, name, { name });
    const page = await history(room);
    const lines = await linesOf(room);
    expect(lines.map((line) => JSON.parse(line))).toEqual(page.events);
    expect(await linesOf(room, `?after=${page.events[1]?.offset}`)).toEqual(lines.slice(2));
    expect(await linesOf(room, "?event=b")).toEqual(lines.slice(1, 2));
    expect(await linesOf(room, `?after=${page.head}`)).toEqual([]);
  });

  it("HTTP-11 of an offset that can't be served is 410, as a page's", async () => {
    const room = newRoom();
    const head = await publish(room, "a");
    const problem = await expectProblem(await exported(room, "?after=9"), 410, "gap");
    expect(problem).toMatchObject({ reason: "future", first: head, head });
    const none = await expectProblem(await exported(room, "?after=x"), 400, "invalid_query");
    expect(none.detail).toBe("after: is not an offset");
  });
});

describe("an import", () => {
  /** A room with all that an event may have. */
  async function varied(): Promise<string> {
    const room = newRoom();
    const blob = { event: "blob", args: [{ _placeholder: true, num: 0 }], attachments: ["AAEC"] };
    const events = [
      { event: "a", args: [1, "ü", null], idempotencyKey: "k" },
      blob,
      { event: "b", to: ["red"], except: ["blue"], namespace: "/orders" },
    ];
    expect((await post(room, { events })).status).toBe(201);
    const client = await Client.joined(room);
    client.send('420["raw",\n1]');
    await client.frame();
    return room;
  }

  /** What was published, but for when and where it stands. */
  const content = async (room: string) =>
    (await history(room)).events.map(({ offset: _, time: __, ...event }) => event);

  it("HTTP-12 of an export is the same log again, and a second time duplicates", async () => {
    const source = await varied();
    const target = newRoom();
    await publish(target, "there before");
    const body = `${(await linesOf(source)).join("\n")}\n`;
    // What is for some only is shown to keys alone, so three.
    expect(body.split("\n")).toHaveLength(4);
    const first = await imports(target, body);
    const { head } = await history(target);
    expect([first.status, await first.json()]).toEqual([200, { imported: 3, duplicates: 0, head }]);
    expect((await content(target)).slice(1)).toEqual(await content(source));
    const again = await imports(target, body);
    expect(await again.json()).toEqual({ imported: 0, duplicates: 3, head });
    expect((await history(target)).head).toBe(head);
  });

  it("HTTP-12 reaches clients as any publication does, names of ephemeral events too", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    const line = {
      offset: "other-7",
      time: "2026-01-01T00:00:00.000Z",
      event: "typing",
      args: [1],
    };
    expect((await imports(room, JSON.stringify(line))).status).toBe(200);
    expect(await client.event()).toMatchObject({ name: "typing", args: [1] });
    expect((await content(room)).map(({ event }) => event)).toEqual(["typing"]);
  });

  it("HTTP-12 takes attachments, audiences, numbers as names and own keys", async () => {
    const room = newRoom();
    const lines = [
      {
        offset: "other-1",
        event: "x",
        args: [{ _placeholder: true, num: 0 }],
        attachments: ["AP8="],
      },
      { offset: "other-2", event: 7, args: [] },
      { event: "y", data: 1, idempotencyKey: "k", to: "red" },
    ];
    const body = lines.map((line) => JSON.stringify(line)).join("\r\n\r\n");
    expect(await (await imports(room, body)).json()).toMatchObject({ imported: 3 });
    expect(await content(room)).toEqual([
      { event: "x", args: [{ _placeholder: true, num: 0 }], attachments: ["AP8="], namespace: "/" },
      { event: 7, args: [], namespace: "/" },
    ]);
    const repeat = await post(room, { event: "y", data: 1, idempotencyKey: "k", to: "red" });
    expect(await repeat.json()).toMatchObject({ duplicate: true });
  });

  it("HTTP-12 BAD-67 takes what was exported byte for byte, numbers that JavaScript can't hold too", async () => {
    const source = newRoom();
    const client = await Client.joined(source);
    const args = '9007199254740993,1e999,-0,"\\ud800",1.10,{"a":1e400}';
    client.send(`420["big",${args}]`);
    await client.frame();
    const target = newRoom();
    const [line = ""] = await linesOf(source);
    expect(line).toContain(args);
    await imports(target, line);
    const [copy = ""] = await linesOf(target);
    expect(copy).toContain(`"args":[${args}]`);
  });

  it("HTTP-12 BAD-76 takes no key in the header: each line has its own", async () => {
    const key = { "idempotency-key": "k" };
    await expectProblem(await imports(newRoom(), "", key), 400, "invalid_key");
  });

  it("HTTP-12 of several batches, in pieces that end anywhere, keeps the order", async () => {
    const room = newRoom();
    const count = 1_234;
    const text = Array.from({ length: count }, (_, n) =>
      JSON.stringify({ offset: `other-${n + 1}`, event: "n", args: [n, "ü"] }),
    ).join("\n");
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(at, at + 997));
        at += 997;
      },
    });
    expect(await (await imports(room, body)).json()).toMatchObject({ imported: count });
    const { events } = await history(room, "?limit=1000");
    expect(events.map(({ args }) => args[0])).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect((await history(room, "?order=desc&limit=1")).events[0]?.args).toEqual([count - 1, "ü"]);
  });

  const GOOD = (n: number) => JSON.stringify({ offset: `other-${n}`, event: "n", args: [n] });

  it.each<[string, string, number, string]>([
    ["not JSON", "{", 400, "invalid_body"],
    ["no event", '{"offset":"other-9"}', 400, "invalid_event"],
    ["no object", "5", 400, "invalid_event"],
    ["an unknown member", '{"offset":"other-9","event":"a","x":1}', 400, "invalid_event"],
    ["a reserved name", '{"offset":"other-9","event":"roomlog:x"}', 400, "invalid_event"],
    ["an offset without an epoch", '{"offset":"9","event":"a"}', 400, "invalid_event"],
    ["neither offset nor key", '{"event":"a"}', 400, "invalid_event"],
    ["a bad key", '{"event":"a","idempotencyKey":""}', 400, "invalid_key"],
    [
      "an ephemeral event",
      '{"offset":"other-9","event":"a","ephemeral":true}',
      400,
      "invalid_event",
    ],
    ["another's key", '{"offset":"other-2","event":"other"}', 422, "key_reused"],
    ["a large event", `{"offset":"other-9","event":"${"x".repeat(1_000_001)}"}`, 413, "too_large"],
  ])("HTTP-12 stops at %s, says at which line, and what it did", async (_, bad, status, code) => {
    const room = newRoom();
    expect((await imports(room, GOOD(1))).status).toBe(200);
    const body = [GOOD(1), GOOD(2), "", bad, GOOD(4)].join("\n");
    const problem = await expectProblem(await imports(room, body), status, code as "invalid_event");
    expect(problem).toMatchObject({ line: 4, imported: 1, duplicates: 1 });
    expect(problem.detail).toMatch(/^line 4: /);
    // In words of its own, not of the library that checks.
    expect(problem.detail).not.toContain("Expected");
    expect((await content(room)).map(({ args }) => args[0])).toEqual([1, 2]);
  });

  it("HTTP-12 stops at what is not UTF-8 or never ends", async () => {
    const room = newRoom();
    const bytes = new TextEncoder().encode(`${GOOD(1)}\n?\n`);
    bytes[bytes.length - 2] = 0xff;
    const head = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, -3));
        controller.enqueue(bytes.subarray(-3));
        controller.close();
      },
    });
    const text = await expectProblem(await imports(room, head), 400, "invalid_body");
    expect(text).toMatchObject({ line: 2, imported: 1 });
    const long = await imports(room, "x".repeat(5_000_001));
    await expectProblem(long, 413, "too_large");
  });

  it("HTTP-12 of nothing is none; compressed it is refused", async () => {
    const room = newRoom();
    expect(await (await imports(room, "")).json()).toMatchObject({ imported: 0, duplicates: 0 });
    const zipped = await imports(room, GOOD(1), { "content-encoding": "gzip" });
    await expectProblem(zipped, 415, "unsupported_media_type");
  });
});

it("HTTP-4 a page of large events is read no further than it goes", async () => {
  const room = newRoom();
  for (const name of ["a", "b", "c"]) await publish(room, name, "x".repeat(900_000));
  const response = await ask(`/rooms/${room}/events`);
  expect((await response.json<Page>()).events).toHaveLength(1);
});
