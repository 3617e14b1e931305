/** What a publish request is refused for, and that nothing of it is left. */
import { expect, it } from "vitest";
import { besideHealthy } from "./support/healthy.ts";
import { expectProblem } from "./support/problem.ts";
import { ask, history, newRoom, post } from "./support/rooms.ts";

const JSON_TYPE = { "content-type": "application/json" };
const MEGABYTE = 1_000_000;

/** `bytes` bytes in chunks, so that no Content-Length tells how many come. */
function chunked(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 65_536);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
}

const deep = (levels: number) =>
  `{"event":"e","args":[${"[".repeat(levels)}${"]".repeat(levels)}]}`;

/** Name, request, and what it is answered. */
const CASES: readonly [string, RequestInit, number, Parameters<typeof expectProblem>[2]][] = [
  ["BAD-74 no JSON", { headers: JSON_TYPE, body: "{event" }, 400, "invalid_body"],
  ["BAD-74 an empty body", { headers: JSON_TYPE, body: "" }, 400, "invalid_body"],
  ["BAD-74 no body", { headers: JSON_TYPE }, 400, "invalid_body"],
  ["BAD-74 null", { headers: JSON_TYPE, body: "null" }, 400, "invalid_event"],
  ["BAD-74 an array", { headers: JSON_TYPE, body: "[]" }, 400, "invalid_event"],
  ["BAD-74 a string", { headers: JSON_TYPE, body: '"chat"' }, 400, "invalid_event"],
  [
    "BAD-74 no UTF-8",
    { headers: JSON_TYPE, body: new Uint8Array([0x22, 0xff, 0x22]) },
    400,
    "invalid_body",
  ],
  ["BAD-74 no event", { headers: JSON_TYPE, body: "{}" }, 400, "invalid_event"],
  ["BAD-74 an empty name", { headers: JSON_TYPE, body: '{"event":""}' }, 400, "invalid_event"],
  ["BAD-74 a number as name", { headers: JSON_TYPE, body: '{"event":1}' }, 400, "invalid_event"],
  [
    "BAD-74 a reserved name",
    { headers: JSON_TYPE, body: '{"event":"connect"}' },
    400,
    "invalid_event",
  ],
  [
    "BAD-74 roomlog's name",
    { headers: JSON_TYPE, body: '{"event":"roomlog:live"}' },
    400,
    "invalid_event",
  ],
  [
    "BAD-74 args and data",
    { headers: JSON_TYPE, body: '{"event":"e","args":[],"data":1}' },
    400,
    "invalid_event",
  ],
  [
    "BAD-74 args no array",
    { headers: JSON_TYPE, body: '{"event":"e","args":{}}' },
    400,
    "invalid_event",
  ],
  [
    "BAD-74 an unknown member",
    { headers: JSON_TYPE, body: '{"event":"e","arg":[1]}' },
    400,
    "invalid_event",
  ],
  ["BAD-66 depth 65", { headers: JSON_TYPE, body: deep(65) }, 400, "invalid_body"],
  ["BAD-66 depth 20,000", { headers: JSON_TYPE, body: deep(20_000) }, 400, "invalid_body"],
  ["BAD-74 events no array", { headers: JSON_TYPE, body: '{"events":{}}' }, 400, "invalid_body"],
  [
    "BAD-74 text/plain",
    { headers: { "content-type": "text/plain" }, body: '{"event":"e"}' },
    415,
    "unsupported_media_type",
  ],
  [
    "BAD-74 no content type",
    { body: new TextEncoder().encode('{"event":"e"}') },
    415,
    "unsupported_media_type",
  ],
  ["BAD-74 a form", { body: new URLSearchParams({ event: "e" }) }, 415, "unsupported_media_type"],
  [
    "BAD-18 gzip",
    { headers: { ...JSON_TYPE, "content-encoding": "gzip" }, body: "x" },
    415,
    "unsupported_media_type",
  ],
  [
    "BAD-75 an event over 1 MB",
    { headers: JSON_TYPE, body: JSON.stringify({ event: "e", data: "x".repeat(MEGABYTE) }) },
    413,
    "too_large",
  ],
  [
    "BAD-75 a body over the cap",
    { headers: JSON_TYPE, body: " ".repeat(4 * MEGABYTE + 1) },
    413,
    "too_large",
  ],
  [
    "BAD-75 the same without Content-Length",
    { headers: JSON_TYPE, body: chunked(4 * MEGABYTE + 1) },
    413,
    "too_large",
  ],
];

it.each(CASES)("%s is refused, and the room goes on", async (_, init, status, code) => {
  const room = newRoom();
  await besideHealthy(room, async () => {
    const { head } = await history(room);
    const response = await ask(`/rooms/${room}/events`, { method: "POST", ...init });
    await expectProblem(response, status, code);
    expect((await history(room)).head).toBe(head);
  });
});

it("HTTP-3 an event may have just under 1 MB, and depth 64", async () => {
  const room = newRoom();
  const data = "x".repeat(MEGABYTE - 20);
  expect((await post(room, { event: "big", data })).status).toBe(201);
  expect((await post(room, deep(61))).status).toBe(201);
  const { events } = await history(room, "?limit=1");
  expect(events[0]?.args).toEqual([data]);
});

it("BAD-70 HTTP-3 an event is measured in bytes: a row may have 2 MB, and 700,000 of these are 2.1", async () => {
  const room = newRoom();
  const response = await post(room, { event: "e", data: "語".repeat(700_000) });
  await expectProblem(response, 413, "too_large");
});
