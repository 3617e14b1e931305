// Who hears what, who is there, and what may not be said.
import { describe, expect, it } from "vitest";
import type { Message } from "../src/events.ts";
import { chatRelay, MODERATOR_CODE } from "./support/chat-relay.ts";

const STORED = { offset: expect.any(String), duplicate: false };
const refusal = (code: string) => ({ error: { code, message: expect.any(String) } });

describe("talking", () => {
  const chat = chatRelay();

  it("ROOM-2 a message is heard in its channel, by its author too, and nowhere else", async () => {
    const room = "talk-channels";
    const ada = await chat.visit({ nick: "Ada", room, channels: ["general", "math"] });
    const bob = await chat.visit({ nick: "Bob", room, channels: ["general"] });
    const eve = await chat.visit({ nick: "Eve", room, channels: ["math"] });

    expect(await ada.say("to general")).toEqual(STORED);
    expect(await ada.say("to math", "math")).toEqual(STORED);
    await Promise.all([ada.hears("to math"), eve.hears("to math")]);
    const heard = await bob.hears("to general");
    expect(heard).toEqual({
      channel: "general",
      nick: "Ada",
      moderator: false,
      text: "to general",
      at: expect.any(Number),
    } satisfies Message);

    expect(await bob.say("to both", "general")).toEqual(STORED);
    await ada.hears("to both");
    await eve.say("last", "math");
    await ada.hears("last");
    expect(ada.texts).toEqual(["to general", "to math", "to both", "last"]);
    expect(bob.texts).toEqual(["to general", "to both"]);
    expect(eve.texts).toEqual(["to math", "last"]);
  });

  it("ROOM-2 joining and leaving change what is heard, and who is seen", async () => {
    const room = "talk-join";
    const ada = await chat.visit({ nick: "Ada", room, channels: ["den"] });
    const bob = await chat.visit({ nick: "Bob", room, channels: [] });
    expect(await bob.say("let me in", "den")).toEqual(refusal("not_joined"));
    await ada.say("before Bob", "den");

    const members = [
      { nick: "Ada", moderator: false },
      { nick: "Bob", moderator: false },
    ];
    expect(await bob.ask("join", "den")).toEqual({ channel: "den", members, slow: 0 });
    const sees = (...nicks: string[]) =>
      ada.until<{ members: { nick: string }[] }>(
        "presence",
        (presence) => presence.members.map(({ nick }) => nick).join() === nicks.join(),
      );
    await sees("Ada", "Bob");
    await ada.say("with Bob", "den");
    await bob.hears("with Bob");
    expect(await bob.ask("leave", "den")).toEqual({ left: "den" });
    await sees("Ada");
    await ada.say("without Bob", "den");
    expect(await bob.ask("join", "den")).toMatchObject({ members });
    await ada.say("with Bob again", "den");
    await bob.hears("with Bob again");
    expect(bob.texts).toEqual(["with Bob", "with Bob again"]);
  });

  it("ROOM-2 the list shows each person once, and forgets whoever is gone", async () => {
    const room = "talk-presence";
    const clientId = crypto.randomUUID();
    const ada = await chat.visit({ nick: "Ada", room });
    const mod = await chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE });
    const tabs = [
      await chat.visit({ nick: "Bob", room, clientId }),
      await chat.visit({ nick: "Bob", room, clientId }),
    ];
    const list = async () => (await ada.ask("join", "general")) as { members: unknown };
    const [alone, together] = [
      [
        { nick: "Ada", moderator: false },
        { nick: "Mo", moderator: true },
      ],
      [
        { nick: "Ada", moderator: false },
        { nick: "Bob", moderator: false },
        { nick: "Mo", moderator: true },
      ],
    ];
    expect((await list()).members).toEqual(together);
    tabs[0]?.socket.disconnect();
    await mod.say("one tab closed");
    expect((await list()).members).toEqual(together);
    ada.seen.length = 0;
    tabs[1]?.socket.disconnect();
    expect(await ada.until("presence")).toEqual({ channel: "general", members: alone });
  });

  it("EMIT-7 typing is seen by others in the channel, and is not in the log", async () => {
    const room = "talk-typing";
    const ada = await chat.visit({ nick: "Ada", room });
    const bob = await chat.visit({ nick: "Bob", room });
    const eve = await chat.visit({ nick: "Eve", room, channels: ["math"] });
    expect(await ada.ask("typing", "general")).toEqual({ offset: null, ephemeral: true });
    expect(await bob.until("typing")).toEqual({ channel: "general", nick: "Ada" });
    await ada.say("typed");
    await bob.hears("typed");
    expect(await eve.ask("typing", "general")).toEqual(refusal("not_joined"));

    const late = await chat.visit({ nick: "Late", room, rewind: 10 });
    await late.until("roomlog:live");
    const names = (seen: readonly { name: string }[]) => seen.map(({ name }) => name);
    expect(names(late.seen).filter((name) => name !== "presence")).toEqual([
      "message",
      "roomlog:live",
    ]);
    for (const { seen } of [ada, eve]) expect(names(seen)).not.toContain("typing");
  });

  it("ROOM-2 what may not be said is refused, and nobody hears it", async () => {
    const room = "talk-refused";
    const ada = await chat.visit({ nick: "Ada", room });
    const bob = await chat.visit({ nick: "Bob", room });
    for (const [text, code] of [
      ["  ", "empty"],
      ["x".repeat(501), "too_long"],
      ["well, DARN it", "bad_word"],
      ["what the ｈｅｃｋ", "bad_word"],
    ] as const) {
      expect(await ada.say(text), text).toEqual(refusal(code));
    }
    expect(await ada.ask("say", "just a string")).toEqual(refusal("invalid"));
    expect(await ada.say("hello", "No Such Channel!")).toEqual(refusal("invalid"));
    expect(await ada.ask("shout", "hello")).toMatchObject({ error: {} });
    // Part of another word, and of the longest that may be.
    expect(await ada.say(` darning ${"x".repeat(490)} `)).toEqual(STORED);
    await bob.hears(`darning ${"x".repeat(490)}`);
    expect(bob.texts).toHaveLength(1);
  });

  it("EMIT-2 a retry of a message is recognised, also from a new page", async () => {
    const room = "talk-retry";
    const clientId = crypto.randomUUID();
    const key = { idempotencyKey: crypto.randomUUID() };
    const ada = await chat.visit({ nick: "Ada", room, clientId });
    const bob = await chat.visit({ nick: "Bob", room });
    const first = await ada.say("once", "general", key);
    expect(first).toEqual(STORED);
    expect(await ada.say("once", "general", key)).toEqual({
      ...(first as object),
      duplicate: true,
    });
    ada.socket.disconnect();

    const again = await chat.visit({ nick: "Ada", room, clientId });
    expect(await again.say("once", "general", key)).toEqual({
      ...(first as object),
      duplicate: true,
    });
    expect(await again.say("something else", "general", key)).toEqual(refusal("key_reused"));
    await again.say("after");
    await bob.hears("after");
    expect(bob.texts).toEqual(["once", "after"]);
  });

  it("ROOM-2 who comes in needs a nickname of their own", async () => {
    const room = "talk-nicks";
    await chat.visit({ nick: "Ada", room });
    const clientId = crypto.randomUUID();
    for (const [options, code] of [
      [{ nick: "ada" }, "nick_taken"],
      [{ nick: " " }, "invalid"],
      [{ nick: "<b>" }, "invalid"],
      [{ nick: "Bob", channels: ["#no"] }, "invalid"],
    ] as const) {
      const { message, data } = await chat.refused({ room, ...options });
      expect(data, options.nick).toEqual({ code });
      expect(message).not.toBe("");
    }
    // The same person may take another one, and come back to it.
    for (const nick of ["Bob", "Robert", "Bob"]) {
      const bob = await chat.visit({ nick, room, clientId });
      bob.socket.disconnect();
    }
  });

  it("AUTH-3 the log is neither read nor written over HTTP without a key", async () => {
    const room = "talk-http";
    const event = { event: "message", args: [{ channel: "general", text: "darn" }] };
    const post = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(event),
    };
    for (const path of ["events", "%65vents", "events/"]) {
      expect((await fetch(`${chat.url}/rooms/${room}/${path}`, post)).status, path).toBe(401);
      expect((await fetch(`${chat.url}/rooms/${room}/${path}`)).status, path).toBe(401);
    }
    const signed = { ...post, headers: { ...post.headers, authorization: "Bearer a.b" } };
    expect((await fetch(`${chat.url}/rooms/${room}/events`, signed)).status).toBe(401);
    expect((await fetch(`${chat.url}/healthz`)).status).toBe(200);
  });
});
