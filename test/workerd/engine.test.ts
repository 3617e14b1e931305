/** Engine.IO: the error table, with the reference server's exact answers, and the transports. */
import { describe, expect, it } from "vitest";
import { askUpgrade, Client, readEvent, socketPath } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { Poller, pollPath } from "./support/poller.ts";
import { expectEngineError, expectProblem } from "./support/problem.ts";
import { ask, newRoom, publish } from "./support/rooms.ts";

const UNKNOWN_TRANSPORT = [0, "Transport unknown"] as const;
const UNKNOWN_SESSION = [1, "Session ID unknown"] as const;
const BAD_METHOD = [2, "Bad handshake method"] as const;
const BAD_REQUEST = [3, "Bad request"] as const;
const BAD_VERSION = [5, "Unsupported protocol version"] as const;

describe("a handshake", () => {
  it("over polling is answered with the session's settings", async () => {
    const response = await ask(pollPath(newRoom()));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=UTF-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await response.text();
    expect(body[0]).toBe("0");
    expect(JSON.parse(body.slice(1))).toEqual({
      sid: expect.stringMatching(/^[A-Za-z0-9_-]{20}$/),
      upgrades: ["websocket"],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
  });

  it("over WebSocket has nothing to upgrade to", async () => {
    const client = await Client.raw(socketPath(newRoom()));
    expect(JSON.parse((await client.frame()).slice(1))).toEqual({
      sid: expect.stringMatching(/^[A-Za-z0-9_-]{20}$/),
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
  });

  it("gives each its own sid", async () => {
    const room = newRoom();
    const pollers = await Promise.all(Array.from({ length: 20 }, () => Poller.open(room)));
    expect(new Set(pollers.map(({ sid }) => sid)).size).toBe(20);
  });
});

describe("a bad request", () => {
  type Case = readonly [string, string, RequestInit, readonly [number, string]];
  const GET = {};
  const POST = { method: "POST", body: "40" };
  const UPGRADE = { headers: { upgrade: "websocket" } };
  const sid = "A".repeat(20);

  const cases: readonly Case[] = [
    ["BAD-1", "EIO=4&transport=ftp", GET, UNKNOWN_TRANSPORT],
    ["BAD-2 CVE-2023-31125", "EIO=4&transport=__proto__", GET, UNKNOWN_TRANSPORT],
    ["BAD-2", "EIO=4&transport=constructor", GET, UNKNOWN_TRANSPORT],
    ["BAD-2", "EIO=4&transport=toString", GET, UNKNOWN_TRANSPORT],
    ["BAD-3", "EIO=4", GET, UNKNOWN_TRANSPORT],
    ["BAD-3", "EIO=4&transport=polling&transport=polling", GET, UNKNOWN_TRANSPORT],
    ["BAD-4", "EIO=3&transport=polling", GET, BAD_VERSION],
    ["BAD-4", "EIO=5&transport=polling", GET, BAD_VERSION],
    ["BAD-4", "transport=polling", GET, BAD_VERSION],
    ["BAD-4", "EIO=4abc&transport=polling", GET, BAD_VERSION],
    ["BAD-4", "EIO=3&transport=websocket", UPGRADE, BAD_VERSION],
    ["BAD-5", `EIO=4&transport=polling&sid=${sid}`, GET, UNKNOWN_SESSION],
    ["BAD-5", `EIO=4&transport=polling&sid=${sid}`, POST, UNKNOWN_SESSION],
    ["BAD-5", `EIO=4&transport=websocket&sid=${sid}`, UPGRADE, UNKNOWN_SESSION],
    ["BAD-6", "EIO=4&transport=polling&sid=__proto__", GET, UNKNOWN_SESSION],
    ["BAD-6", "EIO=4&transport=polling&sid=", GET, UNKNOWN_SESSION],
    ["BAD-6", "EIO=4&transport=polling&sid=../x", GET, UNKNOWN_SESSION],
    ["BAD-6", `EIO=4&transport=polling&sid=${"x".repeat(10_000)}`, GET, UNKNOWN_SESSION],
    ["BAD-8", "EIO=4&transport=polling", POST, BAD_METHOD],
    ["BAD-9", "EIO=4&transport=polling", { method: "PUT", body: "40" }, BAD_METHOD],
    ["BAD-9", "EIO=4&transport=polling", { method: "DELETE" }, BAD_METHOD],
    ["BAD-10", "EIO=4&transport=websocket", GET, BAD_REQUEST],
  ];

  it.each(cases)("%s ?%s", async (_, query, init, error) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      await expectEngineError(await ask(pollPath(room, query), init), ...error);
    });
  });

  it("BAD-7 with the sid of another room's session is answered as any unknown sid", async () => {
    const other = newRoom();
    await besideHealthy(other, async () => {
      const poller = await Poller.joined(other);
      const stolen = new Poller(newRoom(), poller.sid);
      await expectEngineError(await stolen.get(), ...UNKNOWN_SESSION);
      await expectEngineError(await stolen.post("41"), ...UNKNOWN_SESSION);
      expect((await poller.post('420["a"]')).status).toBe(200);
      expect(await poller.packet()).toMatch(/^430\[/);
    });
  });

  it("BAD-9 PUT and DELETE with a sid leave the session as it is", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      for (const method of ["PUT", "DELETE"]) {
        await expectEngineError(await ask(poller.path, { method }), ...BAD_METHOD);
      }
      expect((await poller.post('420["a"]')).status).toBe(200);
    });
  });

  it("BAD-12 EIO=3 with the sid of a session of EIO=4", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const path = poller.path.replace("EIO=4", "EIO=3");
      const socket = path.replace("polling", "websocket");
      await expectEngineError(await ask(path), ...BAD_REQUEST);
      await expectEngineError(await askUpgrade(socket), ...BAD_REQUEST);
      expect((await poller.post('420["a"]')).status).toBe(200);
    });
  });
});

