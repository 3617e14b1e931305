/** AUTH-9, against a server that really listens. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RemoteJwks, type RemoteSource } from "../../src/auth/remote-jwks.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let base = "";
let count = 0;
let requests: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let now: number;
/** What a caller of its own knows of keys: all of one address share what was fetched. */
let keys: () => RemoteJwks;

beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  requests = [];
  now = Date.now();
  const url = `${base}/${++count}`;
  const source: RemoteSource = { url, algorithm: "EdDSA", now: () => now };
  keys = () => new RemoteJwks(source);
  await serve("one");
  return () => vi.restoreAllMocks();
});

/** From now on these are the issuer's keys. */
async function serve(...kids: string[]): Promise<void> {
  const made = kids.map(async (kid) => {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    if (!("publicKey" in pair)) throw new Error("no pair");
    return { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid };
  });
  const body = JSON.stringify({ keys: await Promise.all(made) });
  answer = (_, response) => response.end(body);
}

/** From now on the issuer can't be asked. */
function fail(status = 500, headers = {}, body = ""): void {
  answer = (_, response) => response.writeHead(status, headers).end(body);
}

/** From now on the issuer keeps everybody waiting, until what this returns is called: then it fails. */
function hang(): () => void {
  const held: ServerResponse[] = [];
  answer = (_, response) => held.push(response);
  return () => {
    for (const response of held) response.writeHead(500).end();
  };
}

async function found(kid: string, of = keys()): Promise<string> {
  const key = await of.find(kid);
  return key === undefined ? "none" : key === "unavailable" ? key : "found";
}

describe("a key set by address", () => {
  it("AUTH-9 is fetched when it is first needed, and kept for all who ask in 10 minutes", async () => {
    expect(requests).toEqual([]);
    expect(await found("one")).toBe("found");
    now += 10 * MINUTE - 1;
    expect(await found("one")).toBe("found");
    expect(requests).toHaveLength(1);
    now += 1;
    expect(await found("one")).toBe("found");
    expect(requests).toHaveLength(2);
  });

  it("AUTH-9 is fetched again for a key that is not in it, at most every 30 s", async () => {
    expect(await found("one")).toBe("found");
    await serve("one", "two");
    expect(await found("two")).toBe("none");
    now += 30_000 - 1;
    expect(await found("two")).toBe("none");
    expect(requests).toHaveLength(1);
    now += 1;
    expect(await found("two")).toBe("found");
    expect(await found("three")).toBe("none");
    expect(await found("../../key")).toBe("none");
    expect(requests).toHaveLength(2);
  });

  it("AUTH-9 a key that is taken out is no key after 10 minutes", async () => {
    expect(await found("one")).toBe("found");
    await serve("two");
    now += 10 * MINUTE;
    expect(await found("one")).toBe("none");
    expect(await found("two")).toBe("found");
  });

  it("AUTH-9 that can't be fetched is used for an hour, and then nobody comes in", async () => {
    expect(await found("one")).toBe("found");
    fail();
    now += HOUR - 1;
    expect(await found("one")).toBe("found");
    // Whether there is another key by now is not known.
    expect(await found("two")).toBe("unavailable");
    now += 1;
    expect(await found("one")).toBe("unavailable");
    await serve("one");
    now += 5_000;
    expect(await found("one")).toBe("found");
  });

  it.each([
    ["an error", 500, {}, ""],
    ["a redirect", 302, { location: "/elsewhere" }, ""],
    ["not found", 404, {}, JSON.stringify({ keys: [] })],
    ["no JSON", 200, {}, "<html>"],
    ["no key set", 200, {}, "[]"],
    ["too much", 200, {}, JSON.stringify({ keys: [], more: "x".repeat(300_000) })],
  ])("AUTH-9 that was never fetched (%s) opens no door", async (_, status, headers, body) => {
    fail(status, headers, body);
    expect(await found("one")).toBe("unavailable");
    expect(await found("one")).toBe("unavailable");
    // The issuer is not asked again at once, and never elsewhere.
    expect(requests).toEqual([`/${count}`]);
    await serve("one");
    now += 5_000;
    expect(await found("one")).toBe("found");
  });

  it("AUTH-9 whose server hangs up opens no door", async () => {
    answer = (request) => request.socket.destroy();
    expect(await found("one")).toBe("unavailable");
  });

  it("AUTH-9 is fetched once for all who need it at the same time", async () => {
    const many = await Promise.all(Array.from({ length: 50 }, () => found("one")));
    expect(new Set(many)).toEqual(new Set(["found"]));
    expect(requests).toHaveLength(1);
  });

  it("AUTH-9 is fetched once for all who need a new key", async () => {
    expect(await found("one")).toBe("found");
    await serve("one", "two");
    now += 30_000;
    const wanted = ["two", "two", "three", "one"].map((kid) => found(kid));
    expect(await Promise.all(wanted)).toEqual(["found", "found", "none", "found"]);
    expect(requests).toHaveLength(2);
  });

  it("AUTH-9 keeps nobody waiting for another's fetch whose key is known", async () => {
    expect(await found("one")).toBe("found");
    const answered = hang();
    now += 10 * MINUTE;
    const asking = found("one");
    await vi.waitUntil(() => requests.length === 2);
    expect(await found("one")).toBe("found");
    answered();
    expect(await asking).toBe("found");
  });

  it("AUTH-9 whose server hangs is asked once a second, however many wait", async () => {
    const answered = hang();
    const many = Array.from({ length: 300 }, (_, n) => found(`made-up-${n}`));
    for (const asked of [1, 2, 3]) {
      await vi.waitUntil(() => requests.length === asked);
      now += 1_000;
    }
    await vi.waitUntil(() => requests.length === 4);
    answered();
    expect(new Set(await Promise.all(many))).toEqual(new Set(["unavailable"]));
    expect(requests).toHaveLength(4);
  });

  it("AUTH-9 that came to another counts, whoever fails after that", async () => {
    const answered = hang();
    const first = found("one");
    await vi.waitUntil(() => requests.length === 1);
    now += 1_000;
    await serve("one");
    expect(await found("one")).toBe("found");
    answered();
    expect(await first).toBe("found");
    expect(await found("two")).toBe("none");
  });
});
