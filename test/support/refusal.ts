/** What a function that throws `RelayError` refuses with. */
import { RelayError } from "../../src/errors.ts";

/** The code and detail of the refusal; fails if there is none. */
export function refusalOf(turn: () => unknown): { code: string; detail: string } {
  try {
    turn();
  } catch (error) {
    if (error instanceof RelayError) return { code: error.code, detail: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}
