/** Arrows between the folders of src/ point one way. Read from the text of its imports. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/** What the values of a module may come from, by its folder; a file at the top is its own. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  index: ["platform", "relay"],
  roomlog: ["env", "platform", "relay", "room", "settings"],
  // What backends use: beside the relay, and of it only what both have to write alike.
  server: ["auth", "log", "protocol"],
  // The command: the only folder for Node alone.
  cli: ["auth", "log", "protocol", "server"],
  relay: ["config", "env", "http", "platform", "settings"],
  env: [],
  config: ["auth", "errors", "limits", "protocol", "session", "settings"],
  settings: ["limits", "log", "protocol"],
  errors: [],
  limits: [],
  telemetry: [],
  protocol: [],
  storage: [],
  log: ["protocol", "storage"],
  auth: ["protocol", "telemetry"],
  session: ["auth", "limits", "log", "protocol", "storage", "telemetry"],
  room: [
    "auth",
    "errors",
    "limits",
    "log",
    "protocol",
    "session",
    "settings",
    "storage",
    "telemetry",
  ],
  http: [
    "auth",
    "config",
    "env",
    "errors",
    "limits",
    "log",
    "protocol",
    "room",
    "settings",
    "telemetry",
  ],
  platform: [
    "auth",
    "config",
    "env",
    "errors",
    "http",
    "log",
    "protocol",
    "room",
    "session",
    "settings",
    "storage",
    "telemetry",
  ],
};

/** Types that point against the arrows, and why that does no harm. */
const TYPES_ONLY: readonly (readonly [from: string, to: string, why: string])[] = [
  ["env", "platform", "a binding's type names the class of the object behind it"],
];

type Import = {
  readonly file: string;
  readonly from: string;
  /** A folder of src/, a file at its top, or a package's name. */
  readonly to: string;
  readonly own: boolean;
  readonly typeOnly: boolean;
};

function readImports(): Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts")).flatMap(importsOf);
}

const STATEMENT = /^(import|export) (type )?(?:[^;"]*? from )?"([^"]+)";$/gms;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), "utf8");
  return Array.from(text.matchAll(STATEMENT), ([statement, , type, specifier = ""]) => {
    const own = specifier.startsWith(".");
    const target = relative(SRC, join(SRC, dirname(file), specifier));
    // `import { type A, type B }` is a type-only import as well.
    const names = /\{([^}]*)\}/s.exec(statement)?.[1]?.split(",") ?? [""];
    const onlyTypes = names.every((name) => name.trim() === "" || name.trim().startsWith("type "));
    return {
      file,
      from: nodeOf(file),
      to: own ? nodeOf(target) : specifier,
      own,
      typeOnly: type !== undefined || (names.join("").trim() !== "" && onlyTypes),
    };
  });
}

function nodeOf(file: string): string {
  const [first = "", ...rest] = file.split("/");
  return rest.length > 0 ? first : first.replace(/\.ts$/, "");
}

const IMPORTS = readImports();
const say = ({ file, to }: Import) => `${file} -> ${to}`;

describe("the arrows of src/", () => {
  it("every import is found", () => {
    // Counted another way: each module specifier stands behind `from` or alone.
    const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
    const texts = files.filter((file) => file.endsWith(".ts")).map((file) => join(SRC, file));
    const specifiers = texts.flatMap(
      (file) => readFileSync(file, "utf8").match(/(?:\bfrom|^import) "/gm) ?? [],
    );
    expect(IMPORTS.length).toBe(specifiers.length);
    expect(IMPORTS.length).toBeGreaterThan(50);
  });

  it("only platform/, index.ts and env.ts know the Workers runtime", () => {
    const others = IMPORTS.filter(
      ({ to, from }) =>
        to.startsWith("cloudflare:") && !["platform", "index", "env"].includes(from),
    );
    expect(others.map(say)).toEqual([]);
  });

  it("only cli/ imports Node's modules", () => {
    const others = IMPORTS.filter(({ to, from }) => to.startsWith("node:") && from !== "cli");
    expect(others.map(say)).toEqual([]);
  });

  it("protocol/ imports nothing outside itself", () => {
    const outside = IMPORTS.filter(({ from, to }) => from === "protocol" && to !== "protocol");
    expect(outside.map(say)).toEqual([]);
  });

  it("values come from where the arrows point", () => {
    const against = IMPORTS.filter(
      ({ own, from, to, typeOnly }) =>
        own && !typeOnly && from !== to && !ARROWS[from]?.includes(to),
    );
    expect(against.map(say)).toEqual([]);
  });

  it("types too, but for those with a reason", () => {
    const against = IMPORTS.filter(
      ({ own, from, to, typeOnly }) =>
        own &&
        typeOnly &&
        from !== to &&
        !ARROWS[from]?.includes(to) &&
        !TYPES_ONLY.some(([a, b]) => a === from && b === to),
    );
    expect(against.map(say)).toEqual([]);
  });

  it("every exception is used", () => {
    const unused = TYPES_ONLY.filter(
      ([a, b]) => !IMPORTS.some(({ from, to, typeOnly }) => typeOnly && from === a && to === b),
    );
    expect(unused).toEqual([]);
  });

  it("the arrows themselves make no circle", () => {
    const settled = new Set<string>();
    for (let size = -1; size < settled.size; ) {
      size = settled.size;
      for (const [node, targets] of Object.entries(ARROWS)) {
        if (targets.every((target) => settled.has(target))) settled.add(node);
      }
    }
    expect(Object.keys(ARROWS).filter((node) => !settled.has(node))).toEqual([]);
  });
});
