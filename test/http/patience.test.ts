/** An import that is too fast waits, on a clock that the test moves. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RelayError } from "../../src/errors.ts";
import { importLines } from "../../src/http/import.ts";
import { patiently } from "../../src/http/patience.ts";
import { Bucket, type Rate } from "../../src/limits/rate.ts";
import type { PublishRequest } from "../../src/room/publish.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A room that takes so many a second, of a token that lasts so many milliseconds. */
function room(rate: Rate, life = Number.POSITIVE_INFINITY) {
  const bucket = new Bucket(rate);
  const expiresAt = Date.now() + life;
  const logged: (string | null)[] = [];
  const publish = async ({ events }: Omit<PublishRequest, "claims">) => {
    if (Date.now() >= expiresAt) throw new RelayError("token_expired", "the token has expired");
    const wait = bucket.take(Date.now(), events.length);
    if (wait > 0) {
      const retryAfter = Math.ceil(wait / 1_000);
      throw new RelayError("rate_limited", "publish more slowly", { retryAfter });
    }
    for (const { idempotencyKey } of events) logged.push(idempotencyKey);
    const published = events.map(() => ({ offset: "abcd-1", duplicate: false }));
    return { kind: "published" as const, events: published, head: `abcd-${logged.length}` };
  };
  return { logged, publish: patiently(publish) };
}

const keys = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

const bodyOf = (count: number) => {
  const lines = keys(count).map((idempotencyKey) => JSON.stringify({ event: "e", idempotencyKey }));
  return new Request("http://relay.example/", { method: "POST", body: lines.join("\n") });
};

/** What comes of it, and after how many milliseconds. */
async function outcome<T>(work: Promise<T>) {
  const from = Date.now();
  const done = work.then(
    (answer) => ({ answer, after: Date.now() - from }),
    ({ code, extra }: RelayError) => ({ code, extra, after: Date.now() - from }),
  );
  await vi.runAllTimersAsync();
  return done;
}

it("HTTP-12 EMIT-9 an import of more than may come at once waits, and comes to its end", async () => {
  const { logged, publish } = room({ perSecond: 20, burst: 100 });
  expect(await outcome(importLines(bodyOf(1_200), publish))).toEqual({
    answer: { imported: 1_200, duplicates: 0, head: "abcd-1200" },
    // Two batches of 500 are made up for.
    after: 50_000,
  });
  expect(logged).toEqual(keys(1_200));
});

it("HTTP-12 EMIT-9 who would wait more than a minute is told from which line to go on", async () => {
  const { logged, publish } = room({ perSecond: 2, burst: 20 });
  const refused = await outcome(importLines(bodyOf(600), publish));
  expect(refused).toEqual({
    code: "rate_limited",
    extra: { retryAfter: 250, line: 501, imported: 500, duplicates: 0 },
    after: 0,
  });
  expect(logged).toEqual(keys(500));
});

it("HTTP-12 AUTH-4 an import waits no longer than its token lasts", async () => {
  const { publish } = room({ perSecond: 20, burst: 100 }, 40_000);
  expect(await outcome(importLines(bodyOf(1_200), publish))).toEqual({
    code: "token_expired",
    extra: { line: 1_001, imported: 1_000, duplicates: 0 },
    after: 50_000,
  });
});

it("HTTP-12 what is refused for good is not waited for", async () => {
  const publish = patiently(async () => {
    throw new RelayError("storage_full", "new events are refused");
  });
  expect(await outcome(importLines(bodyOf(1), publish))).toMatchObject({
    ...{ code: "storage_full", after: 0 },
  });
});
