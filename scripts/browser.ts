// A Chromium for the browser tests: find one, install one, launch it.
import { execFile, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { root } from "./install.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MAC_APP = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Looks for a browser that runs: $CHROME_PATH, then the usual names, then playwright's own.
 *
 * @returns the path of its executable
 * @throws if there is none
 */
export async function findChromium(): Promise<string> {
  for (const path of candidates()) {
    if (existsSync(path) && (await runs(path))) return path;
  }
  throw new Error(
    process.env.CHROME_PATH
      ? `CHROME_PATH names no browser that runs: ${process.env.CHROME_PATH}`
      : "No Chromium found. Install one (Debian: apt-get install chromium; anywhere: " +
          "npx playwright-core install chromium-headless-shell) or set CHROME_PATH.",
  );
}

/** Like `findChromium`, but installs one if there is none. */
export async function ensureChromium(): Promise<string> {
  try {
    return await findChromium();
  } catch (error) {
    if (process.env.CHROME_PATH) throw error;
    install();
    return findChromium();
  }
}

/** Starts a headless browser with an empty profile. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), headless: true, args: ARGS });
}

function candidates(): string[] {
  const { CHROME_PATH, PATH = "" } = process.env;
  // Whoever names one wants that one, or to hear that it doesn't work.
  if (CHROME_PATH) return [CHROME_PATH];
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  return [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    MAC_APP,
    ...playwrightBrowsers(),
  ];
}

function playwrightBrowsers(): string[] {
  const caches: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "Library/Caches/ms-playwright",
    win32: "AppData/Local/ms-playwright",
  };
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    join(homedir(), caches[process.platform] ?? ".cache/ms-playwright");
  const shells = globSync("chromium_headless_shell-*/*/{chrome-headless-shell,headless_shell}*", {
    cwd: cache,
  });
  return [chromium.executablePath(), ...shells.map((shell) => join(cache, shell))];
}

/** A file of that name may be a mere hint to install a package, as on Ubuntu. */
async function runs(path: string): Promise<boolean> {
  try {
    await promisify(execFile)(path, ["--version"], { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

function install(): void {
  console.log("No Chromium found: installing one …");
  const debian = existsSync("/etc/debian_version") && process.getuid?.() === 0;
  const installed =
    (debian &&
      run("apt-get", ["update"]) &&
      run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"])) ||
    run(process.execPath, [
      `${root}node_modules/playwright-core/cli.js`,
      "install",
      "chromium-headless-shell",
    ]);
  if (!installed) console.error("Chromium could not be installed.");
}

function run(command: string, args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command, args, { stdio: "inherit", env }).status === 0;
}

if (import.meta.main) {
  try {
    console.log(await ensureChromium());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
