/** When is a request tried again, and after how long? */
import { describe, expect, it } from "vitest";
import { RelayRequestError, readRetryAfter } from "../../src/server/request-error.ts";
import { backoff, pauseAfter, withRetries } from "../../src/server/retry.ts";

const failure = (status: number, code = "x", retryAfter?: number) =>
  new RelayRequestError({ status, code, detail: "why", retryAfter });

describe("what may pass", () => {
  it.each([
    [0, "unreachable"],
    [408, "x"],
    [429, "rate_limited"],
    [500, "internal"],
    [502, "unexpected_answer"],
    [503, "unavailable"],
    [522, "unexpected_answer"],
  ])("is tried again: %s %s", (status, code) => {
    expect(pauseAfter(failure(status, code), 0)).toBeGreaterThan(0);
  });

  it.each([
    [302, "unexpected_answer"],
    [400, "invalid_event"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not_found"],
    [410, "gap"],
    [412, "head_moved"],
    [422, "key_reused"],
    [500, "misconfigured"],
    [507, "storage_full"],
  ])("is not: %s %s", (status, code) => {
    expect(pauseAfter(failure(status, code), 0)).toBeUndefined();
  });

  it("is not: an error of the program", () => {
    expect(pauseAfter(new TypeError("oops"), 0)).toBeUndefined();
  });
});

describe("the pause", () => {
  it("doubles up to ten seconds, and half of it is chance", () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 50].map((failures) => backoff(failures, () => 1));
    expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(backoff(2, () => 0)).toBe(500);
    expect(backoff(2, () => 0.5)).toBe(750);
  });

  it("is at least what the relay asks for", () => {
    expect(pauseAfter(failure(429, "x", 3_000), 0, () => 0)).toBe(3_125);
  });

  it("is none where the relay asks for more than a minute", () => {
    expect(pauseAfter(failure(429, "x", 60_000), 0)).toBeDefined();
    expect(pauseAfter(failure(429, "x", 60_001), 0)).toBeUndefined();
  });

  it("ends when the signal is aborted", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const onRetry = () => abort.abort(reason);
    const attempt = () => Promise.reject(failure(503, "x", 50_000));
    const trying = withRetries(attempt, { retries: 5, signal: abort.signal, onRetry });
    await expect(trying).rejects.toBe(reason);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-22T20:50:00Z");
  it.each([
    [null, undefined],
    ["0", 0],
    ["120", 120_000],
    ["Sun, 22 Nov 2026 20:51:30 GMT", 90_000],
    ["Sun, 22 Nov 2026 20:49:00 GMT", 0],
    ["soon", undefined],
    ["-1", undefined],
  ])("%s is %s", (header, milliseconds) => {
    expect(readRetryAfter(header, now)).toBe(milliseconds);
  });
});
