import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace } from "../../src/limits/pace.ts";
import { Bucket, Buckets } from "../../src/limits/rate.ts";

const NOW = 1_700_000_000_000;

/** How many of `tries` at one moment are let through. */
const passed = (take: () => number, tries: number) =>
  Array.from({ length: tries }, take).filter((wait) => wait === 0).length;

describe("a bucket", () => {
  it("gives its burst at once, then says when the next one is there", () => {
    const bucket = new Bucket({ perSecond: 10, burst: 5 });
    expect(passed(() => bucket.take(NOW), 20)).toBe(5);
    expect(bucket.take(NOW)).toBeCloseTo(100, 2);
    expect(bucket.take(NOW + 99)).toBeGreaterThan(0);
    expect(bucket.take(NOW + 101)).toBe(0);
    expect(bucket.take(NOW + 101)).toBeGreaterThan(0);
  });

  it("is full again after a rest, and no fuller", () => {
    const bucket = new Bucket({ perSecond: 10, burst: 5 });
    expect(passed(() => bucket.take(NOW), 5)).toBe(5);
    expect(passed(() => bucket.take(NOW + 3_600_000), 20)).toBe(5);
  });

  it("takes several or none", () => {
    const bucket = new Bucket({ perSecond: 10, burst: 5 });
    expect(bucket.take(NOW, 3)).toBe(0);
    expect(bucket.take(NOW, 3)).toBeCloseTo(100, 2);
    expect(bucket.take(NOW, 2)).toBe(0);
  });

  it("takes more than it can hold only when it is full, and then it is paid for", () => {
    const bucket = new Bucket({ perSecond: 10, burst: 5 });
    expect(bucket.take(NOW, 1)).toBe(0);
    expect(bucket.take(NOW, 1_000)).toBeCloseTo(100, 2);
    const taken = NOW + 101;
    expect(bucket.take(taken, 1_000)).toBe(0);
    expect(bucket.take(taken)).toBeCloseTo((1_000 - 5 + 1) * 100, 2);
    expect(bucket.take(taken, 1_000)).toBeCloseTo(1_000 * 100, 2);
    expect(bucket.take(taken + 99_500)).toBeGreaterThan(0);
    expect(bucket.take(taken + 99_601)).toBe(0);
  });

  it("asks nothing for nothing, however much is owed", () => {
    const bucket = new Bucket({ perSecond: 10, burst: 5 });
    expect(bucket.take(NOW, 1_000)).toBe(0);
    expect(bucket.take(NOW, 0)).toBe(0);
  });

  it("never lets more through than its burst and its rate, whenever it is asked", () => {
    const steps = fc.array(
      fc.record({ pause: fc.nat(500), count: fc.integer({ min: 1, max: 30 }) }),
    );
    fc.assert(
      fc.property(steps, (steps) => {
        const bucket = new Bucket({ perSecond: 20, burst: 10 });
        let now = NOW;
        let taken = 0;
        let largest = 10;
        for (const { pause, count } of steps) {
          now += pause;
          const wait = bucket.take(now, count);
          if (wait === 0) {
            taken += count;
            largest = Math.max(largest, count);
          }
          // What it says is true: it would have been enough then, and not before.
          else expect(bucket.wait(now + wait, count)).toBeLessThan(0.01);
          expect(taken).toBeLessThanOrEqual(largest + ((now - NOW) * 20) / 1_000 + 0.01);
        }
      }),
    );
  });
});

describe("buckets by name", () => {
  it("don't know of each other", () => {
    const buckets = new Buckets({ perSecond: 1, burst: 2 }, 10);
    expect(passed(() => buckets.of("a").take(NOW), 5)).toBe(2);
    expect(passed(() => buckets.of("b").take(NOW), 5)).toBe(2);
  });

  it("are so many: the oldest is forgotten", () => {
    const buckets = new Buckets({ perSecond: 1, burst: 1 }, 2);
    for (const name of ["a", "b", "c"]) expect(buckets.of(name).take(NOW)).toBe(0);
    expect(buckets.of("b").take(NOW)).toBeGreaterThan(0);
    expect(buckets.of("c").take(NOW)).toBeGreaterThan(0);
    expect(buckets.of("a").take(NOW)).toBe(0);
  });
});

describe("a room's pace", () => {
  const pace = () =>
    new Pace({
      emits: { perSecond: 1, burst: 3 },
      roomEmits: { perSecond: 1, burst: 5 },
    });

  it("EMIT-9 bounds each identity, and all together", () => {
    const both = pace();
    expect(passed(() => both.take("a", 1, NOW), 10)).toBe(3);
    expect(passed(() => both.take("b", 1, NOW), 10)).toBe(2);
    expect(passed(() => both.take("c", 1, NOW), 10)).toBe(0);
  });

  it("EMIT-9 takes nothing of the room for an identity that is too fast", () => {
    const both = pace();
    expect(passed(() => both.take("a", 1, NOW), 1_000)).toBe(3);
    expect(both.take("b", 2, NOW)).toBe(0);
  });

  it("EMIT-9 takes nothing of an identity while the room is too busy", () => {
    const both = new Pace({
      emits: { perSecond: 1, burst: 5 },
      roomEmits: { perSecond: 1_000, burst: 10 },
    });
    for (const other of ["a", "b"]) expect(both.take(other, 5, NOW)).toBe(0);
    expect(passed(() => both.take("c", 1, NOW), 10)).toBe(0);
    expect(both.take("c", 5, NOW + 11)).toBe(0);
  });

  it("EMIT-9 says when both have room", () => {
    const both = pace();
    both.take("a", 3, NOW);
    both.take("b", 2, NOW);
    expect(both.take("a", 3, NOW)).toBeCloseTo(3_000, 2);
    expect(both.take("c", 1, NOW)).toBeCloseTo(1_000, 2);
  });
});
