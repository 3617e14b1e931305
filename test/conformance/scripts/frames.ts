/** Sessions over WebSocket, in a room that echoes Engine.IO's messages. */
import type { Frame } from "../support/socket.ts";
import type { Script } from "./script.ts";

const LARGEST = 1_000_000;

const SENT: readonly (readonly [string, Frame])[] = [
  ["a message", "4hello"],
  ["a message without text", "4"],
  ["any script", "4z\u00df\u6c34\u{1f98b}\0"],
  ["bytes", Uint8Array.of(0, 1, 255)],
  ["no bytes", new Uint8Array()],
  ["base64", "bAQID"],
  ["a pong that nobody asked for", "3"],
  ["an open packet", '0{"sid":"x"}'],
  ["a close packet", "1"],
  ["a ping", "2"],
  ["a probe", "2probe"],
  ["an upgrade packet", "5"],
  ["a noop", "6"],
  ["a type that is none", "7"],
  ["letters", "abc"],
  ["nothing", ""],
  ["two packets", "4a\x1e4b"],
  ["the largest bytes", new Uint8Array(LARGEST)],
  ["a larger text", `4${"x".repeat(LARGEST)}`],
  ["a larger text in UTF-8", `4${"\u00df".repeat(LARGEST / 2)}`],
  ["more bytes", new Uint8Array(LARGEST + 1)],
];

export const FRAMES: readonly Script[] = SENT.map(([what, frame]) => ({
  name: `a frame with ${what}`,
  rule: "ENG-10",
  server: "engine",
  play: async (stage) => (await stage.session()).says(frame),
}));
