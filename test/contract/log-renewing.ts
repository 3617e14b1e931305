/** A new epoch, with the events or without. */
import { describe, expect, it } from "vitest";
import { event, fill, keyed, type LogStore, seqOf, textsOf } from "./event-log.ts";

class Stop extends Error {}

/** One epoch after the other. */
function epochs(): () => string {
  let count = 0;
  return () => `ep0ch${++count}`;
}

export function renewing({ run, durable }: LogStore): void {
  describe("a new epoch", () => {
    it("HTTP-14 without the events begins an empty log at seq 1, which knows no key", () =>
      run((open) => {
        const log = open({ newEpoch: epochs() });
        log.append(keyed('["a"]', "k"), 1);
        fill(log, ['["b"]', '["c"]']);
        log.trim(1, 2);
        log.measure();
        log.renew(false);
        expect([log.epoch, log.first, log.head, log.unmeasured]).toEqual(["ep0ch2", 1, 0, 0]);
        expect([textsOf(log), log.measure(), log.oldest(9)]).toEqual([[], 0, []]);
        expect(seqOf(log.append(keyed('["other"]', "k"), 3))).toBe(1);
        expect(log.append(keyed('["other"]', "k"), 3)).toEqual({ kind: "duplicate", seq: 1 });
      }));

    it("HTTP-14 forgets what it forgot: a key of an older time is no longer refused", () =>
      run((open) => {
        const made = Date.UTC(2026, 0, 1);
        const hex = made.toString(16).padStart(12, "0");
        const uuid = `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
        const log = open({ newEpoch: epochs() });
        log.append(keyed('["a"]', uuid), made);
        const later = made + 48 * 60 * 60 * 1_000;
        log.trim(1, later);
        expect(log.append(keyed('["a"]', uuid), later)).toEqual({ kind: "key_expired" });
        log.renew(false);
        expect(seqOf(log.append(keyed('["a"]', uuid), later))).toBe(1);
      }));

    it("HTTP-15 with the events keeps them, their seqs and their keys", () =>
      run((open) => {
        const log = open({ newEpoch: epochs() });
        log.append(keyed('["a"]', "k"), 1);
        fill(log, ['["b"]', '["c"]']);
        log.trim(1, 2);
        log.renew(true);
        expect([log.epoch, log.first, log.head]).toEqual(["ep0ch2", 2, 3]);
        expect(textsOf(log)).toEqual(['["b"]', '["c"]']);
        expect(log.append(keyed('["a"]', "k"), 3)).toEqual({ kind: "duplicate", seq: 1 });
        expect(fill(log, ['["d"]'])).toEqual([4]);
      }));

    it.each([true, false])("that is undone never was (events kept: %s)", (keep) =>
      run((open) => {
        const log = open({ newEpoch: epochs() });
        log.append(keyed('["a"]', "k"), 1);
        const failing = () =>
          log.transaction(() => {
            log.renew(keep);
            log.append(event('["b"]'), 2);
            throw new Stop();
          });
        expect(failing).toThrow(Stop);
        expect([log.epoch, log.head, textsOf(log)]).toEqual(["ep0ch1", 1, ['["a"]']]);
        expect(log.append(keyed('["a"]', "k"), 3)).toEqual({ kind: "duplicate", seq: 1 });
      }),
    );

    if (!durable) return;
    it("LIFE-2 is there for who opens the log next", () =>
      run((open) => {
        const newEpoch = epochs();
        const log = open({ newEpoch });
        log.append(keyed('["a"]', "k"), 1);
        log.renew(false);
        fill(log, ['["b"]']);
        const again = open({ newEpoch });
        expect([again.epoch, again.first, again.head]).toEqual(["ep0ch2", 1, 1]);
        expect(textsOf(again)).toEqual(['["b"]']);
        expect(seqOf(again.append(keyed('["a"]', "k"), 3))).toBe(2);
      }));
  });
}
