/** What went wrong, as a line that says what to do, and the exit code. */
import { RelayRequestError } from "../server.ts";
import type { Context } from "./command.ts";
import { harmless } from "./output.ts";
import { UsageError } from "./usage-error.ts";

export type Explained = { readonly line: string; readonly exitCode: 1 | 2 };

/** @param command the name of the command that failed, if it was one */
export function explain(error: unknown, command: string | undefined, context: Context): Explained {
  if (error instanceof UsageError) {
    const help = command === undefined ? "roomlog --help" : `roomlog ${command} --help`;
    return { line: `${error.message}; see ${help}`, exitCode: 2 };
  }
  if (context.signal.aborted) return { line: "interrupted", exitCode: 1 };
  if (!(error instanceof RelayRequestError)) {
    return { line: error instanceof Error ? error.message : String(error), exitCode: 1 };
  }
  const advice = adviceFor(error, context);
  // Error texts of another server may hold anything.
  const line = harmless(advice === "" ? error.message : `${error.detail}. ${advice}`);
  return { line, exitCode: 1 };
}

function adviceFor({ code, status, extra }: RelayRequestError, { env }: Context): string {
  switch (code) {
    case "unreachable":
      return "Is it running? The address comes from --url or ROOMLOG_URL.";
    case "unexpected_answer":
      return `Is this the relay (HTTP ${status})? The address comes from --url or ROOMLOG_URL.`;
    case "unauthorized":
      return env.ROOMLOG_KEY
        ? "ROOMLOG_KEY is no valid key or token there."
        : "Set ROOMLOG_KEY to an API key (roomlog key) or a token (roomlog token).";
    case "token_expired":
      return "Set ROOMLOG_KEY to a fresh one (roomlog token).";
    case "forbidden":
      return env.ROOMLOG_KEY
        ? "ROOMLOG_KEY does not allow it."
        : "Set ROOMLOG_KEY to a key or token that allows it.";
    case "gap":
      return `The oldest event that is kept is ${extra.first ?? "none"}; --after 0 begins there.`;
    case "head_moved":
      return `The newest event is ${extra.head}.`;
    default:
      return "";
  }
}
