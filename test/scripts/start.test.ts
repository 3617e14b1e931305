/** `npm start` before anything listens: mistakes are told, and it ends. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;

const start = (env: Record<string, string>, ...args: string[]) =>
  spawnSync(process.execPath, ["scripts/serve.ts", "--port", "0", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, ...env },
  });

describe("npm start", () => {
  it("with settings that make no sense names them and says what they take, and not their values", () => {
    const { status, stderr } = start({ API_KEYS: "s3cret", MAX_PAGE: "0" });
    expect(status).toBe(1);
    expect(stderr).toContain("API_KEYS: is not JSON");
    expect(stderr).toContain("MAX_PAGE: takes a whole number from 1 to 10000");
    expect(stderr).not.toContain("s3cret");
  });
});
