/** Commands that take long: tail, export, import. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRelayClient, type RelayClient } from "../../src/server.ts";
import { collect } from "../support/collect.ts";
import { localRelay } from "../support/local-relay.ts";
import { freePort, RelayProcess } from "../support/relay-process.ts";
import { runCommand, startCommand } from "../support/roomlog-command.ts";
import { TemporaryFolder } from "../support/temporary.ts";

const KEY = "admin.0123456789abcdef";
const hash = createHash("sha256").update(KEY).digest("hex");
const relay = localRelay({
  bindings: { API_KEYS: JSON.stringify([{ id: "admin", hash, scope: ["admin"] }]) },
});
const folder = new TemporaryFolder();
let client: RelayClient;
let rooms = 0;

beforeAll(() => {
  client = createRelayClient({ url: relay.url, key: KEY });
});
afterAll(() => folder[Symbol.dispose]());

/** Those that would run on when their test has failed. */
const running: ReturnType<typeof startCommand>[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

const newRoom = () => `streams-${rooms++}`;
const env = () => ({ ROOMLOG_URL: relay.url, ROOMLOG_KEY: KEY });

/** A command that runs on, and its lines so far. */
function start(args: readonly string[], environment: Record<string, string> = env()) {
  const child = startCommand(args, { env: environment });
  running.push(child);
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  const errors = text(child.stderr);
  return {
    lines,
    stop: async () => {
      child.kill("SIGINT");
      const [code, signal] = await once(child, "close");
      return { code, signal, err: await errors };
    },
  };
}

const patient = { timeout: 20_000 };

describe("tail", () => {
  it("shows events as they come, a gap where there is one, and ends well by Ctrl-C", async () => {
    const room = newRoom();
    await client.publish(room, { event: "a", args: ["x\u001b[2J", Uint8Array.of(1, 2)] });
    const tail = start(["tail", room, "--after", "0"]);
    await expect.poll(() => tail.lines.length, patient).toBe(1);
    expect(tail.lines[0]).toMatch(/^\w+-1 {2}2\S+Z {2}a {2}"x\\u001b\[2J" "\(2 bytes\)"$/);
    const { head } = await client.wipe(room);
    await expect.poll(() => tail.lines.length, patient).toBe(2);
    expect(tail.lines[1]).toMatch(/^--- gap: .*\(epoch\); nothing is kept$/);
    await client.publish(room, { event: "b", namespace: "/n" });
    await expect.poll(() => tail.lines.length, patient).toBe(3);
    expect(tail.lines[2]).toContain(head.replace(/-0$/, "-1"));
    expect(await tail.stop()).toEqual({ code: 0, signal: null, err: "" });
  });

  it("with --json has what the relay has", async () => {
    const room = newRoom();
    await client.publish(room, { event: "a", args: ["x", Uint8Array.of(1, 2)] });
    const tail = start(["tail", room, "--after", "other-1", "--json"]);
    await expect.poll(() => tail.lines.length, patient).toBe(2);
    await tail.stop();
    const answer = await fetch(`${relay.url}/rooms/${room}/events`);
    const { events, head } = (await answer.json()) as { events: unknown[]; head: string };
    expect(tail.lines.map((line) => JSON.parse(line))).toEqual([
      { gap: { requested: "other-1", first: head, head, reason: "epoch" } },
      ...events,
    ]);
  });

  it("HTTP-10 shows each number as it stands, with and without --json", async () => {
    const room = newRoom();
    const args = '{"id":1234567890123456789},1e999,-0,1.10';
    await fetch(`${relay.url}/rooms/${room}/events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
      body: `{"event":"n","args":[${args}]}`,
    });
    const [text, json] = [[], ["--json"]].map((more) =>
      start(["tail", room, "--after", "0", ...more]),
    );
    await expect.poll(() => text?.lines.length, patient).toBe(1);
    expect(text?.lines[0]).toMatch(new RegExp(` n  ${args.replaceAll(",", " ")}$`));
    await expect.poll(() => json?.lines.length, patient).toBe(1);
    expect(json?.lines[0]).toContain(`"args":[${args}]`);
  });

  it("LIFE-2 goes on through a kill and a restart of the relay", async () => {
    const [port, state] = [await freePort(), join(folder.path, "state")];
    const first = await RelayProcess.start(port, state);
    const tail = start(["tail", "lobby", "--after", "0", "--json"], { ROOMLOG_URL: first.url });
    try {
      const publisher = createRelayClient({ url: first.url });
      await publisher.publish("lobby", { event: "n", data: 1 });
      await expect.poll(() => tail.lines.length, patient).toBe(1);
      await first.kill();
      await using _ = await RelayProcess.start(port, state);
      await publisher.publish("lobby", [
        { event: "n", data: 2 },
        { event: "n", data: 3 },
      ]);
      await expect.poll(() => tail.lines.length, patient).toBe(3);
      expect(tail.lines.map((line) => JSON.parse(line).args)).toEqual([[1], [2], [3]]);
      const { code, err } = await tail.stop();
      expect(code).toBe(0);
      expect(err).toMatch(/trying again …\n/);
    } finally {
      await first.kill();
    }
  }, 90_000);
});

describe("export and import", () => {
  it("bring a log into another room, and only once", async () => {
    const [from, to] = [newRoom(), newRoom()];
    const numbers = Array.from({ length: 1_000 }, (_, i) => ({ event: "n", data: i }));
    for (let n = 0; n < 3; n++) await client.publish(from, numbers);
    const exported = await runCommand(["export", from], { env: env() });
    expect(exported).toMatchObject({ code: 0, err: expect.stringMatching(/^3000 events, /) });
    const file = join(folder.path, "room.ndjson");
    writeFileSync(file, exported.out);
    const imported = await runCommand(["import", to, file], { env: env() });
    expect(imported).toEqual({ code: 0, out: "imported: 3000, there already: 0\n", err: "" });
    const again = await runCommand(["import", to, "-"], {
      env: env(),
      stdin: readFileSync(file, "utf8"),
    });
    expect(again.out).toBe("imported: 0, there already: 3000\n");
    const items = await collect(client.events(to));
    expect(items.map((item) => item.kind === "event" && item.args[0])).toEqual(
      [...numbers, ...numbers, ...numbers].map(({ data }) => data),
    );
  });

  it("an export goes on behind --after", async () => {
    const room = newRoom();
    const published = await client.publish(room, [{ event: "a" }, { event: "b" }, { event: "c" }]);
    const after = String(published[1]?.offset);
    const { out } = await runCommand(["export", room, "--after", after], { env: env() });
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event),
    ).toEqual(["c"]);
  });

  it("an export ends well when its reader has had enough", async () => {
    const room = newRoom();
    // More than any pipe holds.
    const big = Array.from({ length: 30 }, () => ({ event: "n", data: "x".repeat(100_000) }));
    await client.publish(room, big);
    const child = startCommand(["export", room], { env: env() });
    const errors = text(child.stderr);
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [code] = await once(child, "close");
    expect({ code, err: await errors }).toEqual({ code: 0, err: "" });
  });

  it("an import names the line that is bad, of all the file", async () => {
    const line = (n: number) => JSON.stringify({ event: "n", args: [n], idempotencyKey: `${n}` });
    const good = Array.from({ length: 1_200 }, (_, n) => line(n));
    const file = join(folder.path, "bad.ndjson");
    writeFileSync(file, [...good, "nonsense", line(9_999)].join("\n"));
    const room = newRoom();
    const { code, out, err } = await runCommand(["import", room, file], { env: env() });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("stopped at line 1201 of the input; 1200 events were imported\n");
    expect((await client.info(room)).count).toBe(1_200);
  });

  it("an import counts blank lines too when it names the bad one", async () => {
    const line = (n: number) => JSON.stringify({ event: "n", args: [n], idempotencyKey: `${n}` });
    const stdin = ["", line(1), "", line(2), "nonsense", line(3)].join("\n");
    const { err } = await runCommand(["import", newRoom(), "-"], { env: env(), stdin });
    expect(err).toContain("stopped at line 5 of the input; 2 events were imported\n");
  });
});

describe("what is told to stop", () => {
  /** How it ended, and what it said. */
  async function stopped(child: ReturnType<typeof startCommand>, signal: NodeJS.Signals) {
    const errors = text(child.stderr);
    child.kill(signal);
    const [code] = await once(child, "exit");
    return { code, err: await errors };
  }

  it("does not wait for more from stdin: publish", async () => {
    const child = startCommand(["publish", newRoom(), "-"], { env: env() });
    running.push(child);
    child.stdin.write('{"event":"a"}\n');
    await once(child.stdout, "data");
    expect(await stopped(child, "SIGTERM")).toEqual({
      code: 1,
      err: "1 events were published before this:\nroomlog: interrupted\n",
    });
  });

  it("does not wait for more from stdin: import", async () => {
    const room = newRoom();
    const child = startCommand(["import", room, "-"], { env: env() });
    running.push(child);
    child.stdin.write('\n{"event":"a","idempotencyKey":"a"}\n');
    await expect.poll(async () => (await client.info(room)).count, patient).toBe(1);
    const { code, err } = await stopped(child, "SIGTERM");
    expect(code).toBe(1);
    expect(err).toMatch(/^stopped at line \d of the input; .*\nroomlog: interrupted\n$/);
  });

  it("does not wait for a reader that has stalled, and says what that has", async () => {
    const room = newRoom();
    // More than any pipe holds.
    const big = Array.from({ length: 30 }, () => ({ event: "n", data: "x".repeat(100_000) }));
    await client.publish(room, big);
    const child = startCommand(["export", room], { env: env() });
    running.push(child);
    await once(child.stdout, "readable");
    // Node throws away what nobody reads once the process has ended.
    const left = new Promise<string>((resolve) => {
      child.once("exit", () => resolve(text(child.stdout)));
    });
    const { code, err } = await stopped(child, "SIGINT");
    const lines = (await left).split("\n").slice(0, -1);
    const { offset } = JSON.parse(lines.at(-1) ?? "");
    expect(code).toBe(1);
    expect(err).toBe(
      `${lines.length} events were written; to go on: --after ${offset}\nroomlog: interrupted\n`,
    );
  });
});
