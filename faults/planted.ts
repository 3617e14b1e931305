// A copy of the project with a bug in it.
import { cpSync, globSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../scripts/install.mjs";

/** In a file of src/, a text that stands there once, and what takes its place. */
export type Edit = readonly [file: string, from: string, to: string];

const COPIED = ["src", "faults", "scripts", "test", "public", "docs"];
const CONFIGS = globSync(["package.json", "tsconfig*.json", "wrangler.toml", "vitest.config.ts"], {
  cwd: root,
});

/** @returns the copy's folder, which is the caller's to remove */
export function plantedCopy(edits: readonly Edit[]): string {
  const copy = mkdtempSync(join(tmpdir(), "roomlog-control-"));
  for (const part of [...COPIED, ...CONFIGS])
    cpSync(root + part, join(copy, part), { recursive: true });
  symlinkSync(`${root}node_modules`, join(copy, "node_modules"));
  for (const [file, from, to] of edits) plant(join(copy, "src", file), from, to);
  return copy;
}

function plant(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} has not exactly one ${from}`);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}
