// `npm start`: installs what is missing, then runs serve.ts under a Node that strips types.
// Needs nothing but Node 20 and npm.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { ensureInstalled, root } from "./install.mjs";
import { help, parseOptions, UsageError } from "./options.mjs";

const args = process.argv.slice(2);
try {
  if (parseOptions(args).help) {
    process.stdout.write(help);
    process.exit(0);
  }
  run(ensureInstalled());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error("See npm start -- --help");
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** @param {string} node */
function run(node) {
  // The channel closes when this process dies, however it dies; serve.ts then stops as well.
  const child = spawn(node, [`${root}scripts/serve.ts`, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  child.on("error", (error) => {
    console.error(`Could not run ${node}: ${error.message}`);
    process.exit(1);
  });
  let stopping = false;
  // To stop when told to is no failure, whatever the exit hooks of the tools make of it.
  child.on("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      stopping = true;
      child.kill(signal);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined) stopWithNpm(child);
}

/**
 * npm can't pass on a `kill -9`, which would leave its server behind.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function stopWithNpm(child) {
  const npm = npmPid();
  setInterval(() => {
    if (!isAlive(npm)) child.kill("SIGTERM");
  }, 250).unref();
}

/** npm runs a script in a shell, which on Linux often stays between the two. */
function npmPid() {
  const parent = process.ppid;
  try {
    const [, name, grandparent] =
      /^\d+ \((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, "utf8")) ?? [];
    return /^(da|ba|)sh$/.test(name ?? "") ? Number(grandparent) : parent;
  } catch {
    return parent;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
