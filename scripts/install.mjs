// Makes sure that the packages of package-lock.json and a Node that runs TypeScript are here.
// Plain JavaScript without imports from npm, because it runs when nothing is installed.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const windows = process.platform === "win32";
const packagedNode = `${root}node_modules/node/bin/node${windows ? ".exe" : ""}`;

/**
 * Installs what is missing or outdated, and says so.
 *
 * @returns {string} the path of a Node that runs TypeScript
 */
export function ensureInstalled() {
  if (!isInstalled()) {
    console.log("Installing the packages of package-lock.json (npm ci) …");
    // Tools are devDependencies, so NODE_ENV=production must not leave them out.
    // Without npm's warnings that this Node is too old: the one they want is among the packages.
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    run("npm", ["ci", "--include=dev", ...quiet], root);
  }
  if (runsTypeScript(packagedNode)) return packagedNode;
  if (runsTypeScript(process.execPath)) return process.execPath;

  // The package `node` gets its binary in an install script, which npm may have been told to skip.
  console.log("Fetching a current Node for the tools …");
  run(process.execPath, ["installArchSpecificPackage.js"], `${root}node_modules/node`);
  if (runsTypeScript(packagedNode)) return packagedNode;
  throw new Error("No Node 24 could be installed. Install Node 24 or newer and try again.");
}

/** Compares contents, not times: a copy or a checkout changes times. */
function isInstalled() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages("node_modules/.package-lock.json");
  if (wanted === undefined) throw new Error("package-lock.json is missing or damaged.");
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    // Optional packages are those of other platforms.
    return present[path] === undefined ? optional === true : present[path].version === version;
  });
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function readPackages(lockfile) {
  try {
    return JSON.parse(readFileSync(root + lockfile, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** @param {string} node */
function runsTypeScript(node) {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) >= 24;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    shell: windows && command === "npm",
  });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args[0]} failed (exit code ${status}).`);
}
