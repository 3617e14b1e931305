/** A deployment's variable, and what to say of one that makes no sense. */
import * as v from "valibot";

/**
 * A variable that may be there. What is wrong with it is said in `words`, which go on behind its
 * name, or in those of a part of it; never by its value, which may be a secret.
 */
export function takes<S extends v.GenericSchema>(words: string, schema: S) {
  return v.message(v.optional(schema), `takes ${words}`);
}
