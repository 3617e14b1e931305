import { describe, expect, it } from "vitest";
import { ROW_BYTES } from "../../src/log/event-log.ts";
import { type Retention, retain } from "../../src/log/retention.ts";
import { event, keyed } from "../contract/event-log.ts";
import { LOGS } from "../support/room-harness.ts";

const ALL: Retention = { age: 1e12, events: 1e9, bytes: 1e12 };
const HOUR = 60 * 60 * 1_000;

describe.each(LOGS)("KEEP-1 what %s keeps", (_, makeLog) => {
  /** A log with an event at each of these times. */
  const logged = (...times: number[]) => {
    const log = makeLog();
    for (const time of times) log.append(event('["e"]'), time);
    return log;
  };

  it("is everything, as long as no limit is reached", () => {
    const log = logged(10, 20, 30);
    expect(retain(log, ALL, 40)).toEqual({ more: false, oldest: 10 });
    expect([log.first, log.head]).toEqual([1, 3]);
  });

  it("is the newest so many", () => {
    const log = logged(10, 20, 30, 40);
    expect(retain(log, { ...ALL, events: 2 }, 50)).toEqual({ more: false, oldest: 30 });
    expect([log.first, log.head]).toEqual([3, 4]);
    retain(log, { ...ALL, events: 2 }, 50);
    expect(log.first).toBe(3);
  });

  it("is what is younger than the age, to the millisecond", () => {
    const log = logged(10, 20, 30);
    retain(log, { ...ALL, age: 100 }, 119);
    expect(log.first).toBe(2);
    expect(retain(log, { ...ALL, age: 100 }, 120)).toEqual({ more: false, oldest: 30 });
    expect(log.first).toBe(3);
  });

  it("is the newest that have so many bytes, attachments and rows included", () => {
    const log = makeLog();
    const sizes = [5, 1_000, 50].map((size) => ROW_BYTES + 5 + size);
    for (const size of [5, 1_000, 50]) {
      log.append(event('["ä"]', { attachments: [new Uint8Array(size - 5)] }), 1);
    }
    // Each attachment has 4 bytes of length, and "ä" two bytes.
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(log.measure()).toBe(total);
    retain(log, { ...ALL, bytes: total }, 2);
    expect(log.first).toBe(1);
    retain(log, { ...ALL, bytes: total - 1 }, 2);
    expect([log.first, log.measure()]).toEqual([2, total - (sizes[0] ?? 0)]);
    retain(log, { ...ALL, bytes: 500 }, 2);
    expect([log.first, log.measure()]).toEqual([3, sizes[2]]);
  });

  it("only a prefix goes: a young event behind an old one stays, an old one behind a young one too", () => {
    const log = logged(10, 90, 20, 100);
    retain(log, { ...ALL, age: 50 }, 100);
    expect([log.first, log.head]).toEqual([2, 4]);
  });

  it("may be nothing; the head stays", () => {
    const log = logged(10, 20);
    expect(retain(log, { ...ALL, age: 1 }, 1_000)).toEqual({ more: false, oldest: undefined });
    expect([log.first, log.head, log.measure()]).toEqual([3, 2, 0]);
    expect(log.append(event('["next"]'), 1_001)).toMatchObject({ event: { seq: 3 } });
    expect(retain(makeLog(), ALL, 1)).toEqual({ more: false, oldest: undefined });
  });

  it("much goes in several passes, and nothing but what is over", () => {
    const log = makeLog();
    log.transaction(() => {
      for (let n = 0; n < 2_500; n++) log.append(event('["e"]'), n);
    });
    const limits = { ...ALL, events: 10 };
    const firsts: number[] = [];
    for (let more = true; more; ) {
      ({ more } = retain(log, limits, 5_000));
      firsts.push(log.first);
    }
    expect(firsts).toEqual([1_001, 2_001, 2_491]);
  });

  it("EMIT-4 keys outlive their events by a day", () => {
    const log = makeLog();
    log.append(keyed('["a"]', "k"), 1_000);
    log.append(event('["b"]'), 2_000);
    retain(log, { ...ALL, events: 1 }, 3_000);
    expect(log.first).toBe(2);
    expect(log.append(keyed('["a"]', "k"), 24 * HOUR)).toEqual({ kind: "duplicate", seq: 1 });
    expect(log.head).toBe(2);
  });
});
