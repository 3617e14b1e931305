// The examples, run as a user would have them: with the package from its tarball.
//   node scripts/example.ts start <name> [--port 8787]
//   node scripts/example.ts test <name>
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { root } from "./install.mjs";
import { exclusively, pack, unpack } from "./pack.ts";
import { startRelay } from "./relay.ts";
import { lockState } from "./state-lock.ts";

const USAGE = "Usage: node scripts/example.ts start <name> [--port 8787], or: test <name>";

/**
 * Puts the package, packed from the present sources, where examples/<name> finds it as an
 * installed one. What it depends on itself is found in the project's own node_modules.
 */
export function installPackage(name: string): void {
  exclusively(() => {
    const { tarball, digest } = pack();
    const modules = `${folderOf(name)}/node_modules`;
    const note = `${modules}/.roomlog`;
    if (!existsSync(note) || readFileSync(note, "utf8") !== digest) {
      rmSync(note, { force: true });
      rmSync(`${modules}/roomlog`, { recursive: true, force: true });
      unpack(tarball, `${modules}/roomlog`);
      writeFileSync(note, digest);
    }
    // What npm does for a user who installs the example by itself.
    const postinstall = `${folderOf(name)}/copy-client.mjs`;
    if (existsSync(postinstall)) run(process.execPath, [postinstall]);
  });
}

async function start(name: string, port: number): Promise<void> {
  installPackage(name);
  const folder = folderOf(name);
  const secrets = `${folder}/.dev.vars`;
  if (existsSync(`${secrets}.example`) && !existsSync(secrets)) {
    copyFileSync(`${secrets}.example`, secrets);
  }
  const state = lockState(`${folder}/.roomlog`);
  console.log("Building …");
  // With the settings that a deployment has: those of wrangler.toml, and .dev.vars as its secrets;
  // only that what a handler threw is told.
  const config = `examples/${name}/wrangler.toml`;
  const relay = await startRelay({ port, state, config, bindings: { ERROR_MESSAGES: "true" } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
    process.on(signal, () => void relay.stop().finally(() => process.exit(0)));
  }
  console.log(`The example ${name} listens on ${relay.url}. Ctrl-C stops.`);
}

function test(name: string): void {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", "examples"];
  run(process.execPath, [...args, `examples/${name}/`], "inherit");
}

function folderOf(name: string): string {
  return `${root}examples/${name}`;
}

function run(command: string, args: string[], stdio: "inherit" | "pipe" = "pipe"): void {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd: root,
    stdio,
    encoding: "utf8",
  });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args[0]} failed. ${stderr ?? ""}`);
}

function readOptions(): { command: string; name: string; port: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { port: { type: "string", default: "8787" } },
    });
    const [command = "", name = "", ...more] = positionals;
    const port = Number(values.port);
    if (!["start", "test"].includes(command) || more.length > 0) throw new Error(USAGE);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(USAGE);
    if (!/^[a-z0-9-]+$/.test(name) || !existsSync(`${folderOf(name)}/wrangler.toml`)) {
      throw new Error(USAGE);
    }
    return { command, name, port };
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}

if (import.meta.main) {
  const { command, name, port } = readOptions();
  try {
    if (command === "start") await start(name, port);
    else test(name);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
