/** Keys that outlive their events, and keys that outlive nothing. */
import { describe, expect, it } from "vitest";
import { event, keyed, type LogStore } from "./event-log.ts";

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
/** 2026-01-01. */
const T0 = 1_767_225_600_000;

/** UUID version 7 of this time. */
function uuid(time: number): string {
  const hex = time.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
}

export function forgetting({ run, durable }: LogStore): void {
  describe("keys of trimmed events", () => {
    it("EMIT-4 are known for a day after their event, and forgotten then", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', "k"), T0);
        log.append(event('["b"]'), T0 + 1);
        log.trim(1, T0 + 2);
        expect(log.first).toBe(2);
        expect(log.append(keyed('["a"]', "k"), T0 + DAY)).toEqual({ kind: "duplicate", seq: 1 });
        log.trim(2, T0 + DAY);
        expect(log.append(keyed('["a"]', "k"), T0 + DAY)).toEqual({ kind: "duplicate", seq: 1 });
        log.append(event('["c"]'), T0 + DAY);
        log.trim(3, T0 + DAY + 1);
        expect(log.append(keyed('["a"]', "k"), T0 + DAY + 1)).toMatchObject({ event: { seq: 4 } });
      }));

    it("EMIT-2 EMIT-3 are compared by content, namespace and identity, as those of kept ones", () =>
      run((open) => {
        const log = open();
        const attachments = [new Uint8Array([1, 2])];
        log.append({ ...keyed('["a","ä"]', "k"), attachments }, T0);
        log.trim(1, T0);
        const again = { ...keyed('[ "a", "\\u00e4" ]', "k"), attachments };
        expect(log.append(again, T0 + 1)).toEqual({ kind: "duplicate", seq: 1 });
        const reused = { kind: "key_reused" };
        expect(log.append({ ...again, attachments: [new Uint8Array([1])] }, T0)).toEqual(reused);
        expect(log.append({ ...again, data: '["a","o"]' }, T0)).toEqual(reused);
        expect(log.append({ ...again, namespace: "/x" }, T0)).toEqual(reused);
        const other = keyed('["a"]', "k", { identity: "another" });
        expect(log.append(other, T0)).toMatchObject({ event: { seq: 2 } });
      }));

    it("EMIT-4 are trimmed many times over, each pass by itself", () =>
      run((open) => {
        const log = open();
        for (let n = 1; n <= 20; n++) {
          log.append(keyed(`["a",${n}]`, `k${n}`), T0 + n);
          log.trim(n - 1, T0 + n);
        }
        for (let n = 1; n <= 20; n++) {
          expect(log.find(keyed(`["a",${n}]`, `k${n}`))).toEqual({ kind: "duplicate", seq: n });
        }
      }));

    it("a trim that is undone forgets nothing", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', "k"), T0);
        const undone = () =>
          log.transaction(() => {
            log.trim(1, T0 + 2 * DAY);
            throw new Error("undone");
          });
        expect(undone).toThrow("undone");
        expect(log.append(keyed('["a"]', "k"), T0)).toEqual({ kind: "duplicate", seq: 1 });
        expect(log.first).toBe(1);
      }));

    if (durable) {
      it("LIFE-2 EMIT-4 are known to who opens the log next", () =>
        run((open) => {
          const log = open();
          for (const n of [1, 2, 3]) log.append(keyed(`["a",${n}]`, `k${n}`), T0);
          log.trim(2, T0);
          const next = open();
          expect(next.append(keyed('["a",1]', "k1"), T0)).toEqual({ kind: "duplicate", seq: 1 });
          expect(next.append(keyed('["x"]', "k2"), T0)).toEqual({ kind: "key_reused" });
          expect(next.append(keyed('["a",3]', "k3"), T0)).toEqual({ kind: "duplicate", seq: 3 });
        }));
    }
  });

  describe("keys that tell when they were made", () => {
    it("EMIT-4 are looked for in all of the log, however many came since", () =>
      run((open) => {
        const log = open({ keyCapacity: 2 });
        log.append(keyed('["a"]', uuid(T0)), T0);
        for (const n of [1, 2, 3]) log.append(keyed(`["b",${n}]`, `k${n}`), T0 + n * HOUR);
        expect(log.append(keyed('["a"]', uuid(T0)), T0 + DAY)).toEqual({
          kind: "duplicate",
          seq: 1,
        });
        expect(log.append(keyed('["b",1]', "k1"), T0 + DAY)).toMatchObject({ kind: "appended" });
      }));

    it("EMIT-4 are refused if they were made when keys were logged that are forgotten now", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', uuid(T0)), T0);
        log.append(keyed('["b"]', uuid(T0 + HOUR)), T0 + HOUR);
        log.append(event('["c"]'), T0 + 2 * HOUR);
        log.trim(2, T0 + 2 * DAY);
        const now = T0 + 2 * DAY;
        const expired = { kind: "key_expired" };
        expect(log.append(keyed('["a"]', uuid(T0)), now)).toEqual(expired);
        expect(log.append(keyed('["b"]', uuid(T0 + HOUR)), now)).toEqual(expired);
        expect(log.append(keyed('["d"]', uuid(T0 - 9 * DAY)), now)).toEqual(expired);
        // Where its maker had seen what is kept, it can't be one of them.
        const seen = keyed('["d"]', uuid(T0), { after: 2 });
        expect(log.append(seen, now)).toMatchObject({ event: { seq: 4 } });
        const later = keyed('["e"]', uuid(T0 + HOUR + 1));
        expect(log.append(later, now)).toMatchObject({ event: { seq: 5 } });
      }));

    it("EMIT-4 are taken at any age where nothing is forgotten", () =>
      run((open) => {
        const log = open();
        log.append(event('["a"]'), T0);
        log.append(event('["b"]'), T0);
        log.trim(1, T0 + 9 * DAY);
        const old = keyed('["c"]', uuid(T0 - 99 * DAY));
        expect(log.append(old, T0 + 9 * DAY)).toMatchObject({ event: { seq: 3 } });
      }));
  });
}
