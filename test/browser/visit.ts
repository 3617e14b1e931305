// A visitor of the demo page: a browser profile of its own, in which nothing may go wrong unseen.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { Pane } from "./pane.ts";

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 10_000;

export class Visit {
  readonly page: Page;
  readonly room: string;
  readonly ada: Pane;
  readonly grace: Pane;
  /** Errors on the console, errors thrown, and requests to another host than the relay. */
  readonly complaints: string[] = [];
  /** The relay's own files and connections that were asked for. */
  readonly requests: string[] = [];
  readonly #origin: string;

  private constructor(page: Page, origin: string, room: string) {
    this.page = page;
    this.room = room;
    this.#origin = origin;
    this.ada = new Pane(page.getByTestId("pane-a"));
    this.grace = new Pane(page.getByTestId("pane-b"));
    page.setDefaultTimeout(PATIENCE);
    page.on("request", (request) => this.#requested(request.url()));
    page.on("websocket", (socket) => this.#requested(socket.url()));
    page.context().on("weberror", (error) => this.complaints.push(String(error.error())));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** Opens the page in a room of its own. */
  static async begin(browser: Browser, relay: string, options?: BrowserContextOptions) {
    const context = await browser.newContext(options);
    const room = `visit-${crypto.randomUUID()}`;
    const visit = new Visit(await context.newPage(), relay, room);
    await visit.page.goto(`${relay}/?room=${room}`);
    return visit;
  }

  async connected(): Promise<void> {
    await Promise.all([this.ada.becomes("connected"), this.grace.becomes("connected")]);
  }

  async publish(text: string): Promise<void> {
    await this.page.getByTestId("publish-input").fill(text);
    await this.page.getByTestId("publish-send").click();
  }

  /** What stands under "Answer" once it holds that text. */
  async answer(text: string): Promise<string> {
    const answer = this.page.getByTestId("publish-answer");
    await answer.filter({ hasText: text }).waitFor();
    return (await answer.textContent()) ?? "";
  }

  /** The room's log as the relay tells it. */
  async log(): Promise<{ offset: string; from: string; text: string }[]> {
    const response = await fetch(`${this.#origin}/rooms/${this.room}/events`);
    const { events } = (await response.json()) as { events: LoggedChat[] };
    return events.map(({ offset, args: [{ from, text }] }) => ({ offset, from, text }));
  }

  async end(): Promise<void> {
    await this.page.context().close();
  }

  #requested(address: string): void {
    const { protocol, host, pathname } = new URL(address);
    // What has no host stays in the browser.
    if (host === "") return;
    if (host === new URL(this.#origin).host) this.requests.push(`${protocol}${pathname}`);
    else this.complaints.push(`requested ${address}`);
  }
}

type LoggedChat = { offset: string; args: [{ from: string; text: string }] };
