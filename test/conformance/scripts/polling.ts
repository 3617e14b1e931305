/** Sessions over polling, in a room that echoes Engine.IO's messages. */
import { type PollingSession, roundTrip } from "../support/polling.ts";
import type { PollingActor, Stage } from "../support/stage.ts";
import type { Script } from "./script.ts";

const LARGEST = 1_000_000;

/** Bodies that are posted, each in a session of its own. */
const BODIES: readonly (readonly [string, string])[] = [
  ["a message", "4hello"],
  ["a message without text", "4"],
  ["several messages", "4a\x1e4b\x1e4c"],
  ["text and binary", "4a\x1ebAQIDBA==\x1e4b"],
  ["empty binary", "b"],
  ["any script", "4z\u00df\u6c34\u{1f98b}\0"],
  ["a pong that nobody asked for", "3"],
  ["an open packet", '0{"sid":"x"}'],
  ["a ping", "2"],
  ["an upgrade packet", "5"],
  ["a noop", "6"],
  ["a type of two digits", "44"],
  ["a type that is none", "7"],
  ["letters", "abc"],
  ["nothing", ""],
  ["a separator alone", "\x1e"],
  ["a separator at the end", "4a\x1e"],
  ["a bad packet behind a good one", "4a\x1exyz"],
  ["a good packet behind a bad one", "xyz\x1e4a"],
  ["a close packet", "1"],
  ["a message behind a close packet", "1\x1e4a"],
  ["base64 of other letters", "b!!!!"],
  ["base64 without its padding", "bAQ"],
  ["base64 for URLs", "b-_-_"],
  ["thirty messages", Array.from({ length: 30 }, (_, n) => `4${n}`).join("\x1e")],
  ["the largest body", `4${"x".repeat(LARGEST - 1)}`],
  ["a larger body", `4${"x".repeat(LARGEST)}`],
];

const TYPES: readonly string[] = [
  "text/plain; charset=UTF-8",
  "application/json",
  "application/x-www-form-urlencoded",
  "application/octet-stream",
  "application/octet-stream; charset=binary",
];

const play = (turns: (session: PollingActor, stage: Stage) => Promise<void>) => ({
  rule: "ENG-5",
  server: "engine" as const,
  play: async (stage: Stage) => turns(await stage.polling(), stage),
});

async function giveUp(session: PollingSession): Promise<void> {
  const controller = new AbortController();
  const held = await session.hold({ signal: controller.signal });
  controller.abort();
  await held.answer.catch(() => {});
}

export const POLLING: readonly Script[] = [
  ...BODIES.map(([what, body]) => ({
    name: `POST of ${what}`,
    ...play((session) => session.says(body)),
  })),
  ...TYPES.map((type) => ({
    name: `POST as ${type}`,
    ...play((session) => session.says("4a", { "content-type": type })),
  })),
  {
    name: "POST that says it is compressed",
    ...play((session) => session.says("4a", { "content-encoding": "gzip" })),
  },
  {
    name: "POST of what is not UTF-8",
    ...play(async ({ session }, stage) => {
      const init = { method: "POST", body: Uint8Array.of(0x34, 0xff) };
      await stage.request(session.query, init);
      await stage.request(session.query);
    }),
  },
  ...["PUT", "PATCH", "DELETE"].map((method) => ({
    name: `${method} of a session`,
    ...play(async (session, stage) => {
      await stage.request(session.session.query, { method });
      await session.settle();
    }),
  })),
  {
    name: "GET of a session as another version",
    ...play(async (session, stage) => {
      await stage.request(session.session.query.replace("EIO=4", "EIO=3"));
      await session.settle();
    }),
  },
  {
    name: "GET of a session as a WebSocket, without an upgrade",
    ...play(async (session, stage) => {
      await stage.request(session.session.query.replace("polling", "websocket"));
      await session.settle();
    }),
  },
  {
    name: "GET of a session with its sid twice",
    ...play(async (session, stage) => {
      await session.post("4a");
      await stage.request(`${session.session.query}&sid=${session.sid}`);
    }),
  },
  {
    name: "GET of several messages in one answer",
    ...play(async (session) => {
      await session.post("4a\x1e4b\x1ebAQ==");
      await session.get();
    }),
  },
  {
    name: "GET of thirty messages",
    ...play(async (session) => {
      await session.post(Array.from({ length: 30 }, (_, n) => `4${n}`).join("\x1e"));
      await session.get();
      await session.settle();
    }),
  },
  {
    name: "GET of more than maxPayload",
    ...play(async (session) => {
      for (const letter of "abc") await session.post(`4${letter.repeat(400_000)}`);
      await session.get();
      await session.settle();
    }),
  },
  {
    name: "GET that is held",
    ...play(async (session, stage) => {
      const held = await session.session.hold();
      await session.post("4late");
      stage.write(await stage.answer(held.answer));
    }),
  },
  {
    name: "GET that is held when the client closes",
    ...play(async (session, stage) => {
      const held = await session.session.hold();
      await session.post("1");
      stage.write(await stage.answer(held.answer));
      await session.get();
    }),
  },
  {
    name: "GET that its client gives up, and another",
    ...play(async ({ session }, stage) => {
      await giveUp(session);
      // Whether it finds the first one or its end: both are the same to the client.
      stage.write(String((await session.get()).status));
      await stage.request(session.query);
    }),
  },
  {
    name: "GET that its client gives up, messages for it, and another",
    ...play(async (session) => {
      await giveUp(session.session);
      // Until the news of it must have arrived.
      for (let round = 0; round < 5; round++) await roundTrip(session.session.endpoint);
      await session.post("4one");
      await session.post("4two");
      await session.get();
    }),
  },
  {
    name: "a second GET",
    ...play(async (session, stage) => {
      const held = await session.session.hold();
      await session.get();
      stage.write(await stage.answer(held.answer));
      await session.get();
    }),
  },
  {
    name: "a second POST",
    ...play(async ({ session }, stage) => {
      const posts = [session.halfPost("4on", "e"), session.halfPost("4tw", "o")];
      const answers = posts.map((post) => stage.answer(post.answer));
      // Both are unfinished until one of them is refused as the second.
      await Promise.race(answers);
      for (const post of posts) post.finish();
      for (const answer of (await Promise.all(answers)).sort()) stage.write(`POST ${answer}`);
      await stage.request(session.query);
    }),
  },
];
