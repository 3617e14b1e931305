/**
 * Every rule of docs/protocol.md, and every row of docs/bad-inputs.md, has a test whose title names
 * it, and no title names one that is not there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const RULE =
  /\b(?:(?:ADDR|ENG|BEAT|SUB|EMIT|HTTP|AUTH|ROOM|PRES|KEEP|LIFE|BAD)-\d+|CVE-\d+-\d+)\b/g;

/** What a document states: in bold, at the beginning of a list's item or of a table's row. */
function stated(document: string): string[] {
  const text = readFileSync(`${root}docs/${document}`, "utf8");
  return (text.match(/^(?:- |\| )\*\*[A-Z]+-.*/gm) ?? []).flatMap((line) =>
    Array.from(line.matchAll(/\*\*([A-Z]+-[\d-]+)\*\*/g), ([, rule = ""]) => rule),
  );
}

const badInputs = stated("bad-inputs.md");
const rules = [...stated("protocol.md"), ...badInputs];

/** The text of every test file, and of the tables that tests are made from. */
const sources = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== "rules.test.ts")
  .map((file) => ({ file, text: readFileSync(`${root}test/${file}`, "utf8") }));

/** Titles: the first string of `it`, `describe` and their kin; in tables, any string. */
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;

function namedIn(text: string): Set<string> {
  const strings = text.match(STRING) ?? [];
  return new Set(strings.flatMap((string) => string.match(RULE) ?? []));
}

describe("the rules of docs/", () => {
  it("are all found, each once", () => {
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
    const rows = badInputs.filter((rule) => rule.startsWith("BAD-"));
    expect(rows).toEqual(Array.from({ length: 88 }, (_, i) => `BAD-${i + 1}`));
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
