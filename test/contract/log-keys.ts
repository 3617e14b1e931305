/** Idempotency keys: what is recognised, for whom, and how long. */
import { describe, expect, it } from "vitest";
import { contentDigest } from "../../src/log/content.ts";
import type { NewEvent } from "../../src/log/event-log.ts";
import { keyed, type LogStore, seqOf, seqsOf, textsOf } from "./event-log.ts";

/** A keyed event with one attachment for each list of bytes. */
function binary(data: string, ...attachments: readonly number[][]): NewEvent {
  return { ...keyed(data, "k"), attachments: attachments.map((bytes) => new Uint8Array(bytes)) };
}

/** What a room's code logs as `data` where `sent` was sent. */
function instead(data: string, sent: NewEvent): NewEvent {
  return keyed(data, "k", { digest: contentDigest(sent) });
}

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

    it("EMIT-2 SUB-14 whom it is for is content", () =>
      run((open) => {
        const log = open();
        const to = (...names: string[]) => ({
          ...keyed('["a"]', "k"),
          audience: { to: names, except: [] },
        });
        log.append(to("red", "blue"), 1);
        expect(log.append(to("red", "blue"), 2)).toEqual({ kind: "duplicate", seq: 1 });
        expect(log.append(to("blue", "red"), 2)).toEqual({ kind: "duplicate", seq: 1 });
        const others = [to("red"), to("red", "green"), keyed('["a"]', "k")];
        for (const other of others) expect(log.append(other, 2)).toEqual({ kind: "key_reused" });
        log.trim(1, 3);
        expect(log.append(to("blue", "red"), 4)).toEqual({ kind: "duplicate", seq: 1 });
        for (const other of others) expect(log.append(other, 4)).toEqual({ kind: "key_reused" });
        expect(log.head).toBe(1);
      }));

    it("EMIT-2 SUB-10 bytes are content: others, more, fewer or elsewhere are not the same", () =>
      run((open) => {
        const log = open();
        const text = '["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';
        const first = binary(text, [0, 255, 7], []);
        expect(seqOf(log.append(first, 1))).toBe(1);
        for (const same of [first, { ...first, data: text.replaceAll(",", " , ") }]) {
          expect(log.append(same, 2)).toEqual({ kind: "duplicate", seq: 1 });
        }
        const others = [
          binary(text, [0, 255, 8], []),
          binary(text, [0, 255], []),
          binary(text, [0, 255, 7, 0], []),
          binary(text, [], [0, 255, 7]),
          binary(text, [0, 255], [7]),
          binary(text, [0, 255, 7]),
          binary(text, [0, 255, 7], [], []),
          binary(text),
        ];
        for (const other of others) expect(log.append(other, 2)).toEqual({ kind: "key_reused" });
        expect(log.head).toBe(1);
      }));

    it("EMIT-2 ROOM-2 where something else was logged, what was sent decides", () =>
      run((open) => {
        const log = open();
        const sent = binary('["a",1,{"_placeholder":true,"num":0}]', [1, 2]);
        expect(seqOf(log.append(instead('["said","x"]', sent), 1))).toBe(1);
        const spaced = { ...sent, data: ' [ "a", 1.0, {"_placeholder":true,"num":0}]' };
        // A retry that comes as it was sent, and ones that the code has changed in its turn.
        for (const same of [sent, spaced, instead('["said","x"]', sent), instead("[5]", spaced)]) {
          expect(log.append(same, 2)).toEqual({ kind: "duplicate", seq: 1 });
        }
        const other = { ...sent, attachments: [new Uint8Array([1, 3])] };
        for (const reused of [other, instead('["said","x"]', other), keyed('["said","x"]', "k")]) {
          expect(log.append(reused, 2)).toEqual({ kind: "key_reused" });
        }
        expect(textsOf(log)).toEqual(['["said","x"]']);
      }));

    it("EMIT-2 ROOM-2 a retry is the same too if only it is changed by the room's code", () =>
      run((open) => {
        const log = open();
        const sent = keyed('["a",{"x":1}]', "k");
        expect(seqOf(log.append(sent, 1))).toBe(1);
        expect(log.append(instead('["said"]', sent), 2)).toEqual({ kind: "duplicate", seq: 1 });
        const other = keyed('["a",{"x":2}]', "k");
        expect(log.append(instead('["a",{"x":1}]', other), 2)).toEqual({ kind: "key_reused" });
      }));

    it("EMIT-2 a digest is kept whole, however large", () =>
      run((open) => {
        const log = open();
        const digests = [0, 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53 - 2];
        const withDigest = (digest: number, n: number) => keyed('["a"]', `k${n}`, { digest });
        for (const [n, digest] of digests.entries()) log.append(withDigest(digest, n), 1);
        for (const [n, digest] of digests.entries()) {
          expect(log.append(withDigest(digest, n), 2)).toEqual({ kind: "duplicate", seq: n + 1 });
          const close = digest === 0 ? 1 : digest - 1;
          expect(log.append(withDigest(close, n), 2)).toEqual({ kind: "key_reused" });
        }
      }));

    it("EMIT-2 find says what append would, and appends nothing", () =>
      run((open) => {
        const log = open();
        const event = binary('["a",{"_placeholder":true,"num":0}]', [1]);
        expect(log.find(event)).toBeUndefined();
        log.append(event, 1);
        expect(log.find(event)).toEqual({ kind: "duplicate", seq: 1 });
        expect(log.find(binary(event.data, [2]))).toEqual({ kind: "key_reused" });
        expect(log.find({ ...event, publication: null })).toBeUndefined();
        expect(log.head).toBe(1);
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
        log.trim(2, 10);
        expect(log.append(keyed('["a",3]', "k3"), 2)).toEqual({ kind: "duplicate", seq: 3 });
        expect(seqsOf(log)).toEqual([3]);
      }));
  });
}
