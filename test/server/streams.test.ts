/** Streams that break, end and hang, as no running relay does on demand. */
import { describe, expect, it } from "vitest";
import { createRelayClient, type FeedItem, type RelayClientOptions } from "../../src/server.ts";
import { collect } from "../support/collect.ts";
import { json, problem, ScriptedServer, stream } from "../support/scripted-server.ts";

const SSE = "text/event-stream";
const NDJSON = "application/x-ndjson";

const entry = (seq: number) => ({
  offset: `abcd-${seq}`,
  time: "2026-11-22T20:50:24.819Z",
  event: "n",
  args: [seq],
  namespace: "/",
});
const message = (seq: number) => `id: abcd-${seq}\ndata: ${JSON.stringify(entry(seq))}\n\n`;
const line = (seq: number) => `${JSON.stringify(entry(seq))}\n`;

function clientOf(server: ScriptedServer, options: Partial<RelayClientOptions> = {}) {
  return createRelayClient({ url: server.url, ...options });
}

/** The seqs of events, and the reasons of gaps, until there are so many. */
async function follow(items: AsyncIterable<FeedItem>, count: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const item of items) {
    seen.push(item.kind === "gap" ? item.reason : item.args[0]);
    if (seen.length === count) break;
  }
  return seen;
}

describe("going on live", () => {
  it("resumes behind the last whole message, however the stream broke or ended", async () => {
    await using server = await ScriptedServer.start(
      stream(SSE, `: hello\n\n${message(1)}${message(2)}${message(3).slice(0, 40)}`, "breaks"),
      stream(SSE, message(3), "ends"),
      problem(503, "unavailable"),
      stream(SSE, message(4), "hangs"),
    );
    const items = clientOf(server).events("lobby", { live: true, event: "n" });
    expect(await follow(items, 4)).toEqual([1, 2, 3, 4]);
    expect(server.asked.map(({ query }) => query.get("after"))).toEqual([
      "0",
      "abcd-2",
      "abcd-3",
      "abcd-3",
    ]);
    expect(server.asked.map(({ query }) => query.get("event"))).toEqual(Array(4).fill("n"));
    expect(server.asked[0]?.headers.accept).toBe(SSE);
  });

  it("resumes when nothing comes any more, not even a comment", async () => {
    await using server = await ScriptedServer.start(
      stream(SSE, message(1), "hangs"),
      stream(SSE, message(2), "hangs"),
    );
    const items = clientOf(server, { timeout: 1_000 }).events("lobby", { live: true });
    expect(await follow(items, 2)).toEqual([1, 2]);
  });

  it("HTTP-10 resumes behind the id of a comment: what was not for it need not be read again", async () => {
    await using server = await ScriptedServer.start(
      stream(SSE, `${message(1)}:\nid: abcd-9000\n\n`, "breaks"),
      stream(SSE, message(9_001), "hangs"),
    );
    const items = clientOf(server).events("lobby", { live: true, event: "n" });
    expect(await follow(items, 2)).toEqual([1, 9_001]);
    expect(server.asked.map(({ query }) => query.get("after"))).toEqual(["0", "abcd-9000"]);
  });

  it("tells a gap, and goes on behind it", async () => {
    const gap = { requested: "zzzz-9", first: "abcd-5", head: "abcd-5", reason: "epoch" };
    await using server = await ScriptedServer.start(
      stream(SSE, `event: roomlog:gap\nid: abcd-4\ndata: ${JSON.stringify(gap)}\n\n`, "breaks"),
      stream(SSE, `event: roomlog:other\ndata: {}\n\n${message(5)}`, "hangs"),
    );
    const items = clientOf(server).events("lobby", { after: "zzzz-9", live: true });
    expect(await items.next()).toEqual({ done: false, value: { ...gap, kind: "gap" } });
    expect(await items.next()).toMatchObject({ value: { kind: "event", offset: "abcd-5" } });
    await items.return();
    expect(server.asked.map(({ query }) => query.get("after"))).toEqual(["zzzz-9", "abcd-4"]);
  });

  it("goes on trying for as long as it takes, but not after a refusal that is final", async () => {
    await using server = await ScriptedServer.start(
      problem(503, "unavailable"),
      problem(503, "unavailable"),
      problem(401, "unauthorized"),
    );
    const items = clientOf(server, { retries: 0 }).events("lobby", { live: true });
    await expect(items.next()).rejects.toMatchObject({ code: "unauthorized" });
    expect(server.asked.length).toBe(3);
  });

  it("lets go of the connection when nobody asks for more, or the signal is aborted", async () => {
    let closed = 0;
    const held = (text: string) => (response: Parameters<ReturnType<typeof stream>>[0]) => {
      response.on("close", () => closed++);
      response.writeHead(200, { "content-type": SSE }).write(text);
    };
    await using server = await ScriptedServer.start(held(message(1)), held(message(1)));
    const client = clientOf(server);
    expect(await follow(client.events("lobby", { live: true }), 1)).toEqual([1]);
    await expect.poll(() => closed).toBe(1);

    const abort = new AbortController();
    const items = client.events("lobby", { live: true, signal: abort.signal });
    await items.next();
    const next = items.next();
    abort.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await expect.poll(() => closed).toBe(2);
  });

  it("says so when the server has no event stream", async () => {
    await using server = await ScriptedServer.start(json({ events: [], next: null }));
    const items = clientOf(server).events("lobby", { live: true });
    await expect(items.next()).rejects.toMatchObject({ code: "unexpected_answer" });
  });
});

