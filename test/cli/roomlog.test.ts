/** The command with a running relay. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { createRelayClient } from "../../src/server.ts";
import { localRelay } from "../support/local-relay.ts";
import { runCommand } from "../support/roomlog-command.ts";
import { TemporaryFolder } from "../support/temporary.ts";

const SECRET = "backend.0123456789abcdef";
const closed = localRelay({
  bindings: {
    ANONYMOUS: "none",
    API_KEYS: JSON.stringify([
      { id: "backend", hash: createHash("sha256").update(SECRET).digest("hex"), rooms: ["mine"] },
    ]),
  },
});
const relay = localRelay();
const folder = new TemporaryFolder();
afterAll(() => folder[Symbol.dispose]());

let rooms = 0;
const newRoom = () => `cli-${rooms++}`;
const run = (args: readonly string[], stdin = "") =>
  runCommand(args, { stdin, env: { ROOMLOG_URL: relay.url } });
const log = async (room: string) =>
  (await createRelayClient({ url: relay.url }).read(room, { limit: 1_000 })).events;

describe("publish", () => {
  it("takes arguments as JSON, or else as text, and prints the offset", async () => {
    const room = newRoom();
    const args = ["hello there", "17", '{"a":[1]}', '"17"', "true", "ja", "", "--", "-5"];
    const { code, out, err } = await run(["publish", room, "chat", ...args]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [event, ...more] = await log(room);
    expect(event?.args).toEqual(["hello there", 17, { a: [1] }, "17", true, "ja", "", -5]);
    expect(out).toBe(`${event?.offset}\n`);
    expect(more).toEqual([]);
  });

  it("HTTP-1 leaves each number as it stands", async () => {
    const room = newRoom();
    const numbers = ["1234567890123456789", "1e999", "-0", "1.10"];
    const object = `{"id":${numbers[0]}}`;
    await run(["publish", room, "n", object, "--", ...numbers]);
    const lines = [`{"event":"n","args":[${numbers}]}`, `{"event":"n","data":${object}}`];
    await run(["publish", room, "-"], lines.join("\n"));
    const answer = await fetch(`${relay.url}/rooms/${room}/events`);
    expect((await answer.text()).match(/"args":\[[^\]]*\]/g)).toEqual([
      `"args":[${[object, ...numbers]}]`,
      `"args":[${numbers}]`,
      `"args":[${object}]`,
    ]);
  });

  it("EMIT-2 recognises a key, and says so", async () => {
    const room = newRoom();
    const args = ["publish", room, "paid", "17", "--key", "order-17", "--namespace", "/shop"];
    const first = await run(args);
    const second = await run(args);
    expect(second).toEqual({ code: 0, out: `${first.out.trim()} (duplicate)\n`, err: "" });
    const other = await run(["publish", room, "paid", "18", "--key", "order-17"]);
    expect(other).toMatchObject({ code: 1, out: "" });
    expect(other.err).toMatch(/^roomlog: .*key_reused, HTTP 422\)\n$/);
    expect(await log(room)).toMatchObject([{ event: "paid", args: [17], namespace: "/shop" }]);
  });

  it("HTTP-8 keeps --if-head, and tells the head", async () => {
    const room = newRoom();
    const { out } = await run(["publish", room, "a"]);
    await run(["publish", room, "b"]);
    const late = await run(["publish", room, "c", "--if-head", out.trim()]);
    const head = (await log(room)).at(-1)?.offset;
    expect(late).toMatchObject({ code: 1, out: "" });
    expect(late.err).toContain(`The newest event is ${head}.`);
  });

  it("EMIT-7 sends an ephemeral event", async () => {
    const room = newRoom();
    expect(await run(["publish", room, "typing", "--ephemeral"])).toEqual({
      code: 0,
      out: "sent\n",
      err: "",
    });
    expect(await log(room)).toEqual([]);
  });

  it("takes lines from stdin; with a key, the same ones again are no others", async () => {
    const room = newRoom();
    const lines = Array.from({ length: 1_200 }, (_, i) =>
      JSON.stringify({ event: "n", args: [i] }),
    );
    const stdin = `${lines.slice(0, 700).join("\n")}\n\n${lines.slice(700).join("\r\n")}`;
    const first = await run(["publish", room, "-", "--key", "file"], stdin);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: "" });
    const again = await run(["publish", room, "-", "--key", "file"], stdin);
    expect(again.code).toBe(0);
    const { head, count } = await createRelayClient({ url: relay.url }).info(room);
    expect(count).toBe(1_200);
    expect(first.out.trim().split("\n").at(-1)).toBe(head);
    expect(again.out.trim().split("\n")).toEqual(
      first.out
        .trim()
        .split("\n")
        .map((offset) => `${offset} (duplicate)`),
    );
  });

  it("names the line that is no event", async () => {
    const { code, err } = await run(["publish", newRoom(), "-"], '{"event":"a"}\n\n["b"]\n');
    expect(code).toBe(2);
    expect(err).toContain("line 3 is no");
  });
});

describe("info", () => {
  it("HTTP-5 shows the state of a room, for people or programs", async () => {
    // An option has two dashes.
    const room = `-${newRoom()}`;
    const { out: offset } = await run(["publish", room, "a"]);
    const { code, out } = await run(["info", room]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^head +${offset}`, "m"));
    expect(out).toMatch(/^settings\.\S+ +\S/m);
    const { out: json } = await run(["info", room, "--json"]);
    expect(JSON.parse(json)).toMatchObject({ room, head: offset.trim(), count: 1 });
  });
});

it("a mistake in the command line is one line, and exits with 2", async () => {
  const { code, out, err } = await run(["wipe", "lobby"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^roomlog: [^\n]+ add --yes; see roomlog wipe --help\n$/);
});

it("help and version go to stdout", async () => {
  const help = await run(["wipe", "--help"]);
  expect(help).toEqual({
    code: 0,
    out: expect.stringMatching(/roomlog wipe <room> --yes/),
    err: "",
  });
  const version = await run(["--version"]);
  expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
});

describe("what is refused", () => {
  const at = (url: string, key = "") => ({ env: { ROOMLOG_URL: url, ROOMLOG_KEY: key } });

  it.each([
    ["no key", "", ["info", "mine"], "Set ROOMLOG_KEY"],
    ["a wrong key", "backend.nonsense", ["info", "mine"], "ROOMLOG_KEY is no valid key"],
    ["a key of another room", SECRET, ["info", "yours"], "ROOMLOG_KEY does not allow it"],
    ["a room that can't be", SECRET, ["info", ".."], "a room's name is"],
    ["an offset of another log", SECRET, ["export", "mine", "--after", "other-3"], "--after 0"],
  ])("%s: one line that says what to do", async (_, key, args, advice) => {
    const { code, out, err } = await runCommand(args, at(closed.url, key));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^roomlog: [^\n]+\n$/);
    expect(err).toContain(advice);
    if (key !== "") expect(err).not.toContain(key);
  });

  it("nothing, with the right key", async () => {
    const { code } = await runCommand(["publish", "mine", "a"], at(closed.url, SECRET));
    expect(code).toBe(0);
  });
});

describe("token", () => {
  it("is signed with the secret of the environment", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const args = ["token", "--sub", "alice", "--room", "orders-*,lobby", "--scope", "read, write"];
    const { code, out, err } = await runCommand([...args, "--expires", "15m", "--issuer", "me"], {
      // During a rotation there are two; the first signs.
      env: { ROOMLOG_JWT_SECRET: ` ${secret} an-older-one-that-is-on-its-way-out` },
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { payload } = await jwtVerify(out.trim(), new TextEncoder().encode(secret));
    expect(payload).toMatchObject({
      sub: "alice",
      room: ["orders-*", "lobby"],
      scope: ["read", "write"],
      iss: "me",
      exp: Number(payload.iat) + 900,
    });
  });

  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  const ed = generateKeyPairSync("ed25519").privateKey;

  it.each([
    ["ES256", ec.export({ type: "pkcs8", format: "pem" })],
    ["ES256", ec.export({ type: "sec1", format: "pem" })],
    ["RS256", rsa.export({ type: "pkcs1", format: "pem" })],
    ["EdDSA", JSON.stringify(ed.export({ format: "jwk" }))],
  ])("is signed with a private key of its kind (%s)", async (algorithm, text) => {
    const file = join(folder.path, "key");
    writeFileSync(file, text);
    const args = ["token", "--sub", "a", "--room", "b", "--private-key", file, "--kid", "k1"];
    const { code, out, err } = await runCommand(args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(decodeProtectedHeader(out.trim())).toEqual({ alg: algorithm, kid: "k1" });
    expect(decodeJwt(out.trim())).toMatchObject({ sub: "a", room: "b", scope: ["read"] });
  });
});

describe("key", () => {
  it("AUTH-2 gives a key and the entry that the relay knows it by", async () => {
    const { code, out } = await run(["key", "shop", "--scope", "write", "--rooms", "a-*, b"]);
    expect(code).toBe(0);
    const key = /^ {2}(shop\.\S{43})$/m.exec(out)?.[1] ?? "";
    const entry = JSON.parse(/^ {2}(\[.*\])$/m.exec(out)?.[1] ?? "");
    const hash = createHash("sha256").update(key).digest("hex");
    expect(entry).toEqual([{ id: "shop", hash, scope: ["write"], rooms: ["a-*", "b"] }]);
  });
});
