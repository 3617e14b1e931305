// What was said before: from the log over the socket, and from the table over HTTP.
import { describe, expect, it } from "vitest";
import type { StoredMessage } from "../src/events.ts";
import { chatRelay, MODERATOR_CODE } from "./support/chat-relay.ts";

type Page = { readonly messages: readonly StoredMessage[]; readonly more: boolean };

describe("history", () => {
  const chat = chatRelay();

  async function page(room: string, query: Record<string, string>): Promise<Page> {
    const response = await fetch(
      `${chat.url}/rooms/${room}/messages?${new URLSearchParams(query)}`,
    );
    expect(response.status).toBe(200);
    return (await response.json()) as Page;
  }

  const texts = ({ messages }: Page) => messages.map(({ text }) => text);

  it("SUB-3 who comes in with rewind gets what was said in the channels named", async () => {
    const room = "history-rewind";
    const ada = await chat.visit({ nick: "Ada", room, channels: ["general", "math"] });
    for (const text of ["one", "two", "three"]) await ada.say(text);
    await ada.say("four", "math");
    const bob = await chat.visit({ nick: "Bob", room, rewind: 3 });
    await bob.until("roomlog:live");
    // The last three of the log, of which one is another channel's.
    expect(bob.texts).toEqual(["two", "three"]);
    await ada.say("five");
    await bob.hears("five");
    expect(bob.texts).toEqual(["two", "three", "five"]);
  });

  it("SUB-4 an offset goes on from there, with what moderators did meanwhile", async () => {
    const room = "history-offset";
    const mo = await chat.visit({ nick: "Mo", room, moderator: MODERATOR_CODE });
    const ada = await chat.visit({ nick: "Ada", room });
    await ada.say("seen");
    await ada.hears("seen");
    const offset = ada.offsetOf("seen");
    ada.socket.disconnect();
    await mo.ask("remove", offset);
    await mo.say("missed");
    const again = await chat.visit({ nick: "Ada", room, clientId: ada.clientId, offset });
    await again.until("roomlog:live");
    const logged = again.seen.filter(({ name }) => name !== "presence");
    expect(logged.map(({ name }) => name)).toEqual(["removed", "message", "roomlog:live"]);
    expect(logged[0]?.what).toEqual({ channel: "general", offset, by: "Mo" });
  });

  it("ROOM-2 pages over HTTP hold one channel's messages, newest first to come", async () => {
    const room = "history-pages";
    const ada = await chat.visit({ nick: "Ada", room, channels: ["general", "math"] });
    for (const n of [1, 2, 3, 4, 5]) {
      await ada.say(`g${n}`);
      await ada.say(`m${n}`, "math");
    }
    await ada.hears("m5");
    const newest = await page(room, { channel: "general", limit: "2" });
    expect(newest).toMatchObject({ more: true });
    expect(newest.messages).toEqual(
      ["g4", "g5"].map((text) => ({
        channel: "general",
        nick: "Ada",
        moderator: false,
        text,
        at: expect.any(Number),
        offset: ada.offsetOf(text),
      })),
    );
    const before = newest.messages[0]?.offset ?? "";
    const middle = await page(room, { channel: "general", limit: "2", before });
    expect([texts(middle), middle.more]).toEqual([["g2", "g3"], true]);
    const last = await page(room, {
      channel: "general",
      limit: "2",
      before: middle.messages[0]?.offset ?? "",
    });
    expect([texts(last), last.more]).toEqual([["g1"], false]);
    expect(texts(await page(room, { channel: "math" }))).toEqual(["m1", "m2", "m3", "m4", "m5"]);
    expect(await page(room, { channel: "empty" })).toEqual({ messages: [], more: false });
  });

  it("ROOM-2 what was removed is in no page, and reading goes on from its place", async () => {
    const room = "history-removed";
    const ada = await chat.visit({ nick: "Ada", room });
    for (const text of ["one", "two", "three"]) await ada.say(text);
    await ada.hears("three");
    const offset = ada.offsetOf("two");
    await ada.ask("remove", offset);
    expect(texts(await page(room, { channel: "general" }))).toEqual(["one", "three"]);
    expect(texts(await page(room, { channel: "general", before: offset }))).toEqual(["one"]);
  });

  it("HTTP what is no such query is refused", async () => {
    const address = `${chat.url}/rooms/history-bad/messages`;
    for (const query of ["", "?channel=No", "?channel=a&limit=0", "?channel=a&limit=x"]) {
      const response = await fetch(address + query);
      expect(response.status, query).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: "invalid" } });
    }
    const post = await fetch(`${address}?channel=a`, { method: "POST" });
    expect(post.status).toBe(405);
  });
});
