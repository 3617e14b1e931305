/** What a server owes as of Engine.IO v4, by a room in code that echoes its messages. */
import { describe, expect, it } from "vitest";
import {
  BAD_REQUEST,
  closes,
  handshakes,
  heartbeats,
  UNKNOWN_SESSION,
} from "./engine-behaviours.ts";
import { BRISK, HEARTBEATS, serve } from "./support/server.ts";
import { upgrades } from "./upgrade-behaviours.ts";

describe("Engine.IO with the suite's settings", () => {
  handshakes(serve("engine"));
});

describe("Engine.IO with frequent pings", () => {
  heartbeats(serve("engine", BRISK), { polling: async () => {}, webSocket: async () => {} });
});

describe.each(HEARTBEATS)("Engine.IO with %s", (_, bindings) => {
  const server = serve("engine", bindings);
  closes(server);
  upgrades(server, { ask: "4hello", answer: "4hello" }, async () => {});

  describe("messages over polling", () => {
    it.each([
      ["ENG-5 one packet", "4hello"],
      ["ENG-5 several packets, in their order", "4one\x1e4two\x1e4three"],
      ["ENG-4 binary as base64, beside text", "4text\x1ebAQIDBA==\x1eb\x1e4more"],
      ["ENG-5 text of any script", "4z\u00df\u6c34\u{1f98b}\0"],
      ["ENG-5 a message without text", "4"],
    ])("%s", async (_, payload) => {
      const session = await server.polling();
      expect(await session.post(payload)).toMatchObject({ status: 200, body: "ok" });
      expect(await session.get()).toMatchObject({ status: 200, body: payload });
    });

    it("ENG-4 a GET is held until there is something to send", async () => {
      const session = await server.polling();
      const held = await session.hold();
      await session.send("4late");
      expect(await held.answer).toMatchObject({ status: 200, body: "4late" });
    });

    it.each([
      ["a type that is none", "abc"],
      ["nothing at all", ""],
      ["a ping, which is the server's to send", "2"],
      ["a bad packet behind a good one", "4good\x1exyz"],
      ["a message behind a close packet", "1\x1e4late"],
    ])("ENG-10 %s is refused and ends the session", async (_, payload) => {
      const session = await server.polling();
      expect(await session.post(payload)).toMatchObject(BAD_REQUEST);
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });
  });

  describe("requests that overlap", () => {
    it("ENG-6 a second GET ends the session, and the held one with a close packet", async () => {
      const session = await server.polling();
      const held = await session.hold();
      expect(await session.get()).toMatchObject(BAD_REQUEST);
      expect(await held.answer).toMatchObject({ status: 200, body: "1" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("ENG-6 a GET that its client gave up ends the session with the next one", async () => {
      const session = await server.polling();
      const controller = new AbortController();
      const held = await session.hold({ signal: controller.signal });
      controller.abort();
      await expect(held.answer).rejects.toThrow("aborted");
      expect((await session.get()).status).toBe(400);
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("ENG-6 a second POST while one is read ends the session", async () => {
      const session = await server.polling();
      const posts = [session.halfPost("4on", "e"), session.halfPost("4tw", "o")];
      // Whichever came second is refused, unread.
      const refused = await Promise.any(
        posts.map(async (post) => ({ post, ...(await post.answer) })),
      );
      expect(refused).toMatchObject(BAD_REQUEST);
      for (const post of posts) post.finish();
      const first = posts.find((post) => post !== refused.post);
      expect(await first?.answer).toMatchObject(BAD_REQUEST);
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });
  });

  describe("messages over WebSocket", () => {
    it("ENG-1 text", async () => {
      const session = await server.session();
      session.send("4hello", "4", "4z\u00df\u6c34\u{1f98b}\0");
      for (const text of ["4hello", "4", "4z\u00df\u6c34\u{1f98b}\0"]) {
        expect(await session.frame()).toBe(text);
      }
    });

    it("SUB-10 binary, byte for byte", async () => {
      const session = await server.session();
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      session.send(bytes, new Uint8Array());
      expect(await session.frame()).toEqual(bytes);
      expect(await session.frame()).toEqual(new Uint8Array());
    });

    it.each([
      ["a type that is none", "abc"],
      ["nothing at all", ""],
      ["a ping, which is the server's to send", "2"],
    ])("ENG-10 %s closes the session", async (_, frame) => {
      const session = await server.session();
      session.send(frame);
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });
  });
});
