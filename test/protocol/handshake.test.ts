import { describe, expect, it } from "vitest";
import { readEngineRequest } from "../../src/protocol/handshake.ts";

const SID = "abcdefghij0123456-_Z";

/** `GET ?query`, `POST ?query`, and `WS ?query` for a GET with `Upgrade: websocket`. */
function ask(request: string) {
  const [verb = "", query = ""] = request.split(" ?");
  return readEngineRequest({
    method: verb === "WS" ? "GET" : verb,
    query: new URLSearchParams(query),
    upgrade: verb === "WS",
  });
}

describe("readEngineRequest", () => {
  it.each([
    ["GET ?EIO=4&transport=polling", { kind: "handshake", transport: "polling" }],
    ["GET ?EIO=4&transport=polling&t=abc&room=x", { kind: "handshake", transport: "polling" }],
    [
      "GET ?EIO=4&transport=polling&format=envelope",
      { kind: "handshake", transport: "polling", format: "envelope" },
    ],
    ["WS ?EIO=4&transport=websocket", { kind: "handshake", transport: "websocket" }],
    [`GET ?EIO=4&transport=polling&sid=${SID}`, { kind: "poll", sid: SID }],
    [`POST ?EIO=4&transport=polling&sid=${SID}`, { kind: "post", sid: SID }],
    [`WS ?EIO=4&transport=websocket&sid=${SID}`, { kind: "upgrade", sid: SID }],
  ])("takes %s", (request, expected) => {
    expect(ask(request)).toEqual(expected);
  });

  it.each([
    [1, "GET ?EIO=4&transport=ftp", 0],
    [1, "WS ?EIO=4&transport=webtransport", 0],
    [2, "GET ?EIO=4&transport=__proto__", 0],
    [2, "GET ?EIO=4&transport=constructor", 0],
    [2, "GET ?EIO=4&transport=toString", 0],
    [3, "GET ?EIO=4", 0],
    [3, "GET ?EIO=4&transport=", 0],
    [3, "GET ?EIO=4&transport=polling&transport=polling", 0],
    [4, "GET ?EIO=3&transport=polling", 5],
    [4, "GET ?EIO=5&transport=polling", 5],
    [4, "GET ?transport=polling", 5],
    [4, "GET ?EIO=4abc&transport=polling", 5],
    [4, "GET ?EIO=4&EIO=4&transport=polling", 5],
    [4, "WS ?EIO=3&transport=websocket", 5],
    [5, "GET ?EIO=4&transport=polling&sid=unknown", 1],
    [5, "POST ?EIO=4&transport=polling&sid=unknown", 1],
    [6, "GET ?EIO=4&transport=polling&sid=__proto__", 1],
    [6, `GET ?EIO=4&transport=polling&sid=${"x".repeat(10_000)}`, 1],
    [6, "GET ?EIO=4&transport=polling&sid=../x", 1],
    [6, "GET ?EIO=4&transport=polling&sid=", 1],
    [6, `GET ?EIO=4&transport=polling&sid=${SID}&sid=${SID}`, 1],
    [8, "POST ?EIO=4&transport=polling", 2],
    [9, "PUT ?EIO=4&transport=polling", 2],
    [9, "DELETE ?EIO=4&transport=polling", 2],
    [9, "TRACE ?EIO=4&transport=polling", 2],
    [9, `PUT ?EIO=4&transport=polling&sid=${SID}`, 2],
    [9, `DELETE ?EIO=4&transport=polling&sid=${SID}`, 2],
    ["SUB-2", "GET ?EIO=4&transport=polling&format=xml", 3],
    ["SUB-2", "GET ?EIO=4&transport=polling&format=args&format=envelope", 3],
    [10, "GET ?EIO=4&transport=websocket", 3],
    [10, `GET ?EIO=4&transport=websocket&sid=${SID}`, 3],
    [10, "WS ?EIO=4&transport=polling", 3],
    [12, `GET ?EIO=3&transport=polling&sid=${SID}`, 3],
    [12, `WS ?EIO=3&transport=websocket&sid=${SID}`, 3],
  ])("BAD-%i %s gets code %i", (_, request, code) => {
    const messages = [
      "Transport unknown",
      "Session ID unknown",
      "Bad handshake method",
      "Bad request",
      "Forbidden",
      "Unsupported protocol version",
    ];
    expect(ask(request)).toEqual({ code, message: messages[code], status: 400 });
  });

  it("an upgrade by POST is none", () => {
    const query = new URLSearchParams({ EIO: "4", transport: "websocket", sid: SID });
    expect(readEngineRequest({ method: "POST", query, upgrade: true })).toMatchObject({ code: 2 });
  });
});
