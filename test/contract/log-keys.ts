/** Idempotency keys: what is recognised, for whom, and how long. */
import { describe, expect, it } from "vitest";
import { keyed, type LogStore, seqOf, seqsOf, textsOf } from "./event-log.ts";

export function keys({ run }: LogStore): void {
  describe("keys", () => {
    it("EMIT-2 a known key appends nothing and gives the first one's seq", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', "k1"), 1);
        log.append(keyed('["b"]', "k2"), 1);
        expect(log.append(keyed('["a"]', "k1"), 2)).toEqual({ kind: "duplicate", seq: 1 });
        expect(log.append(keyed('["b"]', "k2"), 2)).toEqual({ kind: "duplicate", seq: 2 });
        expect(log.head).toBe(2);
        expect(textsOf(log)).toEqual(['["a"]', '["b"]']);
      }));

    it("EMIT-2 a key with other content is refused, and the stored event stays", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a",1]', "k"), 1);
        expect(log.append(keyed('["a",2]', "k"), 2)).toEqual({ kind: "key_reused" });
        const elsewhere = { ...keyed('["a",1]', "k"), namespace: "/orders" };
        expect(log.append(elsewhere, 2)).toEqual({ kind: "key_reused" });
        expect(log.head).toBe(1);
        expect(textsOf(log)).toEqual(['["a",1]']);
        expect(log.append(keyed('["a",1]', "k"), 3)).toEqual({ kind: "duplicate", seq: 1 });
      }));

    it("EMIT-2 the same content written otherwise is the same", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a",{"x":1},"ä"]', "k"), 1);
        const retry = keyed('[ "a", {"x" : 1.0},\n"\\u00e4" ]', "k");
        expect(log.append(retry, 2)).toEqual({ kind: "duplicate", seq: 1 });
      }));

    it("EMIT-3 the same key of two identities is two keys", () =>
      run((open) => {
        const log = open();
        const by = (identity: string) => keyed('["a"]', "k", { identity });
        expect(seqOf(log.append(by("ann"), 1))).toBe(1);
        expect(seqOf(log.append(by("bob"), 1))).toBe(2);
        expect(log.append(by("ann"), 1)).toEqual({ kind: "duplicate", seq: 1 });
        expect(log.append(by("bob"), 1)).toEqual({ kind: "duplicate", seq: 2 });
        expect(seqOf(log.append(keyed('["a"]', "kann", { identity: "" }), 1))).toBe(3);
      }));

    it("events without a key never meet", () =>
      run((open) => {
        const log = open();
        const event = { ...keyed('["a"]', "k"), publication: null };
        expect([1, 1, 1].map((time) => seqOf(log.append(event, time)))).toEqual([1, 2, 3]);
      }));

    it("EMIT-4 the newest keys up to the capacity are known, however many events are between", () =>
      run((open) => {
        const log = open({ keyCapacity: 3 });
        for (const n of [1, 2, 3, 4]) {
          log.append(keyed(`["a",${n}]`, `k${n}`), 1);
          log.append({ ...keyed('["other"]', ""), publication: null }, 1);
        }
        for (const n of [2, 3, 4]) {
          const retry = log.append(keyed(`["a",${n}]`, `k${n}`), 2);
          expect(retry).toEqual({ kind: "duplicate", seq: 2 * n - 1 });
        }
        expect(seqOf(log.append(keyed('["a",1]', "k1"), 2))).toBe(9);
      }));

    it("EMIT-4 with `after` a key is known however old it is", () =>
      run((open) => {
        const log = open({ keyCapacity: 2 });
        for (const n of [1, 2, 3, 4, 5, 6]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        const retry = (n: number, after: number) =>
          log.append(keyed(`["a",${n}]`, `k${n}`, { after }), 2);
        expect(retry(1, 0)).toEqual({ kind: "duplicate", seq: 1 });
        expect(retry(3, 2)).toEqual({ kind: "duplicate", seq: 3 });
        expect(retry(4, 0)).toEqual({ kind: "duplicate", seq: 4 });
        expect(retry(6, 0)).toEqual({ kind: "duplicate", seq: 6 });
        expect(log.append(keyed('["b"]', "k3", { after: 0 }), 2).kind).toBe("key_reused");
        const bob = keyed('["a",1]', "k1", { after: 0, identity: "bob" });
        expect(seqOf(log.append(bob, 2))).toBe(7);
      }));

    it("EMIT-4 `after` never narrows the window", () =>
      run((open) => {
        const log = open({ keyCapacity: 10 });
        for (const n of [1, 2, 3]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        const retry = log.append(keyed('["a",1]', "k1", { after: 3 }), 2);
        expect(retry).toEqual({ kind: "duplicate", seq: 1 });
      }));

    it("keys of what is left are known after trimming", () =>
      run((open) => {
        const log = open();
        for (const n of [1, 2, 3]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        log.trim(2);
        expect(log.append(keyed('["a",3]', "k3"), 2)).toEqual({ kind: "duplicate", seq: 3 });
        expect(seqsOf(log)).toEqual([3]);
      }));
  });
}
