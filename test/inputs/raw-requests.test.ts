// Requests that no HTTP client sends, byte by byte, to the relay on plain workerd. Where the
// runtime answers before the relay is asked, what it answers is pinned.
import { describe, expect, it } from "vitest";
import { besideBystander, publish } from "../support/bystander.ts";
import { plainRelay } from "../support/plain-relay.ts";
import { ask, head, RawRequest } from "../support/raw-http.ts";

const BAD_REQUEST = '{"code":3,"message":"Bad request"}';
const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
] as const;
const VERSION = "Sec-WebSocket-Version: 13";
const JSON_TYPE = "Content-Type: application/json";

let rooms = 0;
const newRoom = () => `raw-${++rooms}`;
const engine = (room: string, query: string) => `/rooms/${room}/socket.io/?EIO=4&${query}`;
const websocket = (room: string) => `GET ${engine(room, "transport=websocket")}`;
const events = (room: string) => `POST /rooms/${room}/events`;

/** The path of a polling session that has joined, and what CONNECT's answer told it. */
async function joined(url: string, room: string, auth: object = {}) {
  const opened = await (await fetch(url + engine(room, "transport=polling"))).text();
  const path = engine(room, `transport=polling&sid=${JSON.parse(opened.slice(1)).sid}`);
  await fetch(url + path, { method: "POST", body: `40${JSON.stringify(auth)}` });
  const packets = (await (await fetch(url + path)).text()).split("\x1e");
  const { pid } = JSON.parse(packets[0]?.slice(2) ?? "") as { pid: string };
  return { path, pid, packets: packets.slice(1) };
}

