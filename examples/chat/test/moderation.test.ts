// What moderators may do, and that it holds.
import { describe, expect, it } from "vitest";
import type { Notice } from "../src/events.ts";
import { chatRelay, MODERATOR_CODE } from "./support/chat-relay.ts";
import type { Visitor } from "./support/visitor.ts";

const STORED = { offset: expect.any(String), duplicate: false };
const refusal = (code: string) => ({ error: { code, message: expect.any(String) } });

describe("moderating", () => {
  const chat = chatRelay();

  /** A moderator and two others in a room of their own. */
  async function gather(room: string) {
    const [mo, ada, bob] = await Promise.all([
      chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE }),
      chat.visit({ nick: "Ada", room }),
      chat.visit({ nick: "Bob", room }),
    ]);
    return { mo, ada, bob };
  }

  const notice = (visitor: Visitor, kind: Notice["kind"]) =>
    visitor.until<Notice>("notice", (seen) => seen.kind === kind);

  it("ROOM-1 who claims to be a moderator needs the code", async () => {
    const { data } = await chat.refused({ nick: "Eve", room: "mod-code", moderator: "guessed" });
    expect(data).toEqual({ code: "wrong_code" });
    const { mo, ada } = await gather("mod-code");
    for (const [event, what] of [
      ["mute", { nick: "Bob", seconds: 60 }],
      ["unmute", "Bob"],
      ["ban", { nick: "Bob", reason: "" }],
      ["unban", "Bob"],
      ["slow", { channel: "general", seconds: 60 }],
    ] as const) {
      expect(await ada.ask(event, what), event).toEqual(refusal("not_moderator"));
    }
    for (const [event, what, code] of [
      ["mute", { nick: "Nobody", seconds: 60 }, "nobody"],
      ["mute", { nick: "Mo", seconds: 60 }, "yourself"],
      ["mute", { nick: "Bob", seconds: 0.5 }, "invalid"],
      ["ban", { nick: "Mo", reason: "" }, "yourself"],
      ["ban", "Bob", "invalid"],
      ["slow", { channel: "general", seconds: -1 }, "invalid"],
    ] as const) {
      expect(await mo.ask(event, what), event).toEqual(refusal(code));
    }
    // Nothing came of any of it.
    expect(await ada.say("still free to speak")).toEqual(STORED);
    await mo.hears("still free to speak");
    expect(mo.seen.filter(({ name }) => name === "notice")).toEqual([]);
  });

  it("ROOM-2 the muted can't speak in any channel, until that ends by itself", async () => {
    const { mo, ada, bob } = await gather("mod-mute");
    expect(await mo.ask("mute", { nick: "bob", seconds: 1 })).toEqual(STORED);
    expect(await bob.say("hm")).toEqual(refusal("muted"));
    expect(await bob.ask("typing", "general")).toEqual(refusal("muted"));
    await bob.ask("join", "math");
    expect(await bob.say("hm", "math")).toEqual(refusal("muted"));
    expect(await notice(ada, "muted")).toEqual({
      kind: "muted",
      nick: "Bob",
      by: "Mo",
      until: expect.any(Number),
    });
    expect(await notice(bob, "unmuted")).toEqual({ kind: "unmuted", nick: "Bob" });
    expect(await bob.say("at last")).toEqual(STORED);
    await ada.hears("at last");
    expect(ada.texts).toEqual(["at last"]);
  });

  it("ROOM-2 a mute that was ended, or made anew, does not end at its old time", async () => {
    const { mo, bob } = await gather("mod-mute-again");
    await mo.ask("mute", { nick: "Bob", seconds: 1 });
    expect(await mo.ask("unmute", "Bob")).toEqual(STORED);
    expect(await bob.say("free")).toEqual(STORED);
    await mo.ask("mute", { nick: "Bob", seconds: 3_600 });
    // Somebody else's is over a second after it, and so after the old time of his.
    await mo.ask("mute", { nick: "Ada", seconds: 1 });
    await bob.until<Notice>("notice", (seen) => seen.kind === "unmuted" && seen.nick === "Ada");
    expect(await bob.say("hm")).toEqual(refusal("muted"));
    const ends = bob.seen.filter(({ what }) => (what as Notice).kind === "unmuted");
    expect(ends.map(({ what }) => what)).toEqual([
      { kind: "unmuted", nick: "Bob" },
      { kind: "unmuted", nick: "Ada" },
    ]);
  });

  it("ROOM-2 the banned are thrown out of every tab, and told why when they come back", async () => {
    const { mo, ada, bob } = await gather("mod-ban");
    const tab = await chat.visit({ nick: "Bob", room: "mod-ban", clientId: bob.clientId });
    const refused = [bob.refused(), tab.refused()];
    expect(await mo.ask("ban", { nick: "Bob", reason: "spam" })).toEqual(STORED);
    for (const { message, data } of await Promise.all(refused)) {
      expect(message).toBe("You are banned. spam");
      expect(data).toEqual({ code: "banned" });
    }
    expect(await notice(ada, "banned")).toEqual({
      kind: "banned",
      nick: "Bob",
      by: "Mo",
      reason: "spam",
    });
    // Under another name either.
    const renamed = { nick: "Robert", room: "mod-ban", clientId: bob.clientId };
    expect((await chat.refused(renamed)).data).toEqual({ code: "banned" });

    expect(await mo.ask("unban", "Bob")).toEqual(STORED);
    const back = await chat.visit({ nick: "Bob", room: "mod-ban", clientId: bob.clientId });
    expect(await back.say("thanks")).toEqual(STORED);
  });

  it("ROOM-2 slow mode holds for each person, and not for moderators", async () => {
    const { mo, ada, bob } = await gather("mod-slow");
    expect(await mo.ask("slow", { channel: "general", seconds: 3_600 })).toEqual(STORED);
    expect(await ada.ask("join", "general")).toMatchObject({ slow: 3_600 });
    expect(await ada.say("one")).toEqual(STORED);
    expect(await ada.say("two")).toEqual(refusal("slow_mode"));
    expect(await bob.say("three")).toEqual(STORED);
    expect(await mo.say("four")).toEqual(STORED);
    expect(await mo.say("five")).toEqual(STORED);
    // Only that channel is slow.
    await ada.ask("join", "math");
    expect(await ada.say("six", "math")).toEqual(STORED);

    await mo.ask("slow", { channel: "general", seconds: 0 });
    expect(await ada.say("seven")).toEqual(STORED);
    await bob.hears("seven");
    expect(bob.texts).toEqual(["one", "three", "four", "five", "seven"]);
  });

  it("ROOM-2 a refused retry may pass later, and is then posted once", async () => {
    const { mo, ada, bob } = await gather("mod-retry");
    const key = { idempotencyKey: "k1" };
    await mo.ask("mute", { nick: "Ada", seconds: 3_600 });
    expect(await ada.say("patience", "general", key)).toEqual(refusal("muted"));
    await mo.ask("unmute", "Ada");
    expect(await ada.say("patience", "general", key)).toEqual(STORED);
    // What is in the log is answered from there, whatever was decided since.
    await mo.ask("mute", { nick: "Ada", seconds: 3_600 });
    expect(await ada.say("patience", "general", key)).toMatchObject({ duplicate: true });
    await mo.say("end");
    await bob.hears("end");
    expect(bob.texts).toEqual(["patience", "end"]);
  });

  it("ROOM-2 a message is removed by its author or a moderator, for all", async () => {
    const { mo, ada, bob } = await gather("mod-remove");
    await ada.say("of Ada");
    await bob.say("of Bob");
    await bob.say("stays");
    await ada.hears("stays");
    const [ofAda, ofBob] = [ada.offsetOf("of Ada"), ada.offsetOf("of Bob")];
    expect(await ada.ask("remove", ofBob)).toEqual(refusal("not_moderator"));
    expect(await ada.ask("remove", ofAda)).toEqual(STORED);
    expect(await mo.ask("remove", ofBob)).toEqual(STORED);
    expect(await mo.ask("remove", ofBob)).toEqual(refusal("no_message"));
    expect(await mo.ask("remove", "zzzzzzzz-1")).toEqual(refusal("no_message"));

    for (const [offset, by] of [
      [ofAda, "Ada"],
      [ofBob, "Mo"],
    ] as const) {
      for (const visitor of [mo, ada, bob]) {
        const removed = await visitor.until<{ offset: string }>(
          "removed",
          (seen) => seen.offset === offset,
        );
        expect(removed).toEqual({ channel: "general", offset, by });
      }
    }
  });
});
