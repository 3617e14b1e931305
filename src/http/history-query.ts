/** What `GET /rooms/{room}/events` takes in its query, checked. */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { parseOffset } from "../log/offset.ts";
import type { HistoryRequest } from "../room/history.ts";
import type { StreamRequest } from "../room/streams.ts";
import { NamespaceParameter, readQuery } from "./query.ts";

/** Events in a page where nothing is asked. */
const DEFAULT_LIMIT = 100;

/** A request waits so many seconds at most. */
const MAX_WAIT = 60;

const OffsetParameter = v.optional(
  v.pipe(
    v.string(),
    v.check((offset: string) => parseOffset(offset) !== undefined, "is not an offset"),
  ),
);

const Filter = { event: v.optional(v.string()), namespace: NamespaceParameter };

export const HistoryQuery = v.strictObject({
  after: OffsetParameter,
  before: OffsetParameter,
  order: v.optional(v.picklist(["asc", "desc"], "has to be asc or desc"), "asc"),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+(e\d)?$/, "has to be a number from 1"),
      v.transform(Number),
      v.minValue(1, "has to be a number from 1"),
    ),
    String(DEFAULT_LIMIT),
  ),
  wait: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,2}$/, `has to be seconds, 0 to ${MAX_WAIT}`),
      v.transform(Number),
      v.maxValue(MAX_WAIT, `has to be seconds, 0 to ${MAX_WAIT}`),
      v.transform((seconds) => seconds * 1_000),
    ),
  ),
  ...Filter,
});

/** What `after` is worth the room says: an event stream tells of a gap, also of one that is no offset. */
export const StreamQuery = v.strictObject({ after: v.optional(v.string()), ...Filter });

/**
 * @param maxPage events in a page at most, however many are asked for
 * @throws RelayError `invalid_query` that names the parameter
 */
export function readHistoryQuery(
  query: URLSearchParams,
  maxPage: number,
): Omit<HistoryRequest, "claims"> {
  const request = readQuery(HistoryQuery, query);
  if (request.wait !== undefined && (request.order === "desc" || request.before !== undefined)) {
    throw new RelayError("invalid_query", "wait: only what comes after can be waited for");
  }
  return { ...request, limit: Math.min(request.limit, maxPage) };
}

/** @throws RelayError `invalid_query` that names the parameter */
export function readStreamQuery(query: URLSearchParams): Omit<StreamRequest, "claims" | "form"> {
  return readQuery(StreamQuery, query);
}
