// Builds the Worker exactly as a deploy would.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { root } from "./install.mjs";

/** The relay's own configuration. */
export const RELAY_CONFIG = "wrangler.toml";

const dist = `${root}dist`;

/**
 * Bundles the Worker with `wrangler deploy --dry-run`, which also runs the `[build]` command.
 * May run in several processes at once.
 *
 * @param config a wrangler.toml, relative to the project
 * @param minify makes another build of the same source
 * @returns the folder of the bundle; its entry is named after the config's `main`
 */
export async function buildWorker(config = RELAY_CONFIG, minify = false): Promise<string> {
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(`${dist}/build-`);
  try {
    const args = ["deploy", "--dry-run", "--config", config, "--outdir", fresh];
    await runWrangler(minify ? [...args, "--minify"] : args);
    const name =
      config === RELAY_CONFIG ? "worker" : config.replace(".toml", "").replaceAll("/", "-");
    const bundle = `${dist}/${name}${minify ? "-minified" : ""}`;
    mkdirSync(bundle, { recursive: true });
    // File by file, so that a reader always finds a whole one.
    for (const name of readdirSync(fresh)) renameSync(`${fresh}/${name}`, `${bundle}/${name}`);
    return bundle;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function runWrangler(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/wrangler/bin/wrangler.js", ...args], {
      cwd: root,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The Worker could not be built.\n${output.trim()}`));
    });
  });
}
