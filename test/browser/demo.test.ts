// The demo page in a real browser, with the browser's own socket.io-client.
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../scripts/browser.ts";
import { buildWorker, type Relay, startRelay } from "../../scripts/relay.ts";
import { TemporaryFolder } from "../support/temporary.ts";
import { scrolledSideways } from "./sideways.ts";
import { Visit } from "./visit.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("the demo page", () => {
  let browser: Browser;
  let bundle: string;
  let relay: Relay;
  let state: TemporaryFolder;
  let visits: Visit[] = [];

  beforeAll(async () => {
    state = new TemporaryFolder();
    [browser, bundle] = await Promise.all([launchBrowser(), buildWorker()]);
    relay = await startRelay({ state: state.path, bundle });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await relay?.stop();
    state?.[Symbol.dispose]();
  });

  // Whatever a test is about, nothing may go wrong beside it.
  afterEach(async () => {
    const complaints = visits.flatMap((visit) => visit.complaints);
    await Promise.all(visits.map((visit) => visit.end()));
    visits = [];
    expect(complaints, "errors and foreign requests").toEqual([]);
  });

  async function begin(options?: BrowserContextOptions, url = relay.url): Promise<Visit> {
    const visit = await Visit.begin(browser, url, options);
    visits.push(visit);
    return visit;
  }

  it("ADDR-3 EMIT-1 SUB-1: both panes end on WebSocket, and show each message's offset", async () => {
    const visit = await begin();
    const { ada, grace } = visit;
    await visit.connected();
    await Promise.all([ada.uses("websocket"), grace.uses("websocket")]);

    await ada.write("hello");
    await Promise.all([ada.stored("hello"), grace.stored("hello")]);
    const [stored, ...more] = await visit.log();
    expect(more).toEqual([]);
    expect(stored).toEqual({ offset: stored?.offset, from: "Ada", text: "hello" });
    expect(await ada.messages(), "by the ack").toEqual([{ ...stored, own: true, replayed: false }]);
    expect(await grace.messages()).toEqual([{ ...stored, own: false, replayed: false }]);

    // It began with polling, as the stock client does, and asked nobody but the relay.
    const path = `/rooms/${visit.room}/socket.io/`;
    expect(visit.requests).toEqual(expect.arrayContaining([`http:${path}`, `ws:${path}`]));
  });

  it("SUB-4 SUB-5 SUB-7: what a cut connection missed comes back once, in order", async () => {
    const visit = await begin();
    const { ada, grace, page } = visit;
    await visit.connected();
    await grace.write("before");
    await ada.stored("before");
    expect(await ada.get("recovered").textContent()).toBe("no");

    await ada.cut();
    await grace.write("missed 1");
    await grace.stored("missed 1");
    await grace.write("missed 2");
    await grace.stored("missed 2");
    await visit.publish("missed 3");
    await visit.answer("201");
    await page.locator(".flag[data-pane=a]", { hasText: "3 behind" }).waitFor();
    expect((await ada.messages()).map(({ text }) => text)).toEqual(["before"]);

    await ada.reconnect();
    await ada.notice("3 missed messages came back, in order");
    expect(await ada.get("recovered").textContent()).toBe("yes");
    await grace.write("after");
    await ada.stored("after");

    const log = await visit.log();
    const missed = ["missed 1", "missed 2", "missed 3"];
    expect(log.map(({ text }) => text)).toEqual(["before", ...missed, "after"]);
    expect(await ada.messages()).toEqual(
      log.map((event) => ({ ...event, own: false, replayed: missed.includes(event.text) })),
    );
    expect(await page.locator("#steps [data-done=true]").count(), "steps taken").toBe(3);
  });

  it("SUB-4: a reloaded pane keeps what it showed, and gets what it missed once", async () => {
    const visit = await begin();
    const { ada, grace } = visit;
    await visit.connected();
    await grace.write("before");
    await ada.stored("before");
    await ada.write("her own");
    await Promise.all([ada.stored("her own"), grace.stored("her own")]);
    await ada.cut();
    await grace.write("while cut");
    await grace.stored("while cut");

    const goOn = await ada.reloadSlowly();
    await grace.write("while reloading");
    await grace.stored("while reloading");
    await goOn();
    await ada.notice("2 missed messages came back, in order");
    await grace.write("after");
    await ada.stored("after");

    const missed = ["while cut", "while reloading"];
    const log = await visit.log();
    expect(log.map(({ text }) => text)).toEqual(["before", "her own", ...missed, "after"]);
    expect(await ada.messages()).toEqual(
      log.map((event) => ({
        ...event,
        own: event.from === "Ada",
        replayed: missed.includes(event.text),
      })),
    );
  });

  it("EMIT-2: what was written without a connection is stored once, also over a reload", async () => {
    const visit = await begin();
    const { ada, grace } = visit;
    await visit.connected();
    await ada.cut();
    await ada.write("still to be sent");
    await ada.get("message").filter({ hasText: "waiting" }).waitFor();
    await ada.get("reload").click();
    await Promise.all([ada.stored("still to be sent"), grace.stored("still to be sent")]);
    await grace.write("after");
    await ada.stored("after");

    const log = await visit.log();
    expect(log.map(({ text }) => text)).toEqual(["still to be sent", "after"]);
    for (const pane of [ada, grace]) {
      expect(await pane.messages()).toMatchObject(log);
    }
  });

  it("HTTP-1: publishing shows 201 and the offset, repeating it that it is a duplicate", async () => {
    const visit = await begin();
    const { ada, grace, page } = visit;
    await visit.connected();
    await visit.publish("shipped");
    const first = await visit.answer("201");
    await Promise.all([ada.stored("shipped"), grace.stored("shipped")]);
    const [stored] = await visit.log();
    expect(first).toContain(`Stored at ${stored?.offset}`);
    expect(first).toContain('"duplicate": false');

    await page.getByTestId("publish-again").click();
    const again = await visit.answer("200");
    expect(again).toContain("recognised, not stored twice");
    expect(again).toContain(`"offset": "${stored?.offset}", "duplicate": true`);

    // Were it sent twice, the second would come before this one.
    await visit.publish("delivered");
    await visit.answer("201");
    await Promise.all([ada.stored("delivered"), grace.stored("delivered")]);
    const log = await visit.log();
    expect(log.map(({ text }) => text)).toEqual(["shipped", "delivered"]);
    for (const pane of [ada, grace]) {
      expect(await pane.messages()).toEqual(
        log.map((event) => ({ ...event, from: "backend", own: false, replayed: false })),
      );
    }
  });

  it("on a phone nothing scrolls sideways, and every control can be reached", async () => {
    const visit = await begin(PHONE);
    const { ada, grace, page } = visit;
    await visit.connected();
    // The widest that it has to show.
    const long = "unbreakable".repeat(20);
    await grace.write(long);
    await ada.stored(long);
    await ada.cut();
    await visit.publish(long);
    await visit.answer("201");

    // Only the command to copy keeps its lines.
    expect(await page.evaluate(scrolledSideways)).toEqual(["pre"]);
    for (const pane of [ada, grace]) {
      const root = pane.frame.locator("html");
      expect(await root.evaluate(scrolledSideways)).toEqual([]);
    }

    const own = page.locator("a, button, input");
    const controls = [
      own,
      ada.frame.locator("button, input"),
      grace.frame.locator("button, input"),
    ];
    const all = (await Promise.all(controls.map((each) => each.all()))).flat();
    const { width } = PHONE.viewport;
    let reached = 0;
    for (const control of all) {
      // Of a stored message.
      if (await control.isHidden()) continue;
      const name = await control.evaluate((element) => element.outerHTML.slice(0, 80));
      await control.click({ trial: true });
      const box = await control.boundingBox();
      expect(box?.x, name).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0), name).toBeLessThanOrEqual(width);
      reached++;
    }
    // Four in the masthead, four to publish, and five in each pane.
    expect(reached).toBe(18);
  });

  it("AUTH-3: on a closed relay the page says so, and what to do", async () => {
    using closedState = new TemporaryFolder();
    const closed = await startRelay({ state: closedState.path, bindings: {}, bundle });
    try {
      const visit = await begin({}, closed.url);
      const { ada, grace } = visit;
      for (const pane of [ada, grace]) {
        await pane.becomes("refused");
        await pane.notice("this relay is closed. Set the secret API_KEYS");
      }
      expect(await visit.page.locator(".flag").filter({ visible: true }).count()).toBe(0);
      await visit.publish("anyone there?");
      expect(await visit.answer("401")).toContain("Set the secret API_KEYS");

      // The browser itself logs these: one try by each pane, one publish.
      const refused = expect.stringMatching(/^Failed to load resource: .* status of 40[13] /);
      await expect.poll(() => visit.complaints).toEqual([refused, refused, refused]);
      visit.complaints.length = 0;
    } finally {
      await closed.stop();
    }
  });
  it("the tests notice errors and foreign requests, of the page and of its panes", async () => {
    const visit = await begin();
    const { ada, page, complaints } = visit;
    await visit.connected();
    await page.evaluate(() => console.error("an error on the console"));
    await ada.frame.locator("body").evaluate(() => {
      queueMicrotask(() => {
        throw new Error("an error in a pane");
      });
    });
    // The same relay by another name, and not from the page, whose policy forbids it.
    const foreign = `${relay.url.replace("localhost", "127.0.0.1")}/healthz`;
    await page.goto(foreign);
    await expect
      .poll(() => complaints.toSorted())
      .toEqual(["Error: an error in a pane", "an error on the console", `requested ${foreign}`]);
    complaints.length = 0;
  });
});
