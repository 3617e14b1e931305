// `npm start` and `npm test` of an example: installs what is missing, then runs example.ts under
// a Node that strips types. Needs nothing but Node 20 and npm.
import { spawn } from "node:child_process";
import { ensureInstalled, root } from "./install.mjs";

try {
  run(ensureInstalled());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @param {string} node */
function run(node) {
  // The channel closes when this process dies, however it dies; example.ts then stops as well.
  const child = spawn(node, [`${root}scripts/example.ts`, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  child.on("error", (error) => {
    console.error(`Could not run ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code) => process.exit(code ?? 1));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
}
