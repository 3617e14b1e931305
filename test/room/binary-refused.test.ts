/** Binary packets that no client sends, and those that can't be logged: nobody else is disturbed. */
import { describe, expect, it } from "vitest";
import { Harness } from "../support/room-harness.ts";

const at = (num: number | string) => `{"_placeholder":true,"num":${num}}`;
const base64 = (length: number) => `b${Buffer.alloc(length).toString("base64")}`;
const deep = (levels: number, inner: string) => "[".repeat(levels) + inner + "]".repeat(levels);

describe("a binary packet that no client sends", () => {
  const binary = "bAQID";
  const refused: readonly (readonly [string, readonly string[], number])[] = [
    ["BAD-21 binary that nothing announced", ["bAAAA"], 1002],
    ["BAD-22 bad base64", ["b!!!!"], 1002],
    ["BAD-22 bad base64 as an attachment", [`451-["a",${at(0)}]`, "bAAA"], 1002],
    ["BAD-57 a count of 0", [`450-["a"]`, ...Array.from({ length: 1_000 }, () => binary)], 1002],
    ["BAD-58 a count of 11", [`4511-["a",${at(0)}]`, binary], 1002],
    ["BAD-58 a count of 100,000", [`45100000-["a",${at(0)}]`, binary], 1002],
    ["BAD-59 num is a name", [`451-["a",${at('"splice"')}]`, binary], 1002],
    ["BAD-59 num is beyond the count", [`451-["a",${at(1)}]`, binary], 1002],
    ["BAD-59 num is negative", [`451-["a",${at(-1)}]`, binary], 1002],
    ["BAD-59 num is a fraction", [`451-["a",${at(0.5)}]`, binary], 1002],
    ["BAD-59 num is huge", [`451-["a",${at(1e9)}]`, binary], 1002],
    ["BAD-60 the same twice, the other unused", [`452-["a",${at(0)},${at(0)}]`, binary], 1002],
    ["BAD-61 no placeholder", [`451-["a"]`, binary], 1002],
    ["BAD-62 text instead of the attachment", [`451-["a",${at(0)}]`, '42["b"]'], 1002],
    ["BAD-64 a sum over maxPayload", [`452-["a",${at(0)},${at(1)}]`, ...sum(1_000_001)], 1009],
    ["BAD-65 one attachment too many", [`451-["a",${at(0)}]`, binary, binary], 1002],
    ["BAD-51 a reserved name", [`451-["connect",${at(0)}]`, binary], 1002],
    ["BAD-50 a name that is binary", [`451-[${at(0)}]`, binary], 1002],
    ["BAD-54 no digits for an ack id", [`451--1["a",${at(0)}]`, binary], 1002],
    ["BAD-39 a namespace that was not joined", [`451-/orders,["a",${at(0)}]`, binary], 1002],
    ["BAD-66 a binary ack 65 levels deep", [`461-1${deep(65, at(0))}`, binary], 1002],
  ];

  function sum(bytes: number): string[] {
    return [base64(Math.ceil(bytes / 2)), base64(Math.floor(bytes / 2))];
  }

  it.each(refused)("%s ends the session, and nobody else's", async (_, frames, code) => {
    const h = new Harness();
    const [bystander, client] = [await h.join(), await h.join()];
    client.send(...frames, '42["behind"]');
    await h.settle();
    expect(client.wire.closed?.code).toBe(code);
    const logged = h.log.head;
    // At most what was whole before.
    expect(h.log.read({ limit: 9 }).map(({ data }) => data)).not.toContain('["behind"]');
    await (await h.join()).ask("chat");
    expect(bystander.events.at(-1)).toMatchObject({ name: "chat" });
    expect(bystander.seqs).toHaveLength(logged + 1);
  });

  it.each([
    ["BAD-21 binary that nothing announced", ["bAAAA"]],
    ["BAD-22 bad base64", ["b!!!!"]],
    ["BAD-62 text instead of the attachment", [`451-["a",${at(0)}]`, '42["b"]']],
  ])("%s ends a polling session with code 3", async (_, packets) => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    client.send(...packets, '42["behind"]');
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
    expect([[...h.room.sessions].length, h.log.head]).toEqual([0, 0]);
  });
});

describe("a binary event that can't be logged", () => {
  /** Sends an event with one attachment, and gives its ack. */
  async function ask(h: Harness, text: string, attachment: string): Promise<unknown> {
    const client = await h.join();
    client.send(`451-7${text}`, attachment);
    await h.settle();
    expect(client.wire.closed).toBeUndefined();
    expect(await client.ask("still here")).toMatchObject({ duplicate: false });
    return client.transcript.acksOf(7)[0];
  }

  it("BAD-70 too large together with its attachments: a final refusal", async () => {
    const h = new Harness();
    const text = (length: number) => `["a",${at(0)},"${"x".repeat(length - 38)}"]`;
    expect(text(900_000)).toHaveLength(900_000);
    expect(await ask(h, text(900_000), base64(1_000_000))).toMatchObject({ duplicate: false });
    expect(await ask(h, text(900_001), base64(1_000_000))).toMatchObject({
      error: { code: "too_large" },
    });
    expect(h.log.head).toBe(3);
  });

  it.each([64, 5_000, 20_000])("BAD-66 with %i levels in its array: a final refusal", async (n) => {
    const h = new Harness();
    for (const nest of [deep(n, at(0)), `${at(0)},${deep(n, "")}`]) {
      expect(await ask(h, `["a",${nest}]`, "bAQ==")).toMatchObject({
        error: { code: "invalid_body" },
      });
    }
    expect(h.log.read({ limit: 9 }).map(({ data }) => data)).toEqual([
      '["still here"]',
      '["still here"]',
    ]);
  });

  it("BAD-66 63 levels in its array are logged", async () => {
    const h = new Harness();
    expect(await ask(h, `["a",${deep(63, "")},${at(0)}]`, "bAQ==")).toMatchObject({
      duplicate: false,
    });
  });

  it.each([
    ["an array of 400,000", `[${"0,".repeat(399_999)}0]`],
    [
      "an object with 60,000 keys",
      `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join()}}`,
    ],
  ])("BAD-66 with %s is logged and read", async (_, json) => {
    const h = new Harness();
    const reader = await h.join();
    expect(await ask(h, `["a",${at(0)},${json}]`, "bAQ==")).toMatchObject({ duplicate: false });
    const [attachment, value] = reader.events[0]?.args ?? [];
    expect(attachment).toEqual(Buffer.from([1]));
    expect(JSON.stringify(value)).toBe(json);
  });

  it("SUB-8 a name that only Roomlog may use", async () => {
    const refusal = await ask(new Harness(), `["roomlog:gap",${at(0)}]`, "bAQ==");
    expect(refusal).toMatchObject({ error: { code: "invalid_event" } });
  });
});
