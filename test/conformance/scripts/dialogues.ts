/** Socket.IO sessions of several steps. */
import type { Script } from "./script.ts";

export const DIALOGUES: readonly Script[] = [
  {
    name: "two namespaces, of which one is left",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.session()).join();
      await session.says("40/custom");
      await session.says('42/custom,["message","there"]', '42["message","here"]');
      await session.says("41/custom");
      await session.says('42["message","still here"]');
      await session.says('42/custom,["message","gone"]');
    },
  },
  {
    name: "a namespace that is left and joined again",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.session()).join("/custom");
      session.joined = undefined;
      await session.says("41/custom");
      await session.says("40/custom");
    },
  },
  {
    name: "a namespace that is left twice",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.session()).join();
      await session.says("40/custom");
      await session.says("41/custom");
      await session.says("41/custom");
    },
  },
  {
    name: "CONNECT over polling",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await stage.polling();
      await session.says('40{"a":1}');
      await session.says("40/custom\x1e40/random");
    },
  },
  {
    name: "events over polling",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.says('42["message","a"]\x1e427["message-with-ack","b"]');
      await session.says('451-["message",{"_placeholder":true,"num":0}]\x1ebAQID');
      await session.says('451-8["message-with-ack",{"_placeholder":true,"num":0}]\x1ebAQID');
    },
  },
  {
    name: "binary over polling, in two POSTs",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.post('451-["message",{"_placeholder":true,"num":0}]');
      await session.says("bAQID");
    },
  },
  {
    name: "a bad packet over polling",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.says("4abc");
    },
  },
  {
    name: "a bad packet over polling, with a held GET",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      const held = await session.session.hold();
      await session.post("4abc");
      stage.write(await stage.answer(held.answer));
      await session.get();
    },
  },
  {
    name: "CONNECT and an event in one POST",
    rule: "EMIT-6",
    server: "socket",
    async play(stage) {
      const session = await stage.polling();
      session.joined = "/";
      await session.says('40\x1e42["message"]');
    },
  },
  {
    name: "binary that begins before an upgrade and ends after it",
    rule: "ENG-12",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      const socket = await stage.socket(session.session.query.replace("polling", "websocket"));
      socket.joined = "/";
      socket.socket.send("2probe");
      await socket.next();
      await session.post('451-["message",{"_placeholder":true,"num":0}]');
      await socket.says("5", Uint8Array.of(1, 2, 3));
    },
  },
  {
    name: "binary that waits for an upgrade",
    rule: "ENG-8",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      const socket = await stage.socket(session.session.query.replace("polling", "websocket"));
      socket.joined = "/";
      socket.socket.send("2probe");
      await socket.next();
      await session.post('451-["message",{"_placeholder":true,"num":0}]\x1ebAQID');
      await socket.says("5");
    },
  },
  {
    name: "an event while the session upgrades",
    rule: "ADDR-4",
    server: "socket",
    async play(stage) {
      const session = await (await stage.polling()).join();
      const socket = await stage.socket(session.session.query.replace("polling", "websocket"));
      socket.joined = "/";
      socket.socket.send("2probe");
      await socket.next();
      await session.post('42["message","before"]');
      await socket.says("5", '42["message","after"]');
    },
  },
  {
    name: "a CONNECT that the code refuses",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await stage.session();
      await session.says('40{"refuse":{"message":"not you"}}');
      await session.says('40/custom,{"refuse":{"message":"no","data":{"code":7,"why":["a"]}}}');
      await session.says("40");
    },
  },
  {
    name: "a CONNECT that the code refuses, over polling",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await stage.polling();
      await session.says('40{"refuse":{"message":"not you","data":[1]}}');
    },
  },
  {
    name: "a socket that the code disconnects",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      await session.says("40/custom");
      await session.says('42/custom,["out"]');
      await session.says('42/custom,["echo"]');
    },
  },
  {
    name: "a socket that the code disconnects with its connection",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      await session.says("40/custom");
      session.socket.send('42["close"]');
      await session.toTheEnd();
    },
  },
  {
    name: "a socket that the code disconnects with its connection, with a held GET",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.polling()).join();
      const held = await session.session.hold();
      await session.post('42["close"]');
      stage.write(await stage.answer(held.answer));
      await session.get();
    },
  },
  {
    name: "a socket that the code disconnects with its connection, without a GET",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.post('42["close"]');
      await session.get();
      await session.get();
    },
  },
  {
    name: "an event, and the end of its connection",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      session.socket.send('42["send and close"]');
      await session.toTheEnd();
    },
  },
  {
    name: "an event, and the end of its connection, without a GET",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.post('42["send and close"]');
      await session.get();
      await session.get();
    },
  },
  {
    name: "a question that is answered",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      session.socket.send('421["ask","how"]');
      const id = idOf(await session.next());
      await session.says(`43${id}["so","more"]`);
      await session.says(`43${id}["again"]`);
    },
  },
  {
    name: "a question of bytes that is answered with bytes",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      session.socket.send('451-1["ask",{"_placeholder":true,"num":0}]', Uint8Array.of(1));
      const id = idOf(await session.next());
      await session.next();
      await session.says(`461-${id}[{"_placeholder":true,"num":0}]`, Uint8Array.of(2));
    },
  },
  {
    name: "a question that is answered too late",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      session.socket.send('421["ask briefly"]');
      const id = idOf(await session.next());
      await session.next();
      await session.says(`43${id}["late"]`);
    },
  },
  {
    name: "twenty events over polling",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.polling()).join();
      await session.says('42["send",20,0]');
    },
  },
  {
    name: "an event larger than maxPayload",
    rule: "ROOM-2",
    server: "scripted",
    async play(stage) {
      const session = await (await stage.session()).join();
      await session.says('42["send",1,1000001]');
    },
  },
];

/** The ack id of an event. */
function idOf(frame: unknown): string {
  const id = /^4(?:2|5\d+-)(\d+)\[/.exec(String(frame))?.[1];
  if (id === undefined) throw new Error(`no question: ${frame}`);
  return id;
}
