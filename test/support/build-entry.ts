// Bundles a Worker's entry of the tests as a deploy would bundle the real one.
import { execFile } from "node:child_process";
import { renameSync } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/install.mjs";

/**
 * @param entry a TypeScript file
 * @param folder gets the bundle; its entry is `index.js`, as `startRelay` wants it
 */
export async function buildEntry(entry: string, folder: string): Promise<void> {
  const wrangler = "node_modules/wrangler/bin/wrangler.js";
  const args = [wrangler, "deploy", entry, "--dry-run", "--outdir", folder];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
  renameSync(`${folder}/${basename(entry, ".ts")}.js`, `${folder}/index.js`);
}
