/** How a polling session becomes a WebSocket: what both suites expect, and each way to fail. */
import { describe, expect, it } from "vitest";
import { BAD_REQUEST } from "./engine-behaviours.ts";
import type { PollingSession } from "./support/polling.ts";
import type { ServerUnderTest } from "./support/server.ts";
import type { RawSocket } from "./support/socket.ts";

/** A question that the server answers, and its answer. */
export type Echo = { readonly ask: string; readonly answer: string };

type Prepare = (session: PollingSession) => Promise<void>;

/** @param prepare what a polling session has to do before it may ask */
export function upgrades(server: ServerUnderTest, { ask, answer }: Echo, prepare: Prepare): void {
  async function polling(): Promise<PollingSession> {
    const session = await server.polling();
    await prepare(session);
    return session;
  }

  const upgradeOf = (session: PollingSession) => session.query.replace("polling", "websocket");

  /** The WebSocket of a probe that was answered. */
  async function probe(session: PollingSession): Promise<RawSocket> {
    const socket = await server.socket(upgradeOf(session));
    socket.send("2probe");
    expect(await socket.frame()).toBe("3probe");
    return socket;
  }

  async function upgraded(session: PollingSession): Promise<RawSocket> {
    const socket = await probe(session);
    socket.send("5", ask);
    expect(await socket.frame()).toBe(answer);
    return socket;
  }

  /** Polling goes on, and may be upgraded once more. */
  async function expectAlive(session: PollingSession): Promise<void> {
    await session.send(ask);
    expect(await session.packet()).toBe(answer);
    await upgraded(session);
  }

  describe("an upgrade", () => {
    it("ENG-8 lets a GET go that comes after the probe, and takes over", async () => {
      const session = await polling();
      const socket = await probe(session);
      expect(await session.get()).toMatchObject({ status: 200, body: "6" });
      socket.send("5", ask);
      expect(await socket.frame()).toBe(answer);
    });

    it("ENG-8 lets a GET go that was held before the probe", async () => {
      const session = await polling();
      const held = await session.hold();
      await probe(session);
      expect(await held.answer).toMatchObject({ status: 200, body: "6" });
    });

    it("ENG-8 carries over what nobody has fetched, before anything new", async () => {
      const session = await polling();
      const socket = await probe(session);
      await session.send(ask);
      socket.send("5", ask);
      expect([await socket.frame(), await socket.frame()]).toEqual([answer, answer]);
    });

    it("ENG-2 ends polling: its requests are refused, and the WebSocket goes on", async () => {
      const session = await polling();
      const socket = await upgraded(session);
      expect(await session.get()).toMatchObject(BAD_REQUEST);
      expect(await session.post(ask)).toMatchObject(BAD_REQUEST);
      socket.send(ask);
      expect(await socket.frame()).toBe(answer);
    });

    it("ENG-8 is made once: another WebSocket is closed, and the first goes on", async () => {
      const session = await polling();
      const socket = await upgraded(session);
      const second = await server.socket(upgradeOf(session));
      expect(await second.ended()).toMatchObject({ code: 1008 });
      socket.send(ask);
      expect(await socket.frame()).toBe(answer);
    });

    it("ENG-8 is asked for once at a time: a second probe is closed, and the first goes on", async () => {
      const session = await polling();
      const first = await probe(session);
      const second = await server.socket(upgradeOf(session));
      expect(await second.ended()).toMatchObject({ code: 1008 });
      first.send("5", ask);
      expect(await first.frame()).toBe(answer);
    });
  });

  describe("an upgrade that fails leaves polling as it was", () => {
    it("ENG-8 lost before it said anything", async () => {
      const session = await polling();
      const socket = await server.socket(upgradeOf(session));
      socket.close();
      await socket.ended();
      await expectAlive(session);
    });

    it("ENG-8 lost before its probe is answered", async () => {
      const session = await polling();
      const socket = await server.socket(upgradeOf(session));
      socket.send("2probe");
      socket.close();
      await socket.ended();
      await expectAlive(session);
    });

    it("ENG-8 lost after 3probe, before 5", async () => {
      const session = await polling();
      const socket = await probe(session);
      socket.close();
      await socket.ended();
      await expectAlive(session);
    });

    it("ENG-8 lost while its GET is on the way", async () => {
      const session = await polling();
      const socket = await probe(session);
      expect(await session.get()).toMatchObject({ status: 200, body: "6" });
      socket.close();
      await socket.ended();
      await expectAlive(session);
    });

    const wrong: readonly (readonly [string, readonly string[]])[] = [
      ["5 without a probe", ["5"]],
      ["a probe with another text", ["2prob"]],
      ["a ping that is no probe", ["2"]],
      ["a message before the switch", ["2probe", ask]],
      ["a second probe", ["2probe", "2probe"]],
      ["no packet at all", [""]],
    ];

    it.each(wrong)("ENG-8 after %s", async (_, frames) => {
      const session = await polling();
      const socket = await server.socket(upgradeOf(session));
      socket.send(...frames);
      expect(await socket.ended()).toMatchObject({ code: 1002 });
      await expectAlive(session);
    });

    it("ENG-8 is closed with its session", async () => {
      const session = await polling();
      const socket = await probe(session);
      await session.send("1");
      expect(await socket.ended()).toMatchObject({ code: 1000 });
    });
  });
}
