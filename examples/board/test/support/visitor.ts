// Somebody with the page in a browser of their own, in which nothing may go wrong unseen.
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 10_000;

export class Visitor {
  readonly page: Page;
  /** Errors on the console, errors thrown, and requests to another host than the relay. */
  readonly complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.context().on("weberror", (error) => this.complaints.push(String(error.error())));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    const { host } = new URL(origin);
    const requested = (address: string) => {
      if (new URL(address).host !== host) this.complaints.push(`requested ${address}`);
    };
    page.on("request", (request) => requested(request.url()));
    page.on("websocket", (socket) => requested(socket.url()));
  }

  /** Opens a board under this name, and waits for what is on it. */
  static async open(
    browser: Browser,
    origin: string,
    board: string,
    name: string,
    options?: BrowserContextOptions,
  ): Promise<Visitor> {
    const context = await browser.newContext(options);
    const visitor = new Visitor(await context.newPage(), origin);
    await visitor.page.goto(`${origin}/?board=${board}`);
    await visitor.live();
    await visitor.page.getByTestId("name").fill(name);
    await visitor.page.getByTestId("name").press("Enter");
    return visitor;
  }

  async live(): Promise<void> {
    await this.page.locator("#state[data-state=live]").waitFor();
  }

  /** The note of this text. */
  note(text: string): Locator {
    return this.page.getByTestId("note").filter({ hasText: text });
  }

  async add(text: string): Promise<void> {
    await this.page.getByTestId("add").click();
    await this.page.getByTestId("editor").fill(text);
    await this.page.getByTestId("editor").press("Control+Enter");
    await this.note(text).waitFor();
  }

  /** Where on the board a note is shown. */
  async placeOf(text: string): Promise<{ x: number; y: number }> {
    const translate = await this.note(text).evaluate((note) => note.style.translate);
    const [x = Number.NaN, y = 0] = translate.split(" ").map(Number.parseFloat);
    return { x, y };
  }

  /** The middle of what is seen of a note, in the window. */
  async middleOf(text: string): Promise<{ x: number; y: number }> {
    const box = await this.note(text).boundingBox();
    if (box === null) throw new Error(`${text} can't be seen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** A finger: presses, moves to each point, and lifts. */
  async swipe(from: { x: number; y: number }, ...to: { x: number; y: number }[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const touch = (
      type: "touchStart" | "touchMove" | "touchEnd",
      points: { x: number; y: number }[],
    ) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [from]);
    for (const point of to) await touch("touchMove", [point]);
    await touch("touchEnd", []);
    await session.detach();
  }

  /** The browser itself complains of each try to connect that failed. */
  forgetOutage(): void {
    const others = this.complaints.filter((text) => !/net::ERR_|^WebSocket connection/.test(text));
    this.complaints.splice(0, Number.POSITIVE_INFINITY, ...others);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
