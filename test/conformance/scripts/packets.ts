/** Socket.IO packets over WebSocket, each in a session of its own that has joined `/`. */
import type { Frame } from "../support/socket.ts";
import type { Stage } from "../support/stage.ts";
import type { Script } from "./script.ts";

/** What is sent in place of CONNECT. */
const FIRST: readonly string[] = [
  "40",
  "40/",
  "40/,",
  '40{"token":"123"}',
  '40{"a":{"b":[1,null,"\u6c34"]}}',
  '40{"__proto__":{"admin":true}}',
  '40{"token":123}',
  '40{"clientId":"short"}',
  '40{"rewind":-1}',
  '40{"offset":"x","pid":"x"}',
  "40{}",
  "40 {}",
  "40null",
  "40[]",
  '40"x"',
  "40{",
  "401",
  "401{}",
  "40/custom",
  "40/custom,",
  '40/custom,{"token":"abc"}',
  '40/custom{"token":"abc"}',
  "40/random",
  "40/random,",
  '40/random,{"a":1}',
  "40/custom?a=b,",
  "40//",
  `40/${"x".repeat(200)}`,
  `40/${"x".repeat(300)}`,
  "4",
  "41",
  '42["message"]',
  "43[]",
  '44{"message":"x"}',
  "45",
  "47",
  "4abc",
  "4 0",
];

/** What is sent after it. */
const AFTER: readonly string[] = [
  '42["message",1,"2",{"3":[true]}]',
  '42["message"]',
  '42["message","z\u00df\u6c34\u{1f98b}\\u0000"]',
  '42["message","\\ud800"]',
  '42["message",1e999,-0,0.1,1E3]',
  '42["message",9007199254740993]',
  '42["message",{"__proto__":1,"constructor":2}]',
  '42["message", 1 , { "a" : 2 } ]',
  '42["message",{"_placeholder":true,"num":0}]',
  '421["message-with-ack"]',
  '420["message-with-ack",1]',
  '42456["message-with-ack",1,"2",{"3":[false]}]',
  '4200["message-with-ack"]',
  '42999999999999999["message-with-ack"]',
  '421234567890123456789["message-with-ack"]',
  '42["message-with-ack",1]',
  '42["unheard"]',
  '421["unheard"]',
  "42[1]",
  '421[1,"a"]',
  '42["error"]',
  '42["__proto__"]',
  '42["constructor"]',
  '42[""]',
  '42/,["message","a"]',
  "42",
  "42[]",
  "42{}",
  '42"message"',
  "42null",
  '42["message"',
  '42["message"]]',
  '42["message"] ',
  '42 ["message"]',
  "42[null]",
  "42[true]",
  '42[["message"]]',
  '42[{"toString":"foo"}]',
  '42["connect"]',
  '42["connect_error"]',
  '42["disconnect"]',
  '42["disconnecting"]',
  '42["newListener"]',
  '42["removeListener"]',
  '42abc["message"]',
  '42-1["message"]',
  '421.5["message"]',
  '42/custom,["message"]',
  '42/custom["message"]',
  '42/random,["message"]',
  '43["nobody asked"]',
  "431[]",
  '43"x"',
  "43",
  "4312",
  "40",
  '40{"a":1}',
  "40/custom",
  "41",
  "41{}",
  "411",
  "41/custom",
  "41/,",
  '44{"message":"x"}',
  '44"x"',
  "45",
  "451",
  "451-",
  '450-["message"]',
  '45["message",1]',
  '45-1-["message",1]',
  '45a-["message"]',
  '451.5-["message"]',
  '4511-["message"]',
  '45100000-["message"]',
  "46",
  "461-",
  "47",
  "4abc",
  "4",
  '42["message",1]\n',
];

/** JSON as deep as Roomlog takes it, and deeper. */
const DEEP = [64, 65].map((depth): readonly [string, string] => {
  const levels = depth - 1;
  return [
    `then JSON of ${depth} levels`,
    `421["message-with-ack",${"[".repeat(levels)}${"]".repeat(levels)}]`,
  ];
});

