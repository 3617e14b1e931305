/** The query of a request, checked. */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { isNamespace } from "../protocol/names.ts";
import { check, NO_NAMESPACE } from "./check.ts";

/** For a client of Socket.IO that has a room's path, and not that of its sockets (ADDR-2). */
const WRONG_PATH =
  "EIO: is unknown here; a Socket.IO client needs the path /rooms/{room}/socket.io";

/** A namespace that is asked for. */
export const NamespaceParameter = v.optional(
  v.pipe(
    v.string(),
    v.check((name: string) => isNamespace(name), NO_NAMESPACE),
  ),
);

/** What a request takes that has no parameters. */
export const NoQuery = v.strictObject({});

/** @throws RelayError `invalid_query` that names the parameter: unknown, senseless, or there twice */
export function readQuery<S extends v.GenericSchema>(
  schema: S,
  query: URLSearchParams,
): v.InferOutput<S> {
  const names = [...query.keys()];
  if (names.includes("EIO")) throw new RelayError("invalid_query", WRONG_PATH);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RelayError("invalid_query", `${twice}: is there twice`);
  return check(schema, Object.fromEntries(query), "invalid_query");
}
