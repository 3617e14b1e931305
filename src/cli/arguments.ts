/** A command's arguments and options. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { parseOffset } from "../log/offset.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError if they are not those of `options` */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's advice behind the first sentence is for other cases than most.
    throw new UsageError(message.split(/[.\n]/)[0] ?? message);
  }
}

/** @throws UsageError if there are other arguments than these */
export function exactly<const N extends readonly string[]>(
  positionals: readonly string[],
  ...names: N
): { readonly [I in keyof N]: string } {
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`<${missing}> is missing`);
  const [tooMany] = positionals.slice(names.length);
  if (tooMany !== undefined) throw new UsageError(`what is "${tooMany}" for?`);
  return positionals as { readonly [I in keyof N]: string };
}

/**
 * The offset of `--after`. One that can't be would be answered as one of another log, with a gap.
 * @throws UsageError if it is none
 */
export function readAfter(text: string): string {
  if (parseOffset(text) === undefined) throw new UsageError(`--after "${text}" is no offset`);
  return text;
}
