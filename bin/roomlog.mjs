#!/usr/bin/env node
// The command `roomlog`: compiled in the package, from its sources in a clone.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const source = new URL("../src/cli/main.ts", import.meta.url);

if (!existsSync(source)) await run(new URL("../dist/package/cli/main.js", import.meta.url));
else if (process.features.typescript) await run(source);
else await runWithNewerNode();

/** @param {URL} module */
async function run(module) {
  const { main } = await import(module.href);
  process.exitCode = await main(process.argv.slice(2));
}

/** This Node can't read TypeScript; a clone brings one that can. */
async function runWithNewerNode() {
  const { ensureInstalled } = await import("../scripts/install.mjs");
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(ensureInstalled(), args, { stdio: "inherit" });
  // What is sent to the whole process group, as Ctrl-C in a terminal is, reaches the child by itself.
  // So each is passed on as the other: a second one of a kind would end the child at once. On Windows
  // Ctrl-C always reaches both, and any `kill` ends at once.
  process.on("SIGINT", () => process.platform === "win32" || child.kill("SIGTERM"));
  process.on("SIGTERM", () => child.kill("SIGINT"));
  child.on("exit", (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
  );
}
