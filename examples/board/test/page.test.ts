// The page in a real browser: two people on one board.
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../scripts/browser.ts";
import { scrolledSideways } from "../../../test/browser/sideways.ts";
import { TcpProxy } from "../../../test/support/tcp-proxy.ts";
import { Boards, when } from "./support/boards.ts";
import { Visitor } from "./support/visitor.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("the page", () => {
  let browser: Browser;
  let boards: Boards;
  let visitors: Visitor[] = [];
  let board = "";
  let number = 0;

  beforeAll(async () => {
    [browser, boards] = await Promise.all([launchBrowser(), Boards.start()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await boards?.[Symbol.asyncDispose]();
  });

  // Whatever a test is about, nothing may go wrong beside it.
  afterEach(async () => {
    const complaints = visitors.flatMap((visitor) => visitor.complaints);
    await Promise.all(visitors.map((visitor) => visitor.close()));
    visitors = [];
    boards.release();
    expect(complaints, "errors and foreign requests").toEqual([]);
  });

  async function open(
    name: string,
    options?: BrowserContextOptions,
    url = boards.url,
  ): Promise<Visitor> {
    const visitor = await Visitor.open(browser, url, board, name, options);
    visitors.push(visitor);
    return visitor;
  }

  async function pair(options?: BrowserContextOptions): Promise<[Visitor, Visitor]> {
    board = `page-${number++}`;
    return [await open("Ada", options), await open("Grace")];
  }

  it("a drag in one page is seen in the other: who drags while it lasts, and where it ends", async () => {
    const [ada, grace] = await pair();
    await ada.add("drag me");
    await grace.note("drag me").waitFor();
    const start = await ada.placeOf("drag me");
    const { x, y } = await ada.middleOf("drag me");
    const { mouse } = ada.page;
    await mouse.move(x, y);
    await mouse.down();
    await mouse.move(x + 60, y + 10, { steps: 5 });
    await mouse.move(x + 120, y + 40, { steps: 5 });

    const held = grace.note("drag me").and(grace.page.locator(".taken"));
    await held.locator(".holder", { hasText: "Ada" }).waitFor();
    await expect.poll(() => grace.placeOf("drag me")).not.toEqual(start);
    await grace.page.locator("[data-testid=cursor][data-name=Ada]").waitFor();
    expect(await boards.stored(board), "not yet put down").toMatchObject([start]);

    await mouse.up();
    const end = { x: start.x + 120, y: start.y + 40 };
    await expect.poll(() => grace.placeOf("drag me")).toEqual(end);
    await held.waitFor({ state: "detached" });
    await expect.poll(() => boards.stored(board)).toMatchObject([end]);
    expect(await ada.placeOf("drag me")).toEqual(end);
  });

  it("a note that somebody holds stays where it is, and the page says why", async () => {
    const [ada] = await pair();
    await ada.add("not yours");
    const bob = await boards.joined(board, "Bob");
    const [note] = bob.model.notes;
    if (note === undefined) throw new Error("Bob sees no note");
    await ada.page.keyboard.press("Escape");
    await expect.poll(async () => (await bob.lock(note.id)).error?.code).toBeUndefined();
    await ada.note("not yours").and(ada.page.locator(".taken")).waitFor();

    const { x, y } = await ada.middleOf("not yours");
    await ada.page.mouse.move(x, y);
    await ada.page.mouse.down();
    await ada.page.mouse.move(x + 90, y + 90, { steps: 4 });
    await ada.page.getByTestId("toasts").getByText("Bob is holding the note").waitFor();
    await expect.poll(() => ada.placeOf("not yours")).toEqual({ x: note.x, y: note.y });
    await ada.page.mouse.up();
    await ada.note("not yours").dblclick();
    await ada.page.getByTestId("editor").waitFor({ state: "detached" });
    expect(await boards.stored(board)).toEqual([note]);
  });

  it("all can be done by keys alone", async () => {
    const [ada, grace] = await pair();
    const { keyboard } = ada.page;
    await ada.page.locator("body").press("n");
    await keyboard.type("by keys");
    await keyboard.press("Control+Enter");
    await grace.note("by keys").waitFor();
    const { x, y } = await grace.placeOf("by keys");
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    await keyboard.press("Shift+ArrowDown");
    await expect.poll(() => boards.stored(board)).toMatchObject([{ x: x + 24, y: y + 60 }]);
    await keyboard.press("Enter");
    await keyboard.press("Control+A");
    await keyboard.type("changed");
    await keyboard.press("Control+Enter");
    await grace.note("changed").waitFor();
    await keyboard.press("Delete");
    await grace.note("changed").waitFor({ state: "detached" });
    await keyboard.press("Control+Z");
    await grace.note("changed").waitFor();
    expect(await boards.folded(board)).toEqual(await boards.stored(board));
  });

  it("on a phone nothing scrolls sideways but the board, and a finger drags a note", async () => {
    const [ada, grace] = await pair(PHONE);
    await ada.add("unbreakable".repeat(20));
    await ada.page.getByTestId("selected").waitFor();
    const start = await ada.placeOf("unbreakable");
    const from = await ada.middleOf("unbreakable");
    const [over, to] = [
      { x: from.x - 30, y: from.y - 30 },
      { x: from.x - 40, y: from.y - 70 },
    ];
    await ada.swipe(from, over, to);
    const end = { x: start.x - 40, y: start.y - 70 };
    await expect.poll(() => grace.placeOf("unbreakable")).toEqual(end);
    await expect.poll(() => boards.stored(board)).toMatchObject([end]);
    // The last, because it leaves the board scrolled.
    expect(await ada.page.evaluate(scrolledSideways)).toEqual(["main"]);
    for (const button of await ada.page.locator("button, a, input").all()) {
      const box = await button.boundingBox();
      const name = await button.evaluate((element) => element.outerHTML);
      expect(box?.x, name).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 1_000), name).toBeLessThanOrEqual(390);
      await button.click({ trial: true });
    }
  });

  it("EMIT-2: what was changed while the relay was away is there afterwards, once", async () => {
    const [ada, grace] = await pair();
    await ada.add("before");
    await grace.note("before").waitFor();
    await boards.restart(async () => {
      await ada.page.locator("#state[data-state=connecting]").waitFor();
      await ada.page.getByTestId("add").click();
      await ada.page.getByTestId("editor").fill("meanwhile");
      await ada.page.getByTestId("editor").press("Control+Enter");
      await ada.note("meanwhile").waitFor();
    });
    await Promise.all([ada.live(), grace.live()]);
    await grace.note("meanwhile").waitFor();
    const created = (await boards.log(board)).filter(({ event }) => event === "created");
    expect(created).toHaveLength(2);
    for (const visitor of [ada, grace]) visitor.forgetOutage();
    const bob = await boards.joined(board, "Bob");
    await when(bob, () => bob.model.confirmed.length === 2);
  });

  it("who comes back with text for a note that has changed is told, and may use theirs", async () => {
    board = `page-${number++}`;
    await using proxy = await TcpProxy.start(boards.url);
    const ada = await open("Ada", {}, proxy.url);
    await ada.add("first");
    const bob = await boards.joined(board, "Bob");
    const [note] = bob.model.notes;
    if (note === undefined) throw new Error("Bob sees no note");
    await ada.note("first").dblclick();
    await when(bob, () => bob.locks.of(note.id)?.name === "Ada");

    proxy.down = true;
    proxy.cut("close");
    await ada.page.locator("#state[data-state=connecting]").waitFor();
    await when(bob, () => bob.locks.of(note.id) === undefined);
    expect(await bob.onNote("edit", note.id, { text: "his" })).not.toHaveProperty("error");
    await ada.page.getByTestId("editor").fill("hers");
    await ada.page.getByTestId("editor").press("Control+Enter");
    await ada.note("hers").waitFor();

    proxy.down = false;
    const toast = ada.page.getByTestId("toasts");
    await toast.getByText("Bob has changed the note meanwhile").waitFor();
    await ada.note("his").waitFor();
    await toast.getByRole("button", { name: "Use my text" }).click();
    await ada.note("hers").waitFor();
    await when(bob, () => bob.model.get(note.id)?.text === "hers");
    expect(await boards.stored(board)).toMatchObject([{ text: "hers", by: "Ada" }]);
    ada.forgetOutage();
  });
});
