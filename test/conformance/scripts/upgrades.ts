/** Upgrades from polling to WebSocket, made and failed. */
import type { Frame } from "../support/socket.ts";
import type { PollingActor, SocketActor, Stage } from "../support/stage.ts";
import type { Script } from "./script.ts";

type Turns = (socket: SocketActor, session: PollingActor, stage: Stage) => Promise<void>;

const queryOf = ({ session }: PollingActor) => session.query.replace("polling", "websocket");

/** Begins with a WebSocket for a polling session. */
function play(turns: Turns): Omit<Script, "name"> {
  return {
    rule: "ENG-8",
    server: "engine",
    play: async (stage) => {
      const session = await stage.polling();
      await turns(await stage.socket(queryOf(session)), session, stage);
    },
  };
}

/** What a WebSocket may say in place of its probe, or after it. */
const WRONG: readonly (readonly [string, readonly Frame[]])[] = [
  ["another probe", ["2prob"]],
  ["a longer probe", ["2probes"]],
  ["a ping", ["2"]],
  ["a message", ["4a"]],
  ["nothing", [""]],
  ["bytes", [Uint8Array.of(1)]],
  ["letters", ["xyz"]],
  ["a close packet", ["1"]],
  ["a pong after the probe", ["2probe", "3probe"]],
  ["a message after the probe", ["2probe", "4a"]],
];

/** What only the reference server takes; it does not close then. */
const LAX: readonly (readonly [string, readonly Frame[]])[] = [
  ["an upgrade without a probe", ["5"]],
  ["a second probe", ["2probe", "2probe"]],
  ["an upgrade with text", ["2probe", "5x"]],
];

export const UPGRADES: readonly Script[] = [
  {
    name: "an upgrade, polled meanwhile",
    ...play(async (socket, session) => {
      socket.socket.send("2probe");
      await socket.next();
      await session.get();
      await socket.says("5", "4after");
      await session.get();
      await session.post("4x");
      await socket.settle();
    }),
  },
  {
    name: "an upgrade with a held GET",
    ...play(async (socket, session, stage) => {
      const held = await session.session.hold();
      socket.socket.send("2probe");
      await socket.next();
      stage.write(await stage.answer(held.answer));
      await socket.says("5");
    }),
  },
  {
    name: "an upgrade with messages before, between and after",
    ...play(async (socket, session) => {
      await session.post("4before");
      socket.socket.send("2probe");
      await socket.next();
      await session.post("4between");
      await socket.says("5", "4after");
    }),
  },
  {
    name: "an upgrade, and a WebSocket more",
    ...play(async (socket, session, stage) => {
      socket.socket.send("2probe");
      await socket.next();
      await socket.says("5");
      await (await stage.socket(queryOf(session))).next();
      await socket.settle();
    }),
  },
  {
    name: "a second WebSocket during the probe",
    ...play(async (socket, session, stage) => {
      socket.socket.send("2probe");
      await socket.next();
      await (await stage.socket(queryOf(session))).next();
      await socket.says("5");
    }),
  },
  {
    name: "a WebSocket for a session over WebSocket",
    rule: "ENG-8",
    server: "engine",
    async play(stage) {
      const session = await stage.session();
      const second = await stage.socket(`EIO=4&transport=websocket&sid=${session.sid}`);
      await second.says("2probe");
      await session.settle();
    },
  },
  {
    name: "a polling request for a session over WebSocket",
    rule: "ENG-8",
    server: "engine",
    async play(stage) {
      const session = await stage.session();
      const { sid } = session;
      await stage.request(`EIO=4&transport=polling&sid=${sid}`);
      await stage.request(`EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: "4a" });
      await session.settle();
    },
  },
  {
    name: "a WebSocket for a session that is over",
    rule: "ENG-8",
    server: "engine",
    async play(stage) {
      const session = await stage.polling();
      await session.post("1");
      await stage.upgrade(queryOf(session));
    },
  },
  ...[[], ["2probe"]].map((frames) => ({
    name: `a WebSocket that is lost after ${frames.length} frames`,
    ...play(async ({ socket }, session) => {
      socket.send(...frames);
      for (const _ of frames) await socket.frame();
      socket.close();
      await socket.ended();
      await session.says("4a");
    }),
  })),
  ...WRONG.map(([what, frames]) => ({
    name: `a WebSocket that says ${what}`,
    ...play(async (socket, session) => {
      socket.socket.send(...frames);
      await socket.toTheEnd();
      await session.says("4a");
    }),
  })),
  ...LAX.map(([what, frames]) => ({
    name: `a WebSocket that says ${what}`,
    ...play((socket) => socket.says(...frames)),
  })),
  {
    name: "a session that is closed during the probe",
    ...play(async (socket, session) => {
      socket.socket.send("2probe");
      await socket.next();
      await session.post("1");
      await socket.toTheEnd();
    }),
  },
];
