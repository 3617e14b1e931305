/** Bodies of JSON. */
import { RelayError } from "../errors.ts";
import { isExact, parseExact } from "../protocol/exact-json.ts";
import { isTooDeep, MAX_DEPTH } from "../protocol/json-text.ts";
import { readText } from "./body.ts";

export const JSON_TYPE = "application/json";

/** The body's media type, in lower case and without parameters. */
export function mediaTypeOf(request: Request): string | undefined {
  return request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
}

/**
 * The text of a body of JSON.
 * @throws RelayError `unsupported_media_type`, `too_large` or `invalid_body`
 */
export async function readJson(request: Request, maxBytes: number): Promise<string> {
  if (mediaTypeOf(request) !== JSON_TYPE) {
    throw new RelayError("unsupported_media_type", `send content-type: ${JSON_TYPE}`);
  }
  return await readText(request, maxBytes);
}

/** @throws RelayError `invalid_body` */
export function parseJson(text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RelayError("invalid_body", "the body is not JSON");
  }
  if (!isTooDeep(text)) return body;
  throw new RelayError("invalid_body", `the body is nested deeper than ${MAX_DEPTH}`);
}

/**
 * As `parseJson`, for what is logged: numbers that JavaScript can't hold stay as they stand.
 * @throws RelayError `invalid_body`
 */
export function parseExactJson(text: string): unknown {
  const body = parseJson(text);
  return isExact(text) ? body : parseExact(text);
}
