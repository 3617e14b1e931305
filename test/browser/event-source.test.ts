// A browser's own EventSource on a room's log, through a connection that is cut.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../scripts/browser.ts";
import { localRelay } from "../support/local-relay.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

/** What the page keeps of what it is told. */
declare global {
  interface Window {
    told: { readonly type: string; readonly id: string; readonly data: unknown }[];
  }
}

describe("EventSource in Chromium", () => {
  const relay = localRelay();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
  });

  async function publish(...args: unknown[]): Promise<void> {
    const response = await fetch(`${relay.url}/rooms/page/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "n", args }),
    });
    expect(response.status).toBe(201);
  }

  it("HTTP-10 gets each event once, with a filter too, and comes back by itself", async () => {
    await using proxy = await TcpProxy.start(relay.url);
    const page = await browser.newPage();
    await page.goto(`${proxy.url}/healthz`);
    await page.evaluate(() => {
      window.told = [];
      const source = new EventSource("/rooms/page/events?after=0&event=n");
      const tell = ({ type, lastEventId, data }: MessageEvent) =>
        window.told.push({ type, id: lastEventId, data: JSON.parse(data) });
      source.onmessage = tell;
      source.addEventListener("roomlog:live", tell);
    });
    const told = () => page.evaluate(() => window.told);
    const messages = async () => {
      const events = (await told()).filter(({ type }) => type === "message");
      return events.map(({ data }) => (data as { args: unknown[] }).args[0]);
    };
    await expect.poll(async () => (await told()).map(({ type }) => type)).toEqual(["roomlog:live"]);
    await publish(1);
    await publish(2);
    await expect.poll(messages).toEqual([1, 2]);
    proxy.cut("reset");
    await publish(3);
    await expect.poll(messages, { timeout: 10_000 }).toEqual([1, 2, 3]);
    await publish(4);
    await expect.poll(messages).toEqual([1, 2, 3, 4]);
    await page.close();
  });
});
