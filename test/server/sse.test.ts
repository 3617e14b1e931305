/** Event streams, as the WHATWG's standard has them. */
import { describe, expect, it } from "vitest";
import { readSse, type SseMessage, type SsePlace } from "../../src/server/sse.ts";
import { collect, oneByOne } from "../support/collect.ts";

async function read(...pieces: string[]): Promise<(SseMessage | SsePlace)[]> {
  return await collect(readSse(oneByOne(pieces)));
}

describe("an event stream", () => {
  it.each<[string, string, (SseMessage | SsePlace)[]]>([
    ["one line", "data: a\n\n", [{ event: "message", data: "a", id: "" }]],
    ["several lines", "data: a\ndata:b\n\n", [{ event: "message", data: "a\nb", id: "" }]],
    ["one space goes", "data:  a\n\n", [{ event: "message", data: " a", id: "" }]],
    ["colons", "data:a:b: c\n\n", [{ event: "message", data: "a:b: c", id: "" }]],
    ["an empty line of data", "data\n\n", [{ event: "message", data: "", id: "" }]],
    ["a type", "event: chat\ndata: a\n\n", [{ event: "chat", data: "a", id: "" }]],
    ["comments", ": hello\n\n:\ndata: a\n\n", [{ event: "message", data: "a", id: "" }]],
    [
      "no data, no message",
      "event: chat\n\ndata: a\n\n",
      [{ event: "message", data: "a", id: "" }],
    ],
    [
      "unknown fields",
      "retry: 100\nx: y\nz\ndata: a\n\n",
      [{ event: "message", data: "a", id: "" }],
    ],
    ["a comment with an id", ":\nid: 7\n\n:\n\n", [{ id: "7" }]],
    ["a type and an id, no data", "event: chat\nid: 7\n\n", [{ id: "7" }]],
    ["no id of NUL", "id: a\0b\ndata: a\n\n", [{ event: "message", data: "a", id: "" }]],
    ["what was cut off", "data: a\n\ndata: b\n", [{ event: "message", data: "a", id: "" }]],
    [
      "an id lasts, and may come alone",
      "id: 7\ndata: a\n\ndata: b\n\nid: 8\n\ndata: c\n\nid\ndata: d\n\n",
      [
        { event: "message", data: "a", id: "7" },
        { event: "message", data: "b", id: "7" },
        { id: "8" },
        { event: "message", data: "c", id: "8" },
        { event: "message", data: "d", id: "" },
      ],
    ],
  ])("%s", async (_, text, messages) => {
    expect(await read(text)).toEqual(messages);
    // Every kind of line, cut at every place.
    for (const end of ["\n", "\r\n", "\r"]) {
      const lines = text.replaceAll("\n", end);
      for (let at = 0; at <= lines.length; at++) {
        expect(await read(lines.slice(0, at), "", lines.slice(at))).toEqual(messages);
      }
      expect(await read(...lines)).toEqual(messages);
    }
  });

  it("gives a message as soon as its blank line is there, whatever ends it", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const channel = new TransformStream<string, string>();
      const writer = channel.writable.getWriter();
      const messages = readSse(channel.readable);
      const first = messages.next();
      await writer.write(`data: a${end}${end}`);
      expect(await first).toMatchObject({ value: { data: "a" } });
      await messages.return();
    }
  });
});
