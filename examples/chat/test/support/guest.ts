// Somebody at the chat's page, in a browser of their own, in which nothing may go wrong unseen.
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 15_000;

export type GuestOptions = {
  readonly nick: string;
  readonly room: string;
  readonly code?: string;
  readonly browser?: BrowserContextOptions;
  /** Called before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
};

export class Guest {
  readonly page: Page;
  /** Errors on the console, errors thrown, and requests to another host. */
  readonly complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`)) this.complaints.push(`requested ${url}`);
    });
  }

  /** Opens the page, says who it is, and comes in. */
  static async comesIn(chromium: Browser, origin: string, options: GuestOptions): Promise<Guest> {
    const { nick, room, code, browser } = options;
    const context = await chromium.newContext(browser);
    const guest = new Guest(await context.newPage(), origin);
    await options.prepare?.(guest.page);
    await guest.page.goto(`${origin}/?room=${room}`);
    await guest.get("nick").fill(nick);
    if (code !== undefined) {
      await guest.page.getByText("I am a moderator").click();
      await guest.get("code").fill(code);
    }
    await guest.get("enter").click();
    await guest.connected();
    return guest;
  }

  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async connected(): Promise<void> {
    await this.get("state")
      .filter({ hasText: /^connected$/ })
      .waitFor();
  }

  async write(text: string): Promise<void> {
    await this.get("text").fill(text);
    await this.get("send").click();
  }

  /** Waits until a message with this text stands there. */
  async sees(text: string): Promise<void> {
    await this.get("message").filter({ hasText: text }).waitFor();
  }

  async notice(text: string): Promise<void> {
    await this.get("notice").filter({ hasText: text }).waitFor();
  }

  /** The texts of all messages shown, from the top. */
  texts(): Promise<string[]> {
    return this.get("message").locator(".text").allTextContents();
  }

  async end(): Promise<void> {
    await this.page.context().close();
  }
}
