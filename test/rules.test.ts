/** Every rule of docs/protocol.md has a test whose title names it, and no title names a rule that is not there. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const RULE = /\b(?:ADDR|ENG|BEAT|SUB|EMIT|HTTP|AUTH|ROOM|PRES|KEEP|LIFE)-\d+\b/g;

/** The rules that the document states: each begins a list's item. */
const rules = Array.from(
  readFileSync(`${root}docs/protocol.md`, "utf8").matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm),
  ([, rule = ""]) => rule,
);

/** The text of every test file, and of the tables that tests are made from. */
const sources = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== "rules.test.ts")
  .map((file) => ({ file, text: readFileSync(`${root}test/${file}`, "utf8") }));

/** Titles: the first string of `it`, `describe` and their kin; in tables, any string. */
const STRING = /"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

function namedIn(text: string): Set<string> {
  const strings = text.match(STRING) ?? [];
  return new Set(strings.flatMap((string) => string.match(RULE) ?? []));
}

describe("the rules of docs/protocol.md", () => {
  it("are all found, each once", () => {
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
  });

  it("each have a test that is named after them", () => {
    const named = new Set(sources.flatMap(({ text }) => [...namedIn(text)]));
    expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
  });

  it("are the only ones that tests name", () => {
    const unknown = sources.flatMap(({ file, text }) =>
      [...namedIn(text)].filter((rule) => !rules.includes(rule)).map((rule) => `${file}: ${rule}`),
    );
    expect(unknown).toEqual([]);
  });
});
