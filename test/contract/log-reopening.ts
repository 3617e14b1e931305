/** What a store that lasts keeps for who opens it next. */
import { describe, expect, it } from "vitest";
import { event, fill, keyed, type LogStore, seqOf, seqsOf, textsOf } from "./event-log.ts";

export function reopening({ run }: LogStore): void {
  describe("reopening", () => {
    it("two opens of an empty store make one epoch", () =>
      run((open) => {
        const first = open({ newEpoch: () => "one" });
        const second = open({ newEpoch: () => "two" });
        expect([first.epoch, second.epoch]).toEqual(["one", "one"]);
      }));

    it("keeps epoch, head, first and events", () =>
      run((open) => {
        const log = open({ newEpoch: () => "one" });
        fill(log, ['["a"]', '["b"]', '["c"]']);
        log.trim(1, 10);
        const again = open({ newEpoch: () => "two" });
        expect([again.epoch, again.head, again.first]).toEqual(["one", 3, 2]);
        expect(textsOf(again)).toEqual(['["b"]', '["c"]']);
        expect(fill(again, ['["d"]'])).toEqual([4]);
      }));

    it("KEEP-1 the head of an emptied log is not used again", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        log.trim(2, 10);
        const again = open();
        expect([again.head, again.first]).toEqual([2, 3]);
        expect(fill(again, ['["c"]'])).toEqual([3]);
        expect(seqsOf(open())).toEqual([3]);
      }));

    it("EMIT-4 keeps the keys", () =>
      run((open) => {
        const log = open();
        log.append(keyed('["a"]', "k1"), 1);
        log.append(keyed('["b"]', "k1", { identity: "bob" }), 1);
        const again = open();
        expect(again.append(keyed('["a"]', "k1"), 2)).toEqual({ kind: "duplicate", seq: 1 });
        const bob = keyed('["b"]', "k1", { identity: "bob" });
        expect(again.append(bob, 2)).toEqual({ kind: "duplicate", seq: 2 });
        expect(again.append(keyed('["c"]', "k1"), 2)).toEqual({ kind: "key_reused" });
        expect(again.head).toBe(2);
      }));

    it("EMIT-4 keeps the window's length, and `after` reaches behind it", () =>
      run((open) => {
        const log = open({ keyCapacity: 3 });
        for (const n of [1, 2, 3, 4, 5, 6]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        const again = open({ keyCapacity: 3 });
        const retry = (n: number, after: number | null) =>
          again.append(keyed(`["a",${n}]`, `k${n}`, { after }), 2);
        for (const n of [4, 5, 6]) expect(retry(n, null)).toEqual({ kind: "duplicate", seq: n });
        expect(retry(1, 0)).toEqual({ kind: "duplicate", seq: 1 });
        expect(retry(3, 2)).toEqual({ kind: "duplicate", seq: 3 });
        expect(seqOf(retry(1, null))).toBe(7);
      }));

    it("EMIT-4 of the keys kept the oldest goes first", () =>
      run((open) => {
        const log = open({ keyCapacity: 3 });
        for (const n of [1, 2, 3]) log.append(keyed(`["a",${n}]`, `k${n}`), 1);
        const again = open({ keyCapacity: 3 });
        const append = (n: number) => again.append(keyed(`["a",${n}]`, `k${n}`), 2);
        expect(seqOf(append(4))).toBe(4);
        for (const n of [2, 3, 4]) expect(append(n)).toEqual({ kind: "duplicate", seq: n });
        expect(seqOf(append(1))).toBe(5);
      }));

    it("SUB-10 ROOM-2 keeps attachments, audiences and senders", () =>
      run((open) => {
        const log = open();
        const more = {
          namespace: "/orders",
          sender: "s1",
          audience: { to: ["red"], except: ["s2"] },
          attachments: [new Uint8Array([0, 255]), new Uint8Array(), new Uint8Array([10])],
        };
        log.append(event('["a"]', more), 1);
        expect(open().read({ limit: 9 })).toEqual([{ seq: 1, time: 1, data: '["a"]', ...more }]);
      }));

    it("EMIT-2 keeps what decides whether a retry is the same: bytes, or a digest", () =>
      run((open) => {
        const log = open();
        const binary = (...bytes: number[]) => ({
          ...keyed('["a"]', "bytes"),
          attachments: [new Uint8Array(bytes)],
        });
        log.append(binary(1, 2), 1);
        log.append(keyed('["b"]', "digest", { digest: 2 ** 53 - 1 }), 1);
        const again = open();
        expect(again.append(binary(1, 2), 2)).toEqual({ kind: "duplicate", seq: 1 });
        expect(again.append(binary(1, 3), 2)).toEqual({ kind: "key_reused" });
        const retry = (digest: number) => again.append(keyed('["c"]', "digest", { digest }), 2);
        expect(retry(2 ** 53 - 1)).toEqual({ kind: "duplicate", seq: 2 });
        expect(retry(2 ** 53 - 2)).toEqual({ kind: "key_reused" });
      }));

    it("what was rolled back is not there", () =>
      run((open) => {
        const log = open();
        const failing = () =>
          log.transaction(() => {
            log.append(keyed('["a"]', "k"), 1);
            throw new Error("undone");
          });
        expect(failing).toThrow("undone");
        const again = open();
        expect([again.head, seqsOf(again)]).toEqual([0, []]);
        expect(seqOf(again.append(keyed('["b"]', "k"), 2))).toBe(1);
      }));
  });
}