describe("a request that no client sends", () => {
  const relay = plainRelay({ ORIGINS: "*" });

  it.each([
    ["BAD-27 version 8", VERSION.replace("13", "8")],
    ["BAD-27 no version", ""],
  ])("%s of the WebSocket protocol is answered 426", async (_, version) => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const headers = [...UPGRADE, version].filter((header) => header !== "");
      const answer = await ask(relay.url, head(websocket(room), ...headers));
      expect(answer.status).toBe(426);
      expect(answer.head).toContain("sec-websocket-version: 13");
    });
  });

  it("BAD-28 CVE-2022-21676 text glued to an upgrade closes that connection with 1002", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const request = new RawRequest(
        relay.url,
        `${head(websocket(room), ...UPGRADE, VERSION)}test`,
      );
      expect((await request.answer()).status).toBe(101);
      await request.sees("\x03\xeaReceived frame had RSV bits".slice(2));
      request.destroy();
    });
  });

  it("BAD-28 CVE-2022-41940 an upgrade that is refused, then a reset, harms nobody", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const path = `GET ${engine(room, `transport=websocket&sid=${"A".repeat(20)}`)}`;
      const request = new RawRequest(relay.url, head(path, ...UPGRADE, VERSION));
      const { status, body } = await request.answer();
      expect([status, body]).toEqual([400, '{"code":1,"message":"Session ID unknown"}']);
      request.destroy();
    });
  });

  it("BAD-29 64 kB of spaces as a subprotocol are not looked at", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const spaces = `Sec-WebSocket-Protocol:${" ".repeat(65_536)}x`;
      const request = new RawRequest(relay.url, head(websocket(room), ...UPGRADE, VERSION, spaces));
      expect((await request.answer()).status).toBe(101);
      await request.sees('0{"sid":');
      request.destroy();
    });
  });

  it("BAD-30 2,000 headers are no matter", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const headers = Array.from({ length: 2_000 }, (_, i) => `X-Header-${i}: ${"x".repeat(20)}`);
      expect((await ask(relay.url, head(`GET /rooms/${room}`, ...headers))).status).toBe(200);
    });
  });

  it("BAD-30 200 kB of headers are refused by the runtime", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const headers = Array.from({ length: 2_000 }, (_, i) => `X-Header-${i}: ${"x".repeat(500)}`);
      expect((await ask(relay.url, head(`GET /rooms/${room}`, ...headers))).status).toBe(431);
    });
  });

  it.each(["\x01", "\x1f", "\x7f"])("BAD-32 %j in Origin is refused, with * too", async (byte) => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const origin = `Origin: https://app${byte}.example`;
      for (const path of [
        engine(room, "transport=polling"),
        engine(room, `transport=polling&sid=${"A".repeat(20)}`),
      ]) {
        const answer = await ask(relay.url, head(`GET ${path}`, origin));
        expect([answer.status, answer.body]).toEqual([400, BAD_REQUEST]);
        expect(answer.head).not.toContain("access-control-");
      }
      const http = await ask(relay.url, head(`GET /rooms/${room}`, origin));
      expect(http.status).toBe(400);
      expect(JSON.parse(http.body)).toMatchObject({ code: "bad_request" });
    });
  });

  it.each(["\0", "\r"])("BAD-32 %j in Origin is refused by the runtime", async (byte) => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const answer = await ask(relay.url, head(`GET /rooms/${room}`, `Origin: a${byte}b`));
      expect(answer.status).toBe(400);
    });
  });

  it("BAD-9 TRACE is no method of a session, nor without one", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      for (const target of [path, engine(room, "transport=polling")]) {
        const { status, body } = await ask(relay.url, head(`TRACE ${target}`));
        expect([status, body]).toEqual([400, '{"code":2,"message":"Bad handshake method"}']);
      }
      expect((await fetch(relay.url + path, { method: "POST", body: "3" })).status).toBe(200);
    });
  });

  it("BAD-16 CVE-2020-36048 CVE-2020-36049 a body without an end is refused at the limit", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
      const answer = await ask(
        relay.url,
        head(`POST ${path}`, "Transfer-Encoding: chunked"),
        // 1,048,576 bytes, and no chunk that ends it.
        ...Array.from({ length: 16 }, () => chunk),
      );
      expect(answer.status).toBe(413);
      expect((await fetch(relay.url + path)).status).toBe(400);
    });
  });

  it.each([
    ["JSON", JSON_TYPE],
    ["lines", "Content-Type: application/x-ndjson"],
  ])("LIFE-3 chunks that are none end in 400: %s", async (_, type) => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const request = head(events(room), type, "Transfer-Encoding: chunked");
      const answer = await ask(relay.url, `${request}ZZ\r\n`);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid_body" });
    });
  });

  it("LIFE-3 chunks that are none end a polling session, and nobody else's", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      const request = head(`POST ${path}`, "Transfer-Encoding: chunked");
      expect((await ask(relay.url, `${request}ZZ\r\n`)).status).toBe(400);
      expect((await fetch(relay.url + path)).status).toBe(400);
    });
  });

  it("BAD-75 a body that says it has 5 GB is refused before any of it", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      for (const line of [`POST ${path}`, events(room)]) {
        const request = head(line, JSON_TYPE, "Content-Length: 5000000000");
        expect((await ask(relay.url, request)).status).toBe(413);
      }
    });
  });

  it("HTTP-3 BAD-75 a client that sends a body somewhat too large hears why, each time", async () => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "x".repeat(8_000_000),
    };
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) {
      statuses.push((await fetch(`${relay.url}/rooms/${newRoom()}/events`, init)).status);
    }
    expect(statuses).toEqual(Array(10).fill(413));
  });

  it("BAD-18 a compressed body is refused before any of it", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      for (const line of [`POST ${path}`, events(room)]) {
        const headers = [JSON_TYPE, "Content-Encoding: gzip", "Content-Length: 10000"];
        expect((await ask(relay.url, head(line, ...headers))).status).toBe(415);
      }
    });
  });

  it("BAD-76 two Idempotency-Keys, or one that is no UTF-8, are none", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const body = '{"event":"e"}';
      const length = `Content-Length: ${body.length}`;
      for (const keys of [["a", "b"], ["a\xff"]]) {
        const headers = keys.map((key) => `Idempotency-Key: ${key}`);
        const request = head(events(room), JSON_TYPE, length, ...headers) + body;
        const answer = await ask(relay.url, Buffer.from(request, "latin1"));
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid_key" });
      }
    });
  });

  it.each([
    ["bytes that are no UTF-8", "\xff\xfe", "the runtime"],
    ["escapes that are none", "%zz", "ADDR-1"],
    ["escapes that are no UTF-8", "%ff", "ADDR-1"],
    ["an escaped NUL", "a%00b", "ADDR-1"],
  ])("BAD-79 %s as a room's name: 400", async (_, name) => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const request = Buffer.from(head(`GET /rooms/${name}/events`), "latin1");
      expect((await ask(relay.url, request)).status).toBe(400);
    });
  });

  it("BAD-23 a poll that was given up, and another: whatever became of both, its pid resumes", async () => {
    const room = newRoom();
    const { path, pid } = await joined(relay.url, room);
    await besideBystander(relay.url, room, async () => {
      const fetched = await fetch(relay.url + path);
      expect(await fetched.text()).toContain('42["before"');
      const held = new RawRequest(relay.url, head(`GET ${path}`));
      held.destroy();
      // The runtime does not tell that it was given up; whichever of the two comes second is refused.
      const next = fetch(relay.url + path);
      await publish(relay.url, room, "missed");
      expect([200, 400]).toContain((await next).status);
    });
    const again = await joined(relay.url, room, { pid });
    const names = again.packets.map((packet) => JSON.parse(packet.slice(2))[0]);
    expect(names).toEqual(["before", "missed", "after", "roomlog:live"]);
  });
});

describe("a body whose rest does not come", () => {
  const relay = plainRelay({ PING_INTERVAL: "600", PING_TIMEOUT: "400" });

  it("BAD-17 is given up with its session, whose client answers no ping", async () => {
    const room = newRoom();
    await besideBystander(relay.url, room, async () => {
      const { path } = await joined(relay.url, room);
      const line = head(`POST ${path}`, "Content-Length: 10");
      const { status, body } = await ask(relay.url, `${line}42[`);
      expect([status, body]).toEqual([400, BAD_REQUEST]);
      expect(await (await fetch(relay.url + path)).text()).toContain("Session ID unknown");
    });
  });
});
