/** Checks what a request sent, and says what is wrong with it in words for its sender. */
import * as v from "valibot";
import { type ErrorCode, RelayError } from "../errors.ts";

/** Of a name that is none of a namespace (ADDR-4). */
export const NO_NAMESPACE = "is no namespace; one begins with a slash, as /orders does";

/**
 * @param path where the value stands in the body, such as `events.3.`, for what is refused
 * @throws RelayError with `code`, or `invalid_key`, that names the member
 */
export function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  code: ErrorCode,
  path = "",
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = issue.path?.map(({ key }) => String(key)) ?? [];
  const about = keys.at(-1) === "idempotencyKey" ? "invalid_key" : code;
  const where = (path + keys.join(".")).replace(/\.$/, "");
  throw new RelayError(about, where === "" ? reasonOf(issue) : `${where}: ${reasonOf(issue)}`);
}

/** Of an object's own issues there are three: a member too many, one too few, and no object at all. */
function reasonOf({ kind, type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (kind !== "schema" || !type.endsWith("object")) return message;
  if (expected === "never") return "is unknown here";
  return received === "undefined" && expected !== "Object" ? "is missing" : message;
}
