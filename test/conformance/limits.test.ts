/** How much goes into one message, one request and one answer. */
import { describe, expect, it } from "vitest";
import { UNKNOWN_SESSION } from "./engine-behaviours.ts";
import type { PollingSession } from "./support/polling.ts";
import { HEARTBEATS, maxPayload, serve } from "./support/server.ts";

describe.each(HEARTBEATS)("with %s", (_, bindings) => {
  describe("what comes in", () => {
    const server = serve("engine", bindings);

    it("ENG-9 a WebSocket message may have maxPayload bytes", async () => {
      const session = await server.session();
      const text = `4${"x".repeat(maxPayload - 1)}`;
      const bytes = new Uint8Array(maxPayload).fill(7);
      session.send(text, bytes);
      expect(await session.frame()).toBe(text);
      expect(await session.frame()).toEqual(bytes);
    });

    it.each([
      ["characters", `4${"x".repeat(maxPayload)}`],
      ["bytes of UTF-8", `4${"\u00df".repeat(maxPayload / 2)}`],
      ["binary bytes", new Uint8Array(maxPayload + 1)],
    ])("ENG-9 one with more %s ends the session", async (_, message) => {
      const session = await server.session();
      session.send(message);
      expect(await session.ended()).toMatchObject({ code: 1009 });
    });

    it("ENG-5 a POST may have maxPayload bytes", async () => {
      const session = await server.polling();
      const packet = `4${"x".repeat(maxPayload - 1)}`;
      expect(await session.post(packet)).toMatchObject({ status: 200, body: "ok" });
      expect(await session.packet()).toBe(packet);
    });

    it.each([
      ["characters", `4${"x".repeat(maxPayload)}`],
      ["bytes of UTF-8", `4${"\u00df".repeat(maxPayload / 2)}`],
    ])("ENG-5 one with more %s is refused and ends the session", async (_, body) => {
      const session = await server.polling();
      const answer = await session.post(body);
      expect(answer).toMatchObject({ status: 413, type: "application/problem+json" });
      expect(JSON.parse(answer.body)).toMatchObject({ code: "too_large" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("ENG-5 so is one of application/octet-stream", async () => {
      const session = await server.polling();
      const answer = await session.post("4a", { "content-type": "application/octet-stream" });
      expect(answer).toMatchObject({ status: 400, type: "application/problem+json" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("ENG-5 so is a compressed one", async () => {
      const session = await server.polling();
      const answer = await session.post("4a", { "content-encoding": "gzip" });
      expect(answer).toMatchObject({ status: 415, type: "application/problem+json" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });
  });

  describe("what is said in Socket.IO", () => {
    const server = serve("scripted", bindings);

    async function polling(): Promise<PollingSession> {
      const session = await server.polling();
      await session.send("40");
      await session.packet();
      return session;
    }

    it("ENG-4 at most 16 packets in one answer, and the rest in the next", async () => {
      const session = await polling();
      await session.send('42["send",20,0]');
      const events = Array.from({ length: 20 }, (_, n) => `42["sent",${n},""]`);
      expect(await session.fetch()).toEqual(events.slice(0, 16));
      expect(await session.fetch()).toEqual(events.slice(16));
    });

    it("ENG-4 at most maxPayload bytes in one answer, and the rest in the next", async () => {
      const session = await polling();
      const size = 250_100;
      await session.send(`42["send",4,${size}]`);
      const sent = (n: number) => `42["sent",${n},"${"x".repeat(size)}"]`;
      expect(await session.fetch()).toEqual([sent(0), sent(1), sent(2)]);
      expect(await session.fetch()).toEqual([sent(3)]);
    });

    it("ENG-4 a packet larger than that goes alone", async () => {
      const session = await polling();
      const size = maxPayload + 1;
      await session.send(`42["send",2,${size}]`);
      for (const n of [0, 1]) {
        expect(await session.fetch()).toEqual([`42["sent",${n},"${"x".repeat(size)}"]`]);
      }
    });

    it("ENG-12 binary arguments may have maxPayload bytes together", async () => {
      const session = await server.session();
      session.send("40");
      await session.text();
      const half = new Uint8Array(maxPayload / 2).fill(7);
      const holes = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
      session.send(`452-1["echo",${holes}]`, half, half);
      expect(await session.frame()).toBe(`462-1[${holes}]`);
      expect([await session.frame(), await session.frame()]).toEqual([half, half]);
      session.send(`452-1["echo",${holes}]`, half, new Uint8Array(maxPayload / 2 + 1));
      expect(await session.ended()).toMatchObject({ code: 1009 });
    });
  });
});
