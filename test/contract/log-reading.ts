/** Which events a read gives. */
import { describe, expect, it } from "vitest";
import type { EventLog, Read } from "../../src/log/event-log.ts";
import { event, fill, type LogStore, type OpenLog } from "./event-log.ts";

function fiveEvents(open: OpenLog): EventLog {
  const log = open();
  log.append(event('["chat",1]'), 1);
  log.append(event('["move",2]'), 2);
  log.append(event('["chat",3]', { namespace: "/orders" }), 3);
  log.append(event('[ "chat" ,4]'), 4);
  log.append(event('["say \\"hi\\" ä",5]'), 5);
  return log;
}

const READS: readonly [Partial<Read>, number[]][] = [
  [{}, [1, 2, 3, 4, 5]],
  [{ after: 0 }, [1, 2, 3, 4, 5]],
  [{ after: 3 }, [4, 5]],
  [{ after: 5 }, []],
  [{ before: 3 }, [1, 2]],
  [{ before: 1 }, []],
  [{ after: 1, before: 4 }, [2, 3]],
  [{ order: "desc" }, [5, 4, 3, 2, 1]],
  [{ order: "desc", limit: 2 }, [5, 4]],
  [{ order: "desc", before: 4, limit: 2 }, [3, 2]],
  [{ limit: 2 }, [1, 2]],
  [{ after: 2, limit: 1 }, [3]],
  [{ event: "chat" }, [1, 3, 4]],
  [{ event: "chat", after: 1, limit: 1 }, [3]],
  [{ event: 'say "hi" ä' }, [5]],
  [{ event: "cha" }, []],
  [{ event: "' OR 1=1 --" }, []],
  [{ namespace: "/orders" }, [3]],
  [{ namespace: "/" }, [1, 2, 4, 5]],
  [{ namespace: "/nowhere" }, []],
  [{ namespace: "/", event: "chat", order: "desc" }, [4, 1]],
];

export function reading({ run }: LogStore): void {
  describe("reading", () => {
    for (const [read, seqs] of READS) {
      it(`${JSON.stringify(read)} gives ${JSON.stringify(seqs)}`, () =>
        run((open) => {
          const found = fiveEvents(open).read({ limit: 10, ...read });
          expect(found.map(({ seq }) => seq)).toEqual(seqs);
        }));
    }

    it("a name that is a number is no string of digits", () =>
      run((open) => {
        const log = open();
        fill(log, ["[5]", '["5"]']);
        expect(log.read({ event: "5", limit: 10 }).map(({ seq }) => seq)).toEqual([2]);
      }));

    it("maxChars ends a page before it holds more, but never before its first event", () =>
      run((open) => {
        const log = open();
        // 10, 10 and 30 characters.
        fill(log, ['["a","12"]', '["b","12"]', `["c","${"x".repeat(22)}"]`]);
        const page = (maxChars: number, after = 0) =>
          log.read({ after, limit: 10, maxChars }).map(({ seq }) => seq);
        expect(page(1)).toEqual([1]);
        expect(page(19)).toEqual([1]);
        expect(page(20)).toEqual([1, 2]);
        expect(page(49)).toEqual([1, 2]);
        expect(page(50)).toEqual([1, 2, 3]);
        expect(page(5, 2)).toEqual([3]);
        expect(page(5, 3)).toEqual([]);
      }));

    it("SUB-10 SUB-11 maxChars counts the bytes of attachments as characters", () =>
      run((open) => {
        const log = open();
        const attachments = [new Uint8Array(15), new Uint8Array(5)];
        // 5, 25 and 5.
        fill(log, ['["a"]']);
        log.append(event('["b"]', { attachments }), 1);
        fill(log, ['["c"]']);
        const page = (maxChars: number, after = 0) =>
          log.read({ after, limit: 10, maxChars }).map(({ seq }) => seq);
        expect(page(29)).toEqual([1]);
        expect(page(30)).toEqual([1, 2]);
        expect(page(34)).toEqual([1, 2]);
        expect(page(35)).toEqual([1, 2, 3]);
        expect(page(1, 1)).toEqual([2]);
      }));
  });
}
