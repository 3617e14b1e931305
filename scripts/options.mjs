// The command line of `npm start`. Plain JavaScript, so that --help needs nothing installed.
import { parseArgs } from "node:util";

export const help = `Starts Roomlog on this machine.

  npm start -- [options]

  --port <number>   port to listen on (default 8787; 0 picks a free one)
  --state <folder>  where rooms are kept (default .roomlog)
  --help            show this

Settings are read from the environment, by the names in the README's table, such as

  ANONYMOUS=read KEEP_DAYS=1 npm start

Here ANONYMOUS is write and ORIGINS is * unless you say otherwise.
`;

/** A mistake in the command line; its message is for the user. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {{ port: number, state: string | undefined, help: boolean }}
 * @throws {UsageError}
 */
export function parseOptions(args) {
  const values = parse(args);
  const port = Number(values.port ?? 8787);
  if (!/^\d+$/.test(values.port ?? "8787") || port > 65_535) {
    throw new UsageError(`--port takes a number from 0 to 65535, not "${values.port}".`);
  }
  if (values.state === "") throw new UsageError("--state takes the path of a folder.");
  return { port, state: values.state, help: values.help ?? false };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string" },
        state: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's advice on positional arguments would only confuse here.
    throw new UsageError(message.split(". ")[0]?.split("\n")[0] ?? message);
  }
}
