/** What happens with time. */
import type { Stage } from "../support/stage.ts";
import type { Script } from "./script.ts";

function beat(name: string, play: (stage: Stage) => Promise<void>): Script {
  return { name, rule: "BEAT-1", server: "socket", play };
}

function limit(name: string, play: (stage: Stage) => Promise<void>): Script {
  return { name, rule: "ENG-3", server: "socket", play };
}

/** With frequent pings. */
export const BEATS: readonly Script[] = [
  beat("pings over WebSocket, each answered", async (stage) => {
    const session = await (await stage.session("shown")).join();
    for (let round = 0; round < 3; round++) {
      await session.next();
      session.socket.send("3");
    }
  }),
  beat("a ping over WebSocket that is not answered", async (stage) => {
    await (await (await stage.session("shown")).join()).toTheEnd();
  }),
  beat("pings over polling, each answered", async (stage) => {
    const session = await (await stage.polling()).join();
    for (let round = 0; round < 3; round++) {
      await session.get();
      await session.post("3");
    }
  }),
  beat("a ping over polling that is not answered", async (stage) => {
    const session = await (await stage.polling()).join();
    for (let round = 0; round < 3; round++) await session.get();
  }),
  limit("a WebSocket that joins a namespace and leaves it, early", async (stage) => {
    const session = await (await stage.session("shown")).join();
    session.socket.send("41");
    await session.next();
  }),
  limit("a WebSocket that joins a namespace and leaves it, late", async (stage) => {
    const session = await (await stage.session("shown")).join();
    for (let round = 0; round < 6; round++) {
      await session.next();
      session.socket.send("3");
    }
    session.socket.send("41");
    await session.next();
  }),
];

/** Without pings. */
export const LIMITS: readonly Script[] = [
  limit("a WebSocket that joins nothing", async (stage) => {
    await (await stage.session()).toTheEnd();
  }),
  limit("a polling session that joins nothing", async (stage) => {
    const session = await stage.polling();
    await session.get();
    await session.get();
  }),
];
