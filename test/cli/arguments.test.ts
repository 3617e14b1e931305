import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";

const options = { url: { type: "string" }, json: { type: "boolean" } } as const;
const read = (...args: string[]) => readArguments(args, options, 2);

describe("arguments that begin with a dash", () => {
  it.each<[string[], string[]]>([
    [["-room"], ["-room"]],
    [
      ["lobby", "-eMc_1"],
      ["lobby", "-eMc_1"],
    ],
    [
      ["--json", "-a", "--url", "u", "-b"],
      ["-a", "-b"],
    ],
    [
      ["url", "-b"],
      ["url", "-b"],
    ],
    [["-"], ["-"]],
    [
      ["lobby", "a", "-5", "-1e999"],
      ["lobby", "a", "-5", "-1e999"],
    ],
    [
      ["lobby", "--", "--json", "-x", "-json"],
      ["lobby", "--json", "-x", "-json"],
    ],
  ])("%j are names, where names are, and numbers", (args, positionals) => {
    expect(read(...args).positionals).toEqual(positionals);
  });

  it("leave the options what they are", () => {
    expect(read("-a", "--url", "u", "--json").values).toEqual({ url: "u", json: true });
  });
});
