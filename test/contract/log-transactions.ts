/** All or nothing. */
import { describe, expect, it } from "vitest";
import type { EventLog } from "../../src/log/event-log.ts";
import { event, fill, keyed, type LogStore, seqOf, seqsOf, textsOf } from "./event-log.ts";

class Stop extends Error {}

/** Runs `turn` in a transaction that fails at its end. */
function rolledBack(log: EventLog, turn: () => void): void {
  const failing = () =>
    log.transaction(() => {
      turn();
      throw new Stop();
    });
  expect(failing).toThrow(Stop);
}

export function transactions({ run }: LogStore): void {
  describe("transactions", () => {
    it("give what their turn gives", () =>
      run((open) => {
        const log = open();
        expect(log.transaction(() => fill(log, ['["a"]', '["b"]']))).toEqual([1, 2]);
        expect([log.head, textsOf(log)]).toEqual([2, ['["a"]', '["b"]']]);
      }));

    it("that fail leave head and rows as they were", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]']);
        rolledBack(log, () => fill(log, ['["b"]', '["c"]']));
        expect([log.head, log.first, textsOf(log)]).toEqual([1, 1, ['["a"]']]);
        expect(fill(log, ['["d"]'])).toEqual([2]);
        expect(textsOf(log)).toEqual(['["a"]', '["d"]']);
      }));

    it("that fail know no key of theirs, and every key from before", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', "before"), 1);
        rolledBack(log, () => log.append(keyed('["b"]', "within"), 1));
        expect(seqOf(log.append(keyed('["other"]', "within"), 2))).toBe(2);
        expect(log.append(keyed('["a"]', "before"), 2)).toEqual({ kind: "duplicate", seq: 1 });
      }));

    it("that fail have pushed no key out of those that are known", () =>
      run((open) => {
        const log = open({ keyCapacity: 2 });
        for (const n of [1, 2]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        rolledBack(log, () => {
          for (const n of [3, 4]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        });
        const retry = (n: number) => log.append(keyed(`["a",${n}]`, `k${n}`), 2);
        expect([1, 2].map(retry)).toEqual([1, 2].map((seq) => ({ kind: "duplicate", seq })));
        expect(seqOf(retry(3))).toBe(3);
        expect(seqOf(retry(1))).toBe(4);
      }));

    it("that fail have trimmed nothing", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        rolledBack(log, () => log.trim(1, 10));
        expect([log.first, seqsOf(log)]).toEqual([1, [1, 2]]);
      }));

    it("inside another undo only their own", () =>
      run((open) => {
        const log = open();
        log.transaction(() => {
          log.append(keyed('["a"]', "outer"), 1);
          rolledBack(log, () => log.append(keyed('["b"]', "inner"), 1));
          expect(log.head).toBe(1);
          expect(log.append(keyed('["a"]', "outer"), 1)).toEqual({ kind: "duplicate", seq: 1 });
          expect(seqOf(log.append(keyed('["c"]', "inner"), 1))).toBe(2);
        });
        expect(textsOf(log)).toEqual(['["a"]', '["c"]']);
        expect(log.append(keyed('["c"]', "inner"), 2)).toEqual({ kind: "duplicate", seq: 2 });
      }));

    it("are undone with the one around them", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]']);
        rolledBack(log, () => {
          log.transaction(() => log.append(keyed('["b"]', "k"), 1));
          log.append(event('["c"]'), 1);
        });
        expect([log.head, textsOf(log)]).toEqual([1, ['["a"]']]);
        expect(seqOf(log.append(keyed('["d"]', "k"), 2))).toBe(2);
      }));
  });
}
