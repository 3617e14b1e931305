/** bin/roomlog.mjs under a Node that can't run TypeScript: another one does, and signals reach it. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { root } from "../../scripts/install.mjs";
import { hangs, json, ScriptedServer } from "../support/scripted-server.ts";

const running: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const { pid = 0 } of running.splice(0)) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
});

/** In a process group of its own, as a shell starts it. */
function launch(url: string, ...args: string[]) {
  const { PATH, HOME } = process.env;
  const bin = `${root}bin/roomlog.mjs`;
  const child = spawn(process.execPath, ["--no-experimental-strip-types", bin, ...args], {
    env: { PATH, HOME, ROOMLOG_URL: url },
    detached: true,
  });
  running.push(child);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  return { child, ended: once(child, "exit"), out, err };
}

it.each([
  ["SIGINT to it alone", 1, "SIGINT"],
  ["SIGTERM to it alone", 1, "SIGTERM"],
  ["Ctrl-C in a terminal, which reaches both", -1, "SIGINT"],
  ["SIGTERM to its process group, which reaches both", -1, "SIGTERM"],
] as const)(
  "%s ends the command well",
  async (_, sign, signal) => {
    await using server = await ScriptedServer.start(hangs);
    const { child, ended, err } = launch(server.url, "tail", "lobby", "--after", "0");
    await expect.poll(() => server.asked.length, { timeout: 20_000 }).toBe(1);
    process.kill(sign * Number(child.pid), signal);
    expect(await ended).toEqual([0, null]);
    expect(await err).toBe("");
  },
  30_000,
);

it("a command that a signal has killed exits as shells have it", async () => {
  await using server = await ScriptedServer.start(json({ events: [{ offset: "abcd-1" }] }));
  const { child, ended } = launch(server.url, "publish", "lobby", "-");
  child.stdin.write('{"event":"a"}\n');
  await once(child.stdout, "data");
  // The launcher's only child is the command.
  const command = execFileSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" });
  process.kill(Number(command), "SIGKILL");
  expect(await ended).toEqual([128 + 9, null]);
}, 30_000);

it("its exit code is the command's", async () => {
  expect(await launch("http://localhost", "wipe", "lobby").ended).toEqual([2, null]);
}, 30_000);
