/** What both suites expect of Engine.IO, whatever is spoken on it. */
import { describe, expect, it } from "vitest";
import { ask, askWebSocket } from "./support/http.ts";
import { type PollingSession, readOpen } from "./support/polling.ts";
import { maxPayload, pingInterval, pingTimeout, type ServerUnderTest } from "./support/server.ts";
import type { RawSocket } from "./support/socket.ts";

const SID = expect.stringMatching(/^[A-Za-z0-9_-]{20}$/);

/** An answer with the error table's code. */
export function refusal(code: number, message: string): object {
  return { status: 400, body: JSON.stringify({ code, message }) };
}

export const UNKNOWN_TRANSPORT = refusal(0, "Transport unknown");
export const UNKNOWN_SESSION = refusal(1, "Session ID unknown");
export const BAD_METHOD = refusal(2, "Bad handshake method");
export const BAD_REQUEST = refusal(3, "Bad request");
export const BAD_VERSION = refusal(5, "Unsupported protocol version");

const BAD_TRANSPORTS = ["EIO=4", "EIO=4&transport=abc"];
const BAD_VERSIONS = ["transport=polling", "EIO=abc&transport=polling"];

export function handshakes(server: ServerUnderTest): void {
  describe("a handshake", () => {
    it("ENG-1 over polling says the sid, the upgrade and the settings", async () => {
      const { status, body } = await ask(server.endpoint, "EIO=4&transport=polling");
      expect(status).toBe(200);
      expect(readOpen(body)).toEqual({
        sid: SID,
        upgrades: ["websocket"],
        pingInterval,
        pingTimeout,
        maxPayload,
      });
    });

    it("ENG-1 over WebSocket offers no upgrade", async () => {
      const { opened } = await server.session();
      const upgrades: string[] = [];
      expect(opened).toEqual({ sid: SID, upgrades, pingInterval, pingTimeout, maxPayload });
    });

    it.each(BAD_TRANSPORTS)("ENG-2 over polling, ?%s is of no transport", async (query) => {
      expect(await ask(server.endpoint, query)).toMatchObject(UNKNOWN_TRANSPORT);
    });

    it.each(BAD_TRANSPORTS)("ENG-2 over WebSocket, ?%s is of no transport", async (query) => {
      expect(await askWebSocket(server.endpoint, query)).toMatchObject(UNKNOWN_TRANSPORT);
    });

    it.each(BAD_VERSIONS)("ENG-2 over polling, ?%s is of no version", async (query) => {
      expect(await ask(server.endpoint, query)).toMatchObject(BAD_VERSION);
    });

    it.each(BAD_VERSIONS)("ENG-2 over WebSocket, ?%s is of no version", async (polling) => {
      const query = polling.replace("polling", "websocket");
      expect(await askWebSocket(server.endpoint, query)).toMatchObject(BAD_VERSION);
    });

    it.each(["POST", "PUT"])("ENG-2 is a GET, not a %s", async (method) => {
      const answer = await ask(server.endpoint, "EIO=4&transport=polling", { method });
      expect(answer).toMatchObject(BAD_METHOD);
    });
  });
}

/** What a session has to do so that it may stay. */
export type Join = {
  polling(session: PollingSession): Promise<void>;
  webSocket(session: RawSocket): Promise<void>;
};

/** With pings that come soon. */
export function heartbeats(server: ServerUnderTest, join: Join): void {
  async function polling(): Promise<PollingSession> {
    const session = await server.polling();
    await join.polling(session);
    return session;
  }

  async function webSocket(pings: "answered" | "shown" = "shown"): Promise<RawSocket> {
    const session = await server.session(pings);
    await join.webSocket(session);
    return session;
  }

  describe("a heartbeat", () => {
    it("BEAT-1 over polling, each pong is followed by another ping", async () => {
      const session = await polling();
      for (let round = 0; round < 3; round++) {
        expect(await session.get()).toMatchObject({ status: 200, body: "2" });
        await session.send("3");
      }
    });

    it("BEAT-1 over WebSocket, each pong is followed by another ping", async () => {
      const session = await webSocket();
      for (let round = 0; round < 3; round++) {
        expect(await session.frame()).toBe("2");
        session.send("3");
      }
    });

    it("BEAT-1 the next ping is an interval after the pong, however long one may take", async () => {
      const [silent, lively] = [await webSocket(), await webSocket("answered")];
      await silent.ended();
      expect(lively.pings).toBeGreaterThan(2);
    });

    it("BEAT-1 over polling, a session that does not answer its ping is over", async () => {
      const session = await polling();
      expect(await session.get()).toMatchObject({ body: "2" });
      expect(await session.get()).toMatchObject({ status: 200, body: "1" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("BEAT-1 over polling, nor does one that fetches nothing stay", async () => {
      const silent = await polling();
      // A younger session that keeps just as silent.
      const younger = await webSocket();
      await younger.ended();
      expect((await silent.get()).status).toBe(400);
    });

    it("BEAT-1 over WebSocket, a session that does not answer its ping is closed", async () => {
      const session = await webSocket();
      expect(await session.ended()).toEqual({ code: 1000, reason: "ping timeout" });
      expect(session.seen.filter((frame) => frame === "2")).toHaveLength(1);
    });
  });
}

export function closes(server: ServerUnderTest): void {
  describe("a client's close packet", () => {
    it("ENG-6 over polling ends the session, and its held GET with a noop", async () => {
      const session = await server.polling();
      const held = await session.hold();
      expect(await session.post("1")).toMatchObject({ status: 200, body: "ok" });
      expect(await held.answer).toMatchObject({ status: 200, body: "6" });
      expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
    });

    it("ENG-11 over WebSocket closes it", async () => {
      const session = await server.session();
      session.send("1");
      expect(await session.ended()).toMatchObject({ code: 1000 });
    });
  });
}
