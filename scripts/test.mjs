// `npm test`: everything that must hold, one step after the other. Ends with `N passed, N failed`.
// Needs nothing but Node 20 and npm.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { badInputsLine } from "./bad-inputs.mjs";
import { ensureInstalled, root } from "./install.mjs";

const node = ensureInstalled();
const folder = mkdtempSync(join(tmpdir(), "roomlog-test-"));
const report = join(folder, "vitest.json");
let passed = 0;
let failed = 0;

step("Format and lint", "node_modules/@biomejs/biome/bin/biome", ["check", "."]);
step("Types", "node_modules/typescript/bin/tsc", ["-b"]);
step("A Chromium for the browser tests", "scripts/browser.ts", []);
step(
  "Tests",
  "node_modules/vitest/vitest.mjs",
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  countTests,
);
step("100 kills", "faults/main.ts", ["--kills", "100"]);
step("100,000 inputs", "faults/fuzz/main.ts", ["--inputs", "100000", "--workerd", "300"]);
step("The Worker builds", "node_modules/wrangler/bin/wrangler.js", [
  "deploy",
  "--dry-run",
  "--outdir",
  join(folder, "worker"),
]);

rmSync(folder, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);

/**
 * @param {string} title
 * @param {string} script
 * @param {string[]} args
 * @param {(ok: boolean) => { passed: number, failed: number }} count
 */
function step(title, script, args, count = countStep) {
  console.log(`\n=== ${title}`);
  const start = performance.now();
  const { status } = spawnSync(node, [script, ...args], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      // What the tools start must find the same Node and the same tools.
      PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
    },
  });
  const result = count(status === 0);
  passed += result.passed;
  failed += result.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`--- ${title}: ${result.failed === 0 ? "ok" : "FAILED"}, ${seconds} s`);
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
