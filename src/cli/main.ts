/** The command `roomlog`: which command is meant, and what becomes of its failures. */
import type { Command, Context } from "./command.ts";
import { explain } from "./explain.ts";
import { exportRoom } from "./export.ts";
import { importRoom } from "./import.ts";
import { key } from "./key.ts";
import { endWithReader, print, tell } from "./output.ts";
import { publish } from "./publish.ts";
import { info, wipe } from "./room.ts";
import { kick, sockets } from "./sockets.ts";
import { tail } from "./tail.ts";
import { token } from "./token.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";

export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["publish", publish],
  ["tail", tail],
  ["export", exportRoom],
  ["import", importRoom],
  ["info", info],
  ["sockets", sockets],
  ["kick", kick],
  ["wipe", wipe],
  ["token", token],
  ["key", key],
]);

/** @returns the exit code: 0 done, 1 failed, 2 a mistake in the command line */
export async function main(args: readonly string[]): Promise<number> {
  endWithReader();
  const interrupt = new AbortController();
  // Once: a second Ctrl-C ends what the first could not.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupt.abort());
  const context = { env: process.env, signal: interrupt.signal };
  const exitCode = await run(args, context);
  // A reader that has stalled, or a file that can't be opened, would hold what was told to stop.
  if (interrupt.signal.aborted) process.exit(exitCode);
  return exitCode;
}

async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    await dispatch(args, context);
    return 0;
  } catch (error) {
    const { line, exitCode } = explain(
      error,
      COMMANDS.has(args[0] ?? "") ? args[0] : undefined,
      context,
    );
    tell(`roomlog: ${line}`);
    return exitCode;
  }
}

/** @throws what the command throws */
export async function dispatch(
  [name, ...args]: readonly string[],
  context: Context,
): Promise<void> {
  const { signal } = context;
  if (name === "--version" || name === "-v") return await print(version(), signal);
  if (name === "--help" || name === "-h" || name === "help") return await print(overview(), signal);
  if (name === undefined) throw new UsageError("name a command");
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`"${name}" is no command`);
  if (asksForHelp(args)) return await print(command.help.trim(), signal);
  await command.run(args, context);
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

function overview(): string {
  const lines = Array.from(COMMANDS, ([name, { summary }]) => `  ${name.padEnd(9)}${summary}`);
  return `Talks to a Roomlog relay.

  roomlog <command> [arguments]

${lines.join("\n")}

roomlog <command> --help tells more. The relay is ROOMLOG_URL (http://localhost:8787), the key
ROOMLOG_KEY. Exit codes: 0 done, 1 failed, 2 a mistake in the command line.`;
}
