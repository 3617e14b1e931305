/** What the requests about a room's sockets take, checked. */
import * as v from "valibot";
import { MOST_ROOMS } from "../limits/limits.ts";
import type { MoveRequest, SocketsRequest, Whom } from "../room/sockets.ts";
import { check } from "./check.ts";
import { parseJson } from "./json-body.ts";
import { NamespaceParameter, NoQuery, readQuery } from "./query.ts";

/** Sockets in a page where nothing is asked, if so many are allowed. */
const DEFAULT_LIMIT = 1_000;

export const SocketsQuery = v.strictObject({
  after: v.optional(v.string()),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,8}$/, "has to be a number from 1"), v.transform(Number)),
    String(DEFAULT_LIMIT),
  ),
  namespace: NamespaceParameter,
  identity: v.optional(v.string()),
});

export const WhomQuery = v.strictObject({
  identity: v.pipe(v.string(), v.nonEmpty("may not be empty")),
});

const Names = v.optional(
  v.pipe(
    v.array(
      v.pipe(
        v.string("has to be a string"),
        v.nonEmpty("may not be empty"),
        v.maxLength(128, "may have 128 characters"),
      ),
      "has to be a list of rooms",
    ),
    v.maxLength(MOST_ROOMS, `may name at most ${MOST_ROOMS} rooms`),
  ),
  [],
);

export const MoveBody = v.strictObject(
  { join: Names, leave: Names },
  "has to be { join?, leave? }",
);

/**
 * @param maxPage sockets in a page at most, however many are asked for
 * @throws RelayError `invalid_query` that names the parameter
 */
export function readSocketsQuery(
  query: URLSearchParams,
  maxPage: number,
): Omit<SocketsRequest, "claims"> {
  const request = readQuery(SocketsQuery, query);
  return { ...request, limit: Math.min(request.limit, maxPage) };
}

/**
 * Whom a request is about: the id in its path, else `identity` in its query. Without either it would
 * be everybody, and nobody is to ask for that by mistake.
 * @throws RelayError `invalid_query`
 */
export function readWhom(id: string | undefined, query: URLSearchParams): Whom {
  if (id === undefined) return readQuery(WhomQuery, query);
  readQuery(NoQuery, query);
  return { id };
}

/** @throws RelayError `invalid_body` that names the member */
export function readMoveBody(text: string): Pick<MoveRequest, "join" | "leave"> {
  return check(MoveBody, parseJson(text), "invalid_body");
}
