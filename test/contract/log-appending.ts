/** Seqs, head and first, and bytes that stay as they are. */
import { describe, expect, it } from "vitest";
import { event, fill, type LogStore, seqsOf, textsOf } from "./event-log.ts";

const TEXTS = [
  '["plain",1]',
  '["unicode","äöü 漢字 😀 \u2028"]',
  '["lone surrogate","\\ud800","\\udfff\\ud800"]',
  '["numbers",1e999,-0,1.0,12345678901234567890,1E2]',
  '[ "spaces" ,\t1 , {"a" : 1} ]',
  '["keys",{"a":1,"a":2,"__proto__":{"admin":true}}]',
  '["escapes","\\u0000\\/\\"\'; DROP TABLE events; --"]',
  `["long","${"x".repeat(100_000)}"]`,
  "[5,null]",
];

export function appending({ run }: LogStore): void {
  describe("appending", () => {
    it("an empty log has head 0 and begins after it", () =>
      run((open) => {
        const log = open();
        expect([log.head, log.first]).toEqual([0, 1]);
        expect(log.read({ limit: 10 })).toEqual([]);
      }));

    it("an epoch is what newEpoch made", () =>
      run((open) => {
        expect(open({ newEpoch: () => "abc123" }).epoch).toBe("abc123");
      }));

    it("seqs are 1, 2, 3 without holes, and head is the newest", () =>
      run((open) => {
        const log = open();
        expect(fill(log, ['["a"]', '["b"]', '["c"]'])).toEqual([1, 2, 3]);
        expect([log.head, log.first]).toEqual([3, 1]);
        expect(seqsOf(log)).toEqual([1, 2, 3]);
      }));

    it("what is read is what was appended, every field of it", () =>
      run((open) => {
        const log = open();
        const appended = log.append(
          event('["a",1]', { namespace: "/orders", sender: "s1" }),
          1_700_000_000_123,
        );
        const logged = {
          seq: 1,
          time: 1_700_000_000_123,
          namespace: "/orders",
          sender: "s1",
          data: '["a",1]',
        };
        expect(appended).toEqual({ kind: "appended", event: logged });
        expect(log.read({ limit: 1 })).toEqual([logged]);
        log.append(event('["b"]'), 5);
        expect(log.read({ after: 1, limit: 1 })).toEqual([
          { seq: 2, time: 5, namespace: "/", sender: null, data: '["b"]' },
        ]);
      }));

    it("text stays as it is, byte for byte", () =>
      run((open) => {
        const log = open();
        fill(log, TEXTS);
        expect(textsOf(log)).toEqual(TEXTS);
      }));
  });

  describe("trimming", () => {
    it("KEEP-1 only a prefix goes", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]', '["c"]', '["d"]']);
        log.trim(2);
        expect([log.first, log.head]).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
        log.trim(1);
        expect([log.first, log.head]).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
      }));

    it("KEEP-1 an emptied log goes on behind its head", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        log.trim(2);
        expect([log.first, log.head]).toEqual([3, 2]);
        expect(fill(log, ['["c"]'])).toEqual([3]);
        expect([log.first, log.head]).toEqual([3, 3]);
      }));

    it("trimming beyond head takes all, and no seq that is yet to come", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        log.trim(100);
        expect([log.first, log.head]).toEqual([3, 2]);
        expect(fill(log, ['["c"]', '["d"]'])).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
      }));
  });
}
