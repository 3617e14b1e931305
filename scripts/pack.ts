// The package as npm gets it. `npm pack` runs this file first (prepack).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { root } from "./install.mjs";

const OUTPUT = `${root}dist/package`;
const TARBALLS = `${root}dist/packed`;

/** Whoever packs meanwhile may take so long, in milliseconds. */
const PATIENCE = 120_000;

/** What the package is made from. */
const SOURCES = [
  "src/**/*.ts",
  "bin/*",
  "package.json",
  "tsconfig.base.json",
  "tsconfig.package.json",
  "tsconfig.command.json",
  "scripts/pack.ts",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/** A tarball, and what tells it from those of other sources. */
export type Packed = { readonly tarball: string; readonly digest: string };

/** Packs the present sources, unless that has been done; to be called `exclusively`. */
export function pack(): Packed {
  const digest = digestOfSources();
  const folder = `${TARBALLS}/${digest}`;
  if (!existsSync(folder)) {
    // Of earlier sources.
    rmSync(TARBALLS, { recursive: true, force: true });
    mkdirSync(TARBALLS, { recursive: true });
    const fresh = mkdtempSync(`${TARBALLS}/fresh-`);
    packInto(fresh);
    renameSync(fresh, folder);
  }
  return { tarball: tarballIn(folder), digest };
}

/** @returns the path of the tarball */
export function packInto(folder: string): string {
  run("npm", ["pack", "--silent", "--pack-destination", folder]);
  return tarballIn(folder);
}

/** Leaves the package in `folder`, as npm does in node_modules. */
export function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder]);
}

/** Runs `step` while no other process packs or unpacks: all compile into one folder. */
export function exclusively<T>(step: () => T): T {
  mkdirSync(`${root}dist`, { recursive: true });
  // SQLite's file lock, because Node has none of its own.
  const lock = new DatabaseSync(`${root}dist/pack.lock`, { timeout: PATIENCE });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return step();
  } finally {
    lock.close();
  }
}

function tarballIn(folder: string): string {
  const [tarball] = globSync(`${folder}/*.tgz`);
  if (tarball === undefined) throw new Error(`npm pack left nothing in ${folder}`);
  return tarball;
}

/** Compiles to dist/package, afresh. */
function build(): void {
  rmSync(OUTPUT, { recursive: true, force: true });
  for (const project of ["tsconfig.package.json", "tsconfig.command.json"]) {
    run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project]);
  }
  // tsc rewrites the extensions of imports in JavaScript only (7.0).
  for (const file of globSync(`${OUTPUT}/**/*.d.ts`)) {
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/(?<=(?:from |import\()"\.[^"]*)\.ts(?=")/g, ".js"));
  }
}

/** Of contents, not times: a copy or a checkout changes times. */
function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: root }).toSorted()) {
    if (statSync(root + file).isFile()) hash.update(`${file}\0`).update(readFileSync(root + file));
  }
  return hash.digest("hex").slice(0, 16);
}

function run(command: string, args: string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32" && command === "npm",
  });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args[0]} failed.\n${stdout}${stderr}`);
}

if (import.meta.main) {
  try {
    build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
