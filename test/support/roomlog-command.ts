// The command `roomlog` as a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { root } from "../../scripts/install.mjs";

export type CommandOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Default: that of the clone. */
  readonly bin?: string;
};

export type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

/** Starts it, without any of its variables from outside. */
export function startCommand(
  args: readonly string[],
  { env = {}, bin = `${root}bin/roomlog.mjs` }: CommandOptions = {},
): ChildProcessWithoutNullStreams {
  const { PATH = "", HOME = "" } = process.env;
  return spawn(process.execPath, [bin, ...args], { env: { PATH, HOME, ...env } });
}

/** Runs it to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const child = startCommand(args, options);
  child.stdin.end(options.stdin ?? "");
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, out, err };
}
