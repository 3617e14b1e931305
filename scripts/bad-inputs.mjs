// How many rows of docs/bad-inputs.md hold: those whose tests, named after them, have all passed.
import { readFileSync } from "node:fs";

const ROW = /\bBAD-\d+\b/g;

/** The rows that the document has. */
function statedRows() {
  const text = readFileSync(new URL("../docs/bad-inputs.md", import.meta.url), "utf8");
  return Array.from(text.matchAll(/^\| \*\*(BAD-\d+)\*\*/gm), ([, row = ""]) => row);
}

/**
 * @param {{ title: string, passed: boolean }[]} tests all that ran, titles with their suites'
 * @returns {string} such as `bad inputs: 88/88`, and which do not hold
 */
export function badInputsLine(tests) {
  const passed = new Set(rowsOf(tests.filter((test) => test.passed)));
  const failed = new Set(rowsOf(tests.filter((test) => !test.passed)));
  const rows = statedRows();
  const missing = rows.filter((row) => !passed.has(row) || failed.has(row));
  const held = `bad inputs: ${rows.length - missing.length}/${rows.length}`;
  return missing.length === 0 ? held : `${held} (not ${missing.join(", ")})`;
}

/** @param {{ title: string }[]} tests */
function rowsOf(tests) {
  return tests.flatMap(({ title }) => title.match(ROW) ?? []);
}