/** The session is over: its sid is unknown. */
async function expectGone(poller: Poller): Promise<void> {
  await expectEngineError(await poller.get(), ...UNKNOWN_SESSION);
}

describe("polling", () => {
  it("holds a GET until there is something, and sends all of it in one answer", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const held = poller.fetched();
    const offset = await publish(room, "a", 1);
    expect(await held).toEqual([`42["a",1,"${offset}"]`]);
    const offsets = [await publish(room, "b"), await publish(room, "c"), await publish(room, "d")];
    const packets = await poller.fetched();
    expect(packets.map((packet) => readEvent(packet).offset)).toEqual(offsets);
  });

  it("takes several packets in one POST, in their order", async () => {
    const poller = await Poller.open(newRoom());
    const response = await poller.post("40", '420["a"]', '421["b"]');
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    expect(await poller.packet()).toMatch(/^40\{/);
    expect(await poller.packet()).toMatch(/^430\[.*-1"/);
    expect(await poller.packet()).toMatch(/^431\[.*-2"/);
  });

  it("answers with at most 16 packets, and the rest next time", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    for (let i = 0; i < 40; i++) await publish(room, "n", i);
    const answers = [await poller.fetched(), await poller.fetched(), await poller.fetched()];
    expect(answers.map(({ length }) => length)).toEqual([16, 16, 8]);
    const numbers = answers.flat().map((packet) => readEvent(packet).args[0]);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it("BAD-13 a second GET ends the session: the first is answered 1, the second 400", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.open(room);
      const [first, second] = await Promise.all([poller.get(), poller.get()]);
      expect([first.status, second.status].sort()).toEqual([200, 400]);
      const [held, refused] = first.status === 200 ? [first, second] : [second, first];
      expect(await held.text()).toBe("1");
      await expectEngineError(refused, ...BAD_REQUEST);
      await expectGone(poller);
    });
  });

  it("BAD-14 a second POST while the first is being read ends the session", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const first = poller.postBody(readable);
      const writer = writable.getWriter();
      // Once it has been pulled out of the stream, the first request is being read.
      await writer.write(new TextEncoder().encode('42["a'));
      await expectEngineError(await poller.post('42["b"]'), ...BAD_REQUEST);
      await writer.write(new TextEncoder().encode('"]'));
      await writer.close();
      expect((await first).status).toBe(400);
      await expectGone(poller);
    });
  });

  it("BAD-15 CVE-2026-59725 POST application/octet-stream ends the session", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const headers = { "content-type": "application/octet-stream" };
      const response = await poller.postBody(new Uint8Array([4, 1]), headers);
      await expectProblem(response, 400, "bad_request");
      await expectGone(poller);
    });
  });

  it("BAD-16 CVE-2020-36048 CVE-2020-36049 a POST larger than maxPayload, without Content-Length, ends the session", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const body = new Response("x".repeat(1_000_001)).body;
      if (body === null) throw new Error("no stream");
      await expectProblem(await poller.postBody(body), 413, "too_large");
      await expectGone(poller);
    });
  });

  it("BAD-18 a compressed POST ends the session, and is never inflated", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const headers = { "content-encoding": "gzip" };
      const response = await poller.postBody(new Uint8Array([31, 139, 8]), headers);
      await expectProblem(response, 415, "unsupported_media_type");
      await expectGone(poller);
    });
  });

  const bodies: readonly (readonly [string, string, string | Uint8Array])[] = [
    ["BAD-19", "500,000 separators", "\x1e".repeat(500_000)],
    ["BAD-20", "nothing", ""],
    ["BAD-21", "binary nobody announced", "bAAAA"],
    ["BAD-22", "binary that is no base64", "b!!!!"],
    ["BAD-34", "type 7", "7"],
    ["BAD-34", "type x", "x"],
    ["BAD-34", "NUL", "\u0000"],
    ["BAD-35", "an open packet", '0{"sid":"x"}'],
    ["BAD-35", "a ping", "2"],
    ["BAD-39", "an event before CONNECT", '42["a"]'],
    ["BAD-49", "a packet that is none after a good one", '3\x1e42["a"'],
  ];

  it.each(bodies)("%s POST of %s is refused and ends the session", async (_, __, body) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.open(room);
      await expectEngineError(await poller.postBody(body), ...BAD_REQUEST);
      await expectGone(poller);
    });
  });

  it("a POST that is no UTF-8 is refused and ends the session", async () => {
    const poller = await Poller.joined(newRoom());
    const response = await poller.postBody(new Uint8Array([0x34, 0xff]));
    await expectProblem(response, 400, "invalid_body");
    await expectGone(poller);
  });

  it("the client's own close ends the session, and answers its held GET", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const held = poller.fetched();
    const bye = await poller.post("1");
    expect([bye.status, await bye.text()]).toEqual([200, "ok"]);
    expect(await held).toEqual(["6"]);
    await expectGone(poller);
  });
});
