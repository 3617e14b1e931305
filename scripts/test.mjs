// `npm test`: everything that must hold, step by step. Ends with `N passed, N failed`.
// Needs nothing but Node 20 and npm.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { badInputsLine } from "./bad-inputs.mjs";
import { ensureInstalled, root } from "./install.mjs";

const node = ensureInstalled();
const folder = mkdtempSync(join(tmpdir(), "roomlog-test-"));
const report = join(folder, "vitest.json");
let passed = 0;
let failed = 0;

await step("Format and lint", "node_modules/@biomejs/biome/bin/biome", ["check", "."]);
await step("Types", "node_modules/typescript/bin/tsc", ["-b"]);
await step("A Chromium for the browser tests", "scripts/browser.ts", []);
await step(
  "Tests",
  "node_modules/vitest/vitest.mjs",
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  countTests,
);
// Side by side: the one waits for processes most of the time, the other is one thread.
const inputs = run("faults/fuzz/main.ts", ["--inputs", "100000", "--workerd", "300"], "pipe");
await step("100 kills", "faults/main.ts", ["--kills", "100"]);
await show("100,000 inputs", inputs);
await step("The Worker builds", "node_modules/wrangler/bin/wrangler.js", [
  "deploy",
  "--dry-run",
  "--outdir",
  join(folder, "worker"),
]);

rmSync(folder, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);

/** @typedef {{ ok: boolean, seconds: number, output: string }} Result */

/**
 * @param {string} title
 * @param {string} script
 * @param {string[]} args
 * @param {(ok: boolean) => { passed: number, failed: number }} count
 */
async function step(title, script, args, count = countStep) {
  console.log(`\n=== ${title}`);
  conclude(title, await run(script, args, "inherit"), count);
}

/**
 * Shows a step that ran beside another, when it is over.
 * @param {string} title
 * @param {Promise<Result>} running
 */
async function show(title, running) {
  console.log(`\n=== ${title}`);
  const result = await running;
  process.stdout.write(result.output);
  conclude(title, result, countStep);
}

/**
 * @param {string} script
 * @param {string[]} args
 * @param {"inherit" | "pipe"} output shown as it comes, or kept
 * @returns {Promise<Result>}
 */
async function run(script, args, output) {
  const start = performance.now();
  const child = spawn(node, [script, ...args], {
    cwd: root,
    stdio: ["inherit", output, "inherit"],
    env: {
      ...process.env,
      // What the tools start must find the same Node and the same tools.
      PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
    },
  });
  const kept = child.stdout === null ? "" : text(child.stdout);
  const [status] = await once(child, "exit");
  return { ok: status === 0, seconds: (performance.now() - start) / 1000, output: await kept };
}

/**
 * @param {string} title
 * @param {Result} result
 * @param {(ok: boolean) => { passed: number, failed: number }} count
 */
function conclude(title, { ok, seconds }, count) {
  const result = count(ok);
  passed += result.passed;
  failed += result.failed;
  const outcome = result.failed === 0 ? "ok" : "FAILED";
  console.log(`--- ${title}: ${outcome}, ${seconds.toFixed(1)} s`);
}

/** @param {boolean} ok */
function countStep(ok) {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/** @param {boolean} ok */
function countTests(ok) {
  const result = readReport();
  // A file that can't be loaded, or an error outside of any test, fails without a failed test.
  return ok || result.failed > 0 ? result : { ...result, failed: 1 };
}

function readReport() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    console.log(badInputsLine(testResults.flatMap(titlesOf)));
    return { passed: Number(numPassedTests), failed: Number(numFailedTests) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** @param {{ assertionResults: { fullName: string, status: string }[] }} file */
function titlesOf({ assertionResults }) {
  return assertionResults.map(({ fullName, status }) => ({
    title: fullName,
    passed: status === "passed",
  }));
}
