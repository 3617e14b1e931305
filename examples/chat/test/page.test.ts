// The chat's page in a real browser, with the browser's own socket.io-client.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../scripts/browser.ts";
import { scrolledSideways } from "../../../test/browser/sideways.ts";
import { chatRelay, MODERATOR_CODE } from "./support/chat-relay.ts";
import { Guest, type GuestOptions } from "./support/guest.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("the chat's page", () => {
  const chat = chatRelay();
  let browser: Browser;
  let guests: Guest[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);

  afterAll(() => browser?.close());

  // Whatever a test is about, nothing may go wrong beside it.
  afterEach(async () => {
    const complaints = guests.flatMap((guest) => guest.complaints);
    await Promise.all(guests.map((guest) => guest.end()));
    guests = [];
    expect(complaints, "errors and foreign requests").toEqual([]);
  });

  async function comesIn(options: GuestOptions): Promise<Guest> {
    const guest = await Guest.comesIn(browser, chat.url, options);
    guests.push(guest);
    return guest;
  }

  it("people see each other, and what they type and say", async () => {
    const room = "page-talk";
    const ada = await comesIn({ nick: "Ada", room });
    const bob = await comesIn({ nick: "Bob", room });
    await expect.poll(() => ada.get("member").allInnerTexts()).toHaveLength(2);

    await ada.get("text").pressSequentially("hi");
    await bob.get("typing").filter({ hasText: "Ada is typing" }).waitFor();
    await ada.write("<b>hello</b>");
    await Promise.all([ada.sees("<b>hello</b>"), bob.sees("<b>hello</b>")]);
    await bob.get("typing").filter({ hasNotText: "Ada" }).waitFor();

    await bob.write("darn it");
    await bob.get("refused").filter({ hasText: `"darn" is not said here` }).waitFor();
    await bob.write("hello Ada");
    await ada.sees("hello Ada");
    expect(await ada.texts()).toEqual(["<b>hello</b>", "hello Ada"]);
    expect(await bob.texts()).toEqual(["<b>hello</b>", "hello Ada"]);
    expect(await bob.get("pending").count()).toBe(0);
  });

  it("channels have their own messages, and say what is unread", async () => {
    const room = "page-channels";
    const ada = await comesIn({ nick: "Ada", room });
    const bob = await comesIn({ nick: "Bob", room });
    for (const guest of [ada, bob]) {
      await guest.get("join-name").fill("math");
      await guest.get("join").click();
      await guest.get("title").filter({ hasText: "# math" }).waitFor();
    }
    await bob.get("channel").filter({ hasText: "general" }).click();
    await ada.write("1 + 1 = 2");
    const math = bob.get("channel").filter({ hasText: "math" });
    await math.filter({ hasText: "1" }).waitFor();
    expect(await bob.texts()).toEqual([]);
    await math.click();
    await bob.sees("1 + 1 = 2");
    expect(await math.textContent()).toBe("# math");

    // Who joins later reads what was said before over HTTP, here after something new has come.
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const prepare = (page: Page) =>
      page.route("**/messages?*", async (route) => {
        await held;
        await route.continue();
      });
    const eve = await comesIn({ nick: "Eve", room, prepare });
    await eve.get("join-name").fill("math");
    await eve.get("join").click();
    await eve.get("title").filter({ hasText: "# math" }).waitFor();
    await ada.write("2 + 2 = 4");
    await eve.sees("2 + 2 = 4");
    goOn();
    await eve.sees("1 + 1 = 2");
    expect(await eve.texts()).toEqual(["1 + 1 = 2", "2 + 2 = 4"]);
  });

  it("SUB-3 a reloaded page shows everything once, also what is older than its replay", async () => {
    const room = "page-history";
    const writer = await chat.visit({ nick: "Writer", room });
    const texts = Array.from({ length: 130 }, (_, n) => `message ${n}.`);
    for (const text of texts) await writer.say(text);
    const ada = await comesIn({ nick: "Ada", room });
    await ada.sees("message 129.");
    expect(await ada.texts()).toEqual(texts.slice(30));
    await ada.get("older").click();
    await ada.sees("message 0.");
    expect(await ada.texts()).toEqual(texts);
    expect(await ada.get("older").isVisible()).toBe(false);

    await ada.page.reload();
    await ada.connected();
    await ada.sees("message 129.");
    await writer.say("after");
    await ada.sees("after");
    expect(await ada.texts()).toEqual([...texts.slice(30), "after"]);
  });

  it("EMIT-2 what was written while the chat was away is posted once, in order", async () => {
    const room = "page-restart";
    const ada = await comesIn({ nick: "Ada", room });
    const bob = await comesIn({ nick: "Bob", room });
    await ada.write("before");
    await bob.sees("before");
    await chat.restart(async () => {
      await ada.get("state").filter({ hasText: "reconnecting" }).waitFor();
      await ada.write("first");
      await ada.write("second");
      await expect.poll(() => ada.get("pending").count()).toBe(2);
    });
    await Promise.all([ada.connected(), bob.connected()]);
    await Promise.all([ada.sees("second"), bob.sees("second")]);
    await bob.write("after");
    await ada.sees("after");
    for (const guest of [ada, bob]) {
      expect(await guest.texts()).toEqual(["before", "first", "second", "after"]);
      // The browser's own words about the server that was not there.
      const away = guest.complaints.filter(
        (text) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(text),
      );
      guest.complaints.splice(0, guest.complaints.length, ...away);
    }
    expect(await ada.get("pending").count()).toBe(0);
  });

  it("EMIT-2 a message whose ack got lost is sent again, and posted once", async () => {
    const room = "page-lost-ack";
    let upgraded = () => {};
    const upgrade = new Promise<void>((resolve) => {
      upgraded = resolve;
    });
    let cuts = 0;
    const prepare = (page: Page) =>
      page.routeWebSocket(/socket\.io/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((frame) => {
          if (frame === "5") upgraded();
          server.send(frame);
        });
        server.onMessage((frame) => {
          // An ack of something that was logged.
          if (cuts === 0 && /^43\d+\[\{"offset"/.test(String(frame))) {
            cuts++;
            void socket.close();
            void server.close();
          } else {
            socket.send(frame);
          }
        });
      });
    const bob = await comesIn({ nick: "Bob", room });
    const ada = await comesIn({ nick: "Ada", room, prepare });
    await upgrade;
    await ada.write("once");
    await bob.sees("once");
    await expect.poll(() => cuts).toBe(1);
    await ada.sees("once");
    await expect.poll(() => ada.get("pending").count()).toBe(0);
    await ada.write("after");
    await Promise.all([ada.sees("after"), bob.sees("after")]);
    expect(await ada.texts()).toEqual(["once", "after"]);
    expect(await bob.texts()).toEqual(["once", "after"]);
  });

  it("a moderator removes, mutes, slows and bans; the page of who is banned says why", async () => {
    const room = "page-moderation";
    const mo = await comesIn({ nick: "Mo", room, code: MODERATOR_CODE });
    const bob = await comesIn({ nick: "Bob", room });
    await bob.write("to be removed");
    await bob.write("stays");
    await Promise.all([mo.sees("stays"), bob.sees("stays")]);
    const message = mo.get("message").filter({ hasText: "to be removed" });
    await message.hover();
    await message.getByTestId("remove").click();
    await expect.poll(() => bob.texts()).toEqual(["stays"]);

    await mo.get("slow").selectOption("3600");
    await bob.get("slow-note").filter({ hasText: "one message every 1 h" }).waitFor();
    await bob.write("too fast");
    await bob.get("refused").filter({ hasText: "slow mode" }).waitFor();

    await mo.get("member").filter({ hasText: "Bob" }).click();
    await mo.get("mute").click();
    await bob.notice("Mo muted Bob until");
    await bob.write("hm");
    await bob.get("refused").filter({ hasText: "you are muted" }).waitFor();

    await mo.get("member").filter({ hasText: "Bob" }).click();
    await mo.get("reason").fill("Enough.");
    await mo.get("ban").click();
    await mo.notice("Mo banned Bob. Enough.");
    await bob.get("refusal").filter({ hasText: "You are banned. Enough." }).waitFor();
    await expect.poll(() => mo.get("member").allInnerTexts()).toHaveLength(1);
  });

  it("ROOM-1 a wrong code and a taken name are told at the door", async () => {
    const room = "page-door";
    await comesIn({ nick: "Ada", room });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${chat.url}/?room=${room}`);
    await page.getByTestId("nick").fill("ada");
    await page.getByTestId("enter").click();
    await page.getByTestId("refusal").filter({ hasText: "somebody else is Ada" }).waitFor();
    await page.getByTestId("nick").fill("Bob");
    await page.getByText("I am a moderator").click();
    await page.getByTestId("code").fill("guessed");
    await page.getByTestId("enter").click();
    await page.getByTestId("refusal").filter({ hasText: "not the moderators' code" }).waitFor();
    await page.getByTestId("code").fill("");
    await page.getByTestId("enter").click();
    await page
      .getByTestId("state")
      .filter({ hasText: /^connected$/ })
      .waitFor();
    await context.close();
  });

  it("on a phone nothing scrolls sideways, and the lists are a drawer", async () => {
    const room = "page-phone";
    const ada = await comesIn({ nick: "Ada", room, browser: PHONE });
    const bob = await comesIn({ nick: "Bob", room, code: MODERATOR_CODE, browser: PHONE });
    const long = "unbreakable".repeat(20);
    await ada.write(long);
    await bob.sees(long);
    await bob.get("slow").selectOption("5");
    await ada.get("slow-note").waitFor();
    for (const guest of [ada, bob]) {
      expect(await guest.page.evaluate(scrolledSideways)).toEqual([]);
      expect(await guest.get("me").isVisible()).toBe(false);
      await guest.get("menu").click();
      await guest.get("me").click({ trial: true });
      expect(await guest.page.evaluate(scrolledSideways)).toEqual([]);
      await guest.get("channel").click();
      await expect.poll(() => guest.get("me").isVisible()).toBe(false);
      for (const name of ["menu", "text", "send"]) {
        await guest.get(name).click({ trial: true });
      }
    }
  });
});
