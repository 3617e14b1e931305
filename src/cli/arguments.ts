/** A command's arguments and options. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { parseOffset } from "../log/offset.ts";
import { UsageError } from "./usage-error.ts";

/** Stands before a dash that Node is not to see. No argument of a process can hold it. */
const HIDDEN = "\0";

/**
 * Options begin with two dashes. What begins with one may be a room's name or a socket's id.
 * @param names so many arguments are names: a later one with a dash is a number, or a mistake
 * @throws UsageError if they are not those of `options`
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  names = 1,
) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const hidden = args.map((arg, i) => {
    const [, option = ""] = /^--(.+)/.exec(args[i - 1] ?? "") ?? [];
    const isValue = options[option]?.type === "string";
    return i < end && !isValue && isName(arg, options) ? HIDDEN + arg : arg;
  });
  const { values, positionals } = parse(hidden, options);
  const shown = positionals.map((arg) => arg.replace(HIDDEN, ""));
  const isMistake = (arg: string, i: number) =>
    i >= names && arg !== positionals[i] && Number.isNaN(Number(arg));
  const mistake = shown.find(isMistake);
  if (mistake !== undefined) throw unknown(mistake);
  return { values, positionals: shown };
}

/** @throws UsageError for an option with one dash */
function isName(arg: string, options: ParseArgsOptionsConfig): boolean {
  if (!/^-[^-]/.test(arg)) return false;
  const [word = ""] = arg.slice(1).split("=");
  if (Object.hasOwn(options, word)) throw new UsageError(`"${arg}": the option is --${word}`);
  return true;
}

function parse<const Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, option] = /^Unknown option '(.*?)'/s.exec(message) ?? [];
    if (option !== undefined) throw unknown(option);
    // Node's advice behind the first sentence is for other cases than most.
    throw new UsageError(message.split(/[.\n]/)[0] ?? message);
  }
}

function unknown(option: string): UsageError {
  return new UsageError(`"${option}" is no option; if it is an argument, put -- before it`);
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
