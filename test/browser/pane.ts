// One of the page's two clients, seen and used as a visitor would.
import type { FrameLocator, Locator, Page, Route } from "playwright-core";

export type Message = {
  readonly offset: string;
  readonly from: string;
  readonly text: string;
  readonly own: boolean;
  readonly replayed: boolean;
};

export class Pane {
  readonly frame: FrameLocator;
  readonly #page: Page;

  constructor(iframe: Locator) {
    this.#page = iframe.page();
    this.frame = iframe.contentFrame();
  }

  /** @param testId a `data-testid` inside of the pane */
  get(testId: string): Locator {
    return this.frame.getByTestId(testId);
  }

  /** Waits until the pane says that it is in this state. */
  async becomes(state: string): Promise<void> {
    await this.#shows("state", state);
  }

  async uses(transport: string): Promise<void> {
    await this.#shows("transport", transport);
  }

  async write(text: string): Promise<void> {
    await this.get("input").fill(text);
    await this.get("send").click();
  }

  /** Waits until a message of this text has its offset. */
  async stored(text: string): Promise<void> {
    const message = this.get("message").filter({ hasText: text });
    await message.and(this.frame.locator("[data-status=stored]")).first().waitFor();
  }

  async notice(text: string): Promise<void> {
    await this.get("notice").filter({ hasText: text }).waitFor();
  }

  async cut(): Promise<void> {
    await this.get("cut").click();
    await this.becomes("cut");
  }

  async reconnect(): Promise<void> {
    await this.get("cut").filter({ hasText: "Reconnect" }).click();
  }

  /**
   * Presses "Reload", and keeps the new page from running.
   * @returns lets it run
   */
  async reloadSlowly(): Promise<() => Promise<void>> {
    const script = "**/pane/pane.js";
    const held = Promise.withResolvers<Route>();
    await this.#page.route(script, (route) => held.resolve(route));
    await this.get("reload").click();
    const route = await held.promise;
    return async () => {
      await route.continue();
      await this.#page.unroute(script);
    };
  }

  /** All messages that it shows now, from top to bottom. */
  async messages(): Promise<Message[]> {
    return this.get("message").evaluateAll((elements) =>
      elements.map((element) => {
        const { offset = "", from = "", own, replayed } = (element as HTMLElement).dataset;
        const text = element.querySelector(".text")?.textContent ?? "";
        return { offset, from, text, own: own === "true", replayed: replayed === "true" };
      }),
    );
  }

  async #shows(testId: string, text: string): Promise<void> {
    const exactly = new RegExp(`^${text}$`);
    await this.get(testId).filter({ hasText: exactly }).waitFor({ state: "attached" });
  }
}
