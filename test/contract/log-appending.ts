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
          event('["a",1]', {
            namespace: "/orders",
            sender: "s1",
            audience: { to: ["red", "blue"], except: ["x"] },
            attachments: [new Uint8Array([0, 255, 7]), new Uint8Array()],
          }),
          1_700_000_000_123,
        );
        const logged = {
          seq: 1,
          time: 1_700_000_000_123,
          namespace: "/orders",
          sender: "s1",
          audience: { to: ["red", "blue"], except: ["x"] },
          data: '["a",1]',
          attachments: [new Uint8Array([0, 255, 7]), new Uint8Array()],
        };
        expect(appended).toEqual({ kind: "appended", event: logged });
        expect(log.read({ limit: 1 })).toEqual([logged]);
        log.append(event('["b"]'), 5);
        expect(log.read({ after: 1, limit: 1 })).toEqual([
          {
            seq: 2,
            time: 5,
            namespace: "/",
            sender: null,
            audience: null,
            data: '["b"]',
            attachments: [],
          },
        ]);
      }));

    it("text stays as it is, byte for byte", () =>
      run((open) => {
        const log = open();
        fill(log, TEXTS);
        expect(textsOf(log)).toEqual(TEXTS);
      }));
  });

  describe("appending binary", () => {
    const every = new Uint8Array(256).map((_, i) => i);
    /** In the middle of a larger buffer. */
    const middle = new Uint8Array([9, 9, 1, 2, 9]).subarray(2, 4);
    const attached: readonly (readonly [string, readonly Uint8Array[]])[] = [
      ["nothing", []],
      ["no bytes", [new Uint8Array()]],
      ["every byte", [every]],
      ["a view of a larger buffer", [middle, every.subarray(250)]],
      ["ten, some empty", Array.from({ length: 10 }, (_, i) => every.subarray(0, i % 3))],
      ["a large one", [new Uint8Array(1_800_000).fill(7)]],
    ];

    for (const [name, attachments] of attached) {
      it(`SUB-10 ${name}: stays as it is, byte for byte`, () =>
        run((open) => {
          const log = open();
          log.append(event('["a"]', { attachments }), 1);
          log.append(event('["b"]', { attachments: [every] }), 2);
          const kept = log.read({ limit: 2 }).map(({ attachments: parts }) => parts.map(listed));
          expect(kept).toEqual([attachments.map(listed), [listed(every)]]);
        }));
    }
  });

  describe("appending for some", () => {
    it("ROOM-2 whom an event is for stays as it is", () =>
      run((open) => {
        const log = open();
        const audiences = [
          null,
          { to: [], except: [] },
          { to: ["red"], except: [] },
          { to: [], except: ["blue"] },
          {
            to: ["äöü 漢字 😀", '","', "\\", "null", ""],
            except: ["'; DROP TABLE roomlog_events"],
          },
          { to: Array.from({ length: 1_000 }, (_, i) => `room ${i}`), except: [] },
        ];
        for (const audience of audiences) log.append(event('["a"]', { audience }), 1);
        expect(log.read({ limit: 10 }).map(({ audience }) => audience)).toEqual(audiences);
      }));
  });

  describe("trimming", () => {
    it("KEEP-1 only a prefix goes", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]', '["c"]', '["d"]']);
        log.trim(2, 10);
        expect([log.first, log.head]).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
        log.trim(1, 10);
        expect([log.first, log.head]).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
      }));

    it("KEEP-1 an emptied log goes on behind its head", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        log.trim(2, 10);
        expect([log.first, log.head]).toEqual([3, 2]);
        expect(fill(log, ['["c"]'])).toEqual([3]);
        expect([log.first, log.head]).toEqual([3, 3]);
      }));

    it("trimming beyond head takes all, and no seq that is yet to come", () =>
      run((open) => {
        const log = open();
        fill(log, ['["a"]', '["b"]']);
        log.trim(100, 10);
        expect([log.first, log.head]).toEqual([3, 2]);
        expect(fill(log, ['["c"]', '["d"]'])).toEqual([3, 4]);
        expect(seqsOf(log)).toEqual([3, 4]);
      }));
  });
}

/** Bytes as text: what differs is shown without a line for each byte. */
function listed(bytes: Uint8Array): string {
  return bytes.join();
}
