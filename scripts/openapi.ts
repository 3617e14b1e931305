// Makes the schemas of the HTTP interface's description out of what the code checks with.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import { SHAPES } from "../src/http/openapi/shapes.ts";
import { root } from "./install.mjs";

const FILE = `${root}src/http/openapi/schemas.ts`;

/** By name, as JSON Schema 2020-12. Checks that are code say nothing there. */
export function schemasOf(shapes: typeof SHAPES): Record<string, unknown> {
  const schemas = Object.entries(shapes).map(([name, shape]) => {
    const { $schema: _, ...schema } = toJsonSchema(shape, {
      typeMode: "input",
      errorMode: "ignore",
      target: "draft-2020-12",
    });
    return [name, schema];
  });
  return Object.fromEntries(schemas);
}

if (import.meta.main) {
  const text = JSON.stringify(schemasOf(SHAPES));
  const head = "/** Made by scripts/openapi.ts out of shapes.ts; not to be changed by hand. */\n\n";
  writeFileSync(FILE, `${head}export const SCHEMAS = ${text} as const;\n`);
  execFileSync(
    process.execPath,
    ["node_modules/@biomejs/biome/bin/biome", "format", "--write", FILE],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
}
