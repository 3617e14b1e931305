/** What `GET /rooms/{room}/events` takes, checked. */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import type { HistoryRequest } from "../room/history.ts";

/** Events in a page: what one gets without asking, and at most. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

const Query = v.strictObject({
  after: v.optional(v.string()),
  before: v.optional(v.string()),
  order: v.optional(v.picklist(["asc", "desc"]), "asc"),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+(e\d)?$/, "has to be a number from 1"),
      v.transform(Number),
      v.minValue(1, "has to be a number from 1"),
      v.transform((limit) => Math.min(limit, MAX_LIMIT)),
    ),
    String(DEFAULT_LIMIT),
  ),
  event: v.optional(v.string()),
  namespace: v.optional(v.string()),
});

/** @throws RelayError `invalid_query` that names the parameter */
export function readHistoryQuery(query: URLSearchParams): Omit<HistoryRequest, "claims"> {
  const result = v.safeParse(Query, Object.fromEntries(query));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RelayError("invalid_query", `${v.getDotPath(issue)}: ${issue.message}`);
}
