// The chat's Worker stops and starts again: clients come back by themselves, and all still holds.
import { describe, expect, it } from "vitest";
import type { Notice } from "../src/events.ts";
import { chatRelay, MODERATOR_CODE } from "./support/chat-relay.ts";
import type { Visitor } from "./support/visitor.ts";

const STORED = { offset: expect.any(String), duplicate: false };

describe("after a restart", () => {
  const chat = chatRelay();

  /** Resolves when the visitor has lost the connection and has one again. */
  async function back(visitor: Visitor): Promise<void> {
    if (visitor.socket.connected) {
      await new Promise((resolve) => visitor.socket.once("disconnect", resolve));
    }
    await visitor.connected();
  }

  it("ROOM-3 people are still themselves, in their channels, and heard once", async () => {
    const room = "restart-people";
    const mo = await chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE });
    const ada = await chat.visit({ nick: "Ada", room, channels: [] });
    const bob = await chat.visit({ nick: "Bob", room });
    // Joined on the way, so that only the room's memory of it can tell.
    await ada.ask("join", "math");
    await bob.ask("join", "math");
    await bob.say("before", "math");
    await ada.hears("before");
    const { id } = ada.socket;

    const returned = [mo, ada, bob].map(back);
    await chat.restart();
    await Promise.all(returned);
    expect(ada.socket.recovered).toBe(true);
    expect(ada.socket.id).toBe(id);
    await bob.say("after", "math");
    await ada.hears("after");
    expect(ada.texts).toEqual(["before", "after"]);
    const members = [
      { nick: "Ada", moderator: false },
      { nick: "Bob", moderator: false },
    ];
    expect(await ada.ask("join", "math")).toMatchObject({ members });
    expect(await mo.ask("slow", { channel: "math", seconds: 5 }), "still a moderator").toEqual(
      STORED,
    );
  });

  it("ROOM-2 bans, mutes, slow mode and removed messages are what they were", async () => {
    const room = "restart-moderation";
    const mo = await chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE });
    const ada = await chat.visit({ nick: "Ada", room });
    const bob = await chat.visit({ nick: "Bob", room });
    await ada.say("gone");
    await ada.say("kept");
    await ada.hears("kept");
    await ada.ask("remove", ada.offsetOf("gone"));
    await mo.ask("slow", { channel: "general", seconds: 3_600 });
    await mo.ask("mute", { nick: "Ada", seconds: 3_600 });
    const refused = bob.refused();
    await mo.ask("ban", { nick: "Bob", reason: "" });
    await refused;

    const returned = [mo, ada].map(back);
    await chat.restart();
    await Promise.all(returned);
    const again = { nick: "Bob", room, clientId: bob.clientId };
    expect((await chat.refused(again)).data).toEqual({ code: "banned" });
    expect(await ada.say("hm")).toMatchObject({ error: { code: "muted" } });
    expect(await ada.ask("join", "general")).toMatchObject({ slow: 3_600 });
    const answer = await fetch(`${chat.url}/rooms/${room}/messages?channel=general`);
    expect(await answer.json()).toMatchObject({ messages: [{ text: "kept" }], more: false });
  });

  it("ROOM-2 a mute that ran out meanwhile ends when the Worker is there again", async () => {
    const room = "restart-unmute";
    const mo = await chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE });
    const ada = await chat.visit({ nick: "Ada", room });
    await mo.ask("mute", { nick: "Ada", seconds: 1 });
    const { until } = await ada.until<{ until: number }>("notice");
    const returned = [mo, ada].map(back);
    await chat.restart(async () => {
      while (Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await Promise.all(returned);
    await ada.until<Notice>("notice", ({ kind }) => kind === "unmuted");
    expect(await ada.say("free")).toEqual(STORED);
  });

  it("EMIT-2 a message that is sent again is posted once", async () => {
    const room = "restart-retry";
    const ada = await chat.visit({ nick: "Ada", room });
    const bob = await chat.visit({ nick: "Bob", room });
    const key = { idempotencyKey: crypto.randomUUID() };
    const stored = await ada.say("once", "general", key);
    const returned = [ada, bob].map(back);
    await chat.restart();
    await Promise.all(returned);
    expect(await ada.say("once", "general", key)).toEqual({
      ...(stored as object),
      duplicate: true,
    });
    await ada.say("end");
    await bob.hears("end");
    expect(bob.texts).toEqual(["once", "end"]);
  });
});