describe("reading to the end", () => {
  const page = (seqs: number[], next: string | null) =>
    json({ epoch: "abcd", first: "abcd-1", head: "abcd-9", events: seqs.map(entry), next });

  it("tells a gap in the midst of it, and goes on with what is kept", async () => {
    const bounds = { first: "abcd-7", head: "abcd-9", reason: "trimmed" };
    await using server = await ScriptedServer.start(
      page([1, 2], "abcd-2"),
      problem(410, "gap", bounds),
      page([7, 8], "abcd-8"),
      page([9], null),
    );
    const items = await collect(clientOf(server).events("lobby"));
    expect(items[2]).toEqual({ kind: "gap", requested: "abcd-2", ...bounds });
    expect(items.map((item) => (item.kind === "gap" ? "gap" : item.args[0]))).toEqual([
      1,
      2,
      "gap",
      7,
      8,
      9,
    ]);
    expect(server.asked.map(({ query }) => query.get("after"))).toEqual([
      "0",
      "abcd-2",
      "0",
      "abcd-8",
    ]);
  });
});

describe("an export", () => {
  const state = json({ first: "abcd-1", head: "abcd-4" });

  it("goes on behind the last whole line until it has come to the head", async () => {
    await using server = await ScriptedServer.start(
      state,
      stream(NDJSON, `${line(1)}${line(2)}${line(3).slice(0, 20)}`, "breaks"),
      stream(NDJSON, line(3), "ends"),
      stream(NDJSON, line(4), "ends"),
    );
    const lines = await collect(clientOf(server).exportLines("lobby"));
    expect(lines.map(({ text }) => `${text}\n`)).toEqual([1, 2, 3, 4].map(line));
    expect(lines.map(({ offset }) => offset)).toEqual(["abcd-1", "abcd-2", "abcd-3", "abcd-4"]);
    expect(server.asked.slice(1).map(({ query }) => query.get("after"))).toEqual([
      "0",
      "abcd-2",
      "abcd-3",
    ]);
  });

  it("may break as often as it likes, as long as something comes", async () => {
    const pieces = [1, 2, 3, 4].map((seq) => stream(NDJSON, line(seq), "breaks"));
    await using server = await ScriptedServer.start(state, ...pieces, stream(NDJSON, "", "ends"));
    const lines = await collect(clientOf(server, { retries: 1 }).exportLines("lobby"));
    expect(lines.length).toBe(4);
  });

  it("ends where nothing more is to be seen, though the head is further on", async () => {
    await using server = await ScriptedServer.start(
      state,
      stream(NDJSON, line(3), "ends"),
      stream(NDJSON, "", "ends"),
    );
    const lines = await collect(clientOf(server).exportLines("lobby", { after: "abcd-2" }));
    expect(lines.map(({ offset }) => offset)).toEqual(["abcd-3"]);
  });

  it("asks whether a stream that ended early was all, although nothing may be tried again", async () => {
    const once = { retries: 0 };
    await using server = await ScriptedServer.start(
      ...[state, stream(NDJSON, line(3), "ends"), stream(NDJSON, "", "ends")],
      ...[state, stream(NDJSON, line(3), "ends"), problem(503, "unavailable")],
      ...[state, stream(NDJSON, line(3), "ends"), stream(NDJSON, line(4), "ends")],
    );
    const client = clientOf(server, once);
    expect(await collect(client.exportLines("lobby"))).toHaveLength(1);
    const failed = collect(client.exportLines("lobby"));
    await expect(failed).rejects.toMatchObject({ code: "unavailable" });
    expect(await collect(client.exportLines("lobby"))).toHaveLength(2);
  });

  it("keeps every digit", async () => {
    const text = '{"offset":"abcd-4","args":[12345678901234567890, 1e2]}';
    await using server = await ScriptedServer.start(state, stream(NDJSON, `${text}\n`, "ends"));
    expect(await collect(clientOf(server).exportLines("lobby"))).toEqual([
      { offset: "abcd-4", text },
    ]);
  });

  it("fails where what comes next is gone", async () => {
    await using server = await ScriptedServer.start(
      state,
      stream(NDJSON, line(1), "breaks"),
      problem(410, "gap", { first: "abcd-3", head: "abcd-4", reason: "trimmed" }),
    );
    const lines = clientOf(server).exportLines("lobby");
    expect(await lines.next()).toMatchObject({ value: { offset: "abcd-1" } });
    await expect(lines.next()).rejects.toMatchObject({ code: "gap" });
  });
});

describe("an import", () => {
  it("is one request, made again with the same lines", async () => {
    const done = { imported: 2, duplicates: 0, head: "abcd-9" };
    await using server = await ScriptedServer.start(problem(503, "unavailable"), json(done));
    const lines = ['{"event":"a"}', '{"event":"b"}'];
    expect(await clientOf(server).importLines("lobby", lines)).toEqual(done);
    expect(server.asked.map(({ body }) => body)).toEqual(Array(2).fill(`${lines.join("\n")}\n`));
    expect(server.asked[0]?.headers["content-type"]).toBe(NDJSON);
  });
});
