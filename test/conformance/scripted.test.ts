/** What the reference server does beyond the public suites and Roomlog does too. */
import { describe, expect, it } from "vitest";
import { UNKNOWN_SESSION } from "./engine-behaviours.ts";
import type { PollingSession } from "./support/polling.ts";
import { HEARTBEATS, serve } from "./support/server.ts";

describe.each(HEARTBEATS)("a room in code with %s", (_, bindings) => {
  const server = serve("scripted", bindings);

  async function joined(...namespaces: string[]) {
    const session = await server.session();
    for (const namespace of namespaces) {
      session.send(`40${namespace}`);
      expect(await session.text()).toMatch(/^40/);
    }
    return session;
  }

  async function polling(): Promise<PollingSession> {
    const session = await server.polling();
    await session.send("40");
    expect(await session.packet()).toMatch(/^40/);
    return session;
  }

  describe("refuses a CONNECT", () => {
    it.each([
      ["its message", '{"message":"not you"}'],
      ["its message and data", '{"message":"not you","data":{"code":7,"why":["a"]}}'],
    ])("ROOM-2 with %s, and the session goes on", async (_, refusal) => {
      const session = await server.session();
      session.send(`40{"refuse":${refusal}}`);
      expect(await session.frame()).toBe(`44${refusal}`);
      session.send(`40/custom,{"refuse":${refusal}}`);
      expect(await session.frame()).toBe(`44/custom,${refusal}`);
      session.send("40");
      expect(await session.frame()).toMatch(/^40\{/);
    });

    it("ENG-10 and what is sent in its namespace all the same closes the session", async () => {
      const session = await server.session();
      session.send('40{"refuse":{"message":"no"}}', '42["echo"]');
      expect(await session.frame()).toBe('44{"message":"no"}');
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });
  });

  describe("disconnects a socket", () => {
    it("ROOM-2 from its namespace, and the session's others go on", async () => {
      const session = await joined("", "/custom");
      session.send('42/custom,["out"]');
      expect(await session.frame()).toBe("41/custom,");
      session.send('421["echo","still here"]');
      expect(await session.frame()).toBe('431["still here"]');
    });

    it("ROOM-2 from its last one, and it may join again", async () => {
      const session = await joined("");
      session.send('42["out"]');
      expect(await session.frame()).toBe("41");
      session.send("40", '421["echo"]');
      expect(await session.frame()).toMatch(/^40\{/);
      expect(await session.frame()).toBe("431[]");
    });

    it("ROOM-2 over polling as well", async () => {
      const session = await polling();
      await session.send('42["out"]');
      expect(await session.packet()).toBe("41");
    });

    it("ROOM-2 ENG-11 with its connection, without a DISCONNECT", async () => {
      const session = await joined("", "/custom");
      session.send('42["close"]');
      expect(await session.ended()).toEqual({ code: 1000, reason: "server disconnect" });
      expect(session.seen.filter((frame) => String(frame).startsWith("41"))).toEqual([]);
    });

    it("ROOM-2 ENG-11 with its polling session, whose held GET gets a close packet", async () => {
      const session = await polling();
      const held = await session.hold();
      await session.send('42["close"]');
      expect(await held.answer).toMatchObject({ status: 200, body: "1" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });
  });

  describe("asks a client", () => {
    it("ROOM-2 and gets the first value of its ack", async () => {
      const session = await joined("");
      session.send('421["ask","how","many"]');
      const question = await session.text();
      expect(question).toMatch(/^42\d+\["question","how","many"\]$/);
      session.send(`43${idOf(question)}[{"n":3},"more"]`);
      expect(await session.frame()).toBe('431[{"n":3}]');
    });

    it("SUB-10 with bytes, and gets bytes", async () => {
      const session = await joined("/custom");
      session.send('451-/custom,1["ask",{"_placeholder":true,"num":0}]', Uint8Array.of(1, 2));
      const question = await session.text();
      expect(question).toMatch(/^451-\/custom,\d+\["question",\{"_placeholder":true,"num":0\}\]$/);
      expect(await session.frame()).toEqual(Uint8Array.of(1, 2));
      const id = idOf(question);
      session.send(`461-/custom,${id}[[{"_placeholder":true,"num":0}]]`, Uint8Array.of(3));
      expect(await session.frame()).toBe('461-/custom,1[[{"_placeholder":true,"num":0}]]');
      expect(await session.frame()).toEqual(Uint8Array.of(3));
    });

    it("ROOM-2 over polling as well", async () => {
      const session = await polling();
      await session.send('421["ask"]');
      await session.send(`43${idOf(await session.packet())}["yes"]`);
      expect(await session.packet()).toBe('431["yes"]');
    });

    it("ROOM-2 no longer than the time it gives, and a late ack is ignored", async () => {
      const session = await joined("");
      session.send('421["ask briefly"]');
      const question = await session.text();
      expect(await session.frame()).toBe('431["Error: operation has timed out"]');
      session.send(`43${idOf(question)}["late"]`, '422["echo"]');
      expect(await session.frame()).toBe("432[]");
    });

    it("EMIT-8 an ack that answers nothing is ignored", async () => {
      const session = await joined("");
      session.send('43["nothing"]', "4399[]", '421["echo"]');
      expect(await session.frame()).toBe("431[]");
    });
  });

  describe("takes binary arguments", () => {
    const hole = (num: number) => `{"_placeholder":true,"num":${num}}`;
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

    it("SUB-10 ENG-12 nested, and several of them", async () => {
      const args = `[{"a":[${hole(1)},{"b":${hole(0)}}]},${hole(2)}]`;
      const session = await joined("");
      session.send(`453-1["echo",${args.slice(1)}`, bytes, new Uint8Array(), Uint8Array.of(7));
      // Numbered anew, in the order in which they stand.
      expect(await session.frame()).toBe(`463-1[{"a":[${hole(0)},{"b":${hole(1)}}]},${hole(2)}]`);
      expect(await session.frame()).toEqual(new Uint8Array());
      expect(await session.frame()).toEqual(bytes);
      expect(await session.frame()).toEqual(Uint8Array.of(7));
    });

    it("ENG-12 ten of them, and no more", async () => {
      const holes = Array.from({ length: 10 }, (_, num) => hole(num)).join();
      const session = await joined("");
      session.send(`4510-1["echo",${holes}]`);
      for (let num = 0; num < 10; num++) session.send(Uint8Array.of(num));
      expect(await session.frame()).toBe(`4610-1[${holes}]`);
      for (let num = 0; num < 10; num++) expect(await session.frame()).toEqual(Uint8Array.of(num));
      session.send(`4511-1["echo",${holes},${hole(10)}]`);
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });

    it("ENG-12 but no text before all of them are there", async () => {
      const session = await joined("");
      session.send(`452-["echo",${hole(0)},${hole(1)}]`, bytes, '42["echo"]');
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });
  });
});

/** The ack id of an event frame. */
function idOf(frame: string): string {
  const id = /^4(?:2|5\d+-)(?:\/[^,]*,)?(\d+)\[/.exec(frame)?.[1];
  if (id === undefined) throw new Error(`no question: ${frame}`);
  return id;
}
