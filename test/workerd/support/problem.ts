/** Answers that refuse. */
import { expect } from "vitest";
import type { ErrorCode } from "../../../src/errors.ts";

export type Problem = Readonly<Record<string, unknown>> & { readonly detail: string };

/** Is it the whole problem document (RFC 9457), with this status and code? */
export async function expectProblem(
  response: Response,
  status: number,
  code: ErrorCode,
): Promise<Problem> {
  const body = await response.json<Problem>();
  expect({ status: response.status, ...body }).toMatchObject({
    type: `urn:roomlog:error:${code}`,
    title: expect.stringMatching(/./),
    status,
    code,
    detail: expect.stringMatching(/./),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return body;
}

/** Is it Engine.IO's error, with exactly the reference server's body? */
export async function expectEngineError(
  response: Response,
  code: number,
  message: string,
): Promise<void> {
  expect([response.status, await response.text()]).toEqual([
    code === 4 ? 403 : 400,
    JSON.stringify({ code, message }),
  ]);
  expect(response.headers.get("content-type")).toContain("application/json");
}