const hole = (num: unknown) => `{"_placeholder":true,"num":${JSON.stringify(num)}}`;
const ONE = Uint8Array.of(1, 2, 3);
const TWO = Uint8Array.of(4, 5, 6);
const MUCH = new Uint8Array(600_000);

const BINARY: readonly (readonly [string, readonly Frame[]])[] = [
  ["an event", [`452-["message",${hole(0)},${hole(1)}]`, ONE, TWO]],
  ["an event with an ack", [`452-789["message-with-ack",${hole(0)},${hole(1)}]`, ONE, TWO]],
  ["an event of nested bytes", [`451-["message",{"a":[${hole(0)}]}]`, ONE]],
  ["an event of no bytes", [`451-["message",${hole(0)}]`, new Uint8Array()]],
  ["an event whose order is another", [`452-["message",${hole(1)},${hole(0)}]`, ONE, TWO]],
  ["an event that uses one twice", [`451-["message",${hole(0)},${hole(0)}]`, ONE]],
  ["an event that uses none", ['451-["message","a"]', ONE]],
  ["an event that leaves one out", [`452-["message",${hole(0)}]`, ONE, TWO]],
  ["an event that uses one too many", [`451-["message",${hole(0)},${hole(1)}]`, ONE]],
  ["an event with a negative number", [`451-["message",${hole(-1)}]`, ONE]],
  ["an event with a broken number", [`451-["message",${hole(0.5)}]`, ONE]],
  ["an event with a number as text", [`451-["message",${hole("0")}]`, ONE]],
  ["an event with a method's name", [`451-["message",${hole("splice")}]`, ONE]],
  ["an event counted in hexadecimal", [`450x1-["message",${hole(0)}]`, ONE]],
  ["an event counted with an exponent", [`451e0-["message",${hole(0)}]`, ONE]],
  ["an event counted with a space", [`45 1-["message",${hole(0)}]`, ONE]],
  ["an event counted with a zero", [`4501-["message",${hole(0)}]`, ONE]],
  ["more bytes than maxPayload together", [`452-["message",${hole(0)},${hole(1)}]`, MUCH, MUCH]],
  ["text in between", [`452-["message",${hole(0)},${hole(1)}]`, ONE, '42["message"]']],
  ["bytes that nobody announced", [ONE]],
  ["bytes behind those that were", [`451-["message",${hole(0)}]`, ONE, TWO]],
  ["an ack that nobody waits for", [`461-5[${hole(0)}]`, ONE]],
  ["a namespace that was not joined", [`451-/custom,["message",${hole(0)}]`, ONE]],
];

/** A frame as a script's name. */
function nameOf(frame: string): string {
  return frame.length > 80 ? `${frame.slice(0, 12)}… (${frame.length})` : JSON.stringify(frame);
}

const joined = async (stage: Stage) => await (await stage.session()).join();

export const PACKETS: readonly Script[] = [
  ...FIRST.map(
    (frame): Script => ({
      name: `first ${nameOf(frame)}`,
      rule: "ENG-10",
      server: "socket",
      play: async (stage) => (await stage.session()).says(frame),
    }),
  ),
  ...[...AFTER.map((frame) => [`then ${nameOf(frame)}`, frame] as const), ...DEEP].map(
    ([name, frame]): Script => ({
      name,
      rule: "ENG-10",
      server: "socket",
      play: async (stage) => {
        const session = await joined(stage);
        // Where it may have left, another question has to tell that all was taken.
        if (/^41(?!\/custom)/.test(frame)) session.joined = undefined;
        await session.says(frame);
      },
    }),
  ),
  ...BINARY.map(
    ([what, frames]): Script => ({
      name: `binary: ${what}`,
      rule: "ENG-12",
      server: "socket",
      play: async (stage) => (await joined(stage)).says(...frames),
    }),
  ),
];
