// What /docs says can be done, done: every command of the page, against a running relay.
import { createHash } from "node:crypto";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { GROUPS } from "../../src/http/openapi/operations.ts";
import { SHAPES } from "../../src/http/openapi/shapes.ts";
import { readCurl } from "../support/curl.ts";
import { localRelay } from "../support/local-relay.ts";
import { SseReader } from "../support/sse.ts";

const KEY = "admin.s3cret";
const hash = createHash("sha256").update(KEY).digest("hex");
const API_KEYS = JSON.stringify([{ id: "admin", hash, scope: ["admin"] }]);

const EXAMPLES = GROUPS.flatMap(([, operations]) => operations).flatMap((operation) =>
  operation.examples.map((example) => ({ operation, example })),
);

const unescapeHtml = (html: string) =>
  html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");

describe("the page /docs", () => {
  const relay = localRelay({ bindings: { API_KEYS } });

  async function commands(): Promise<string[]> {
    const html = await (await fetch(`${relay.url}/docs`)).text();
    const found = html.matchAll(
      /<figcaption>.*?<\/figcaption><pre tabindex="0"><code>(.*?)<\/code>/gs,
    );
    return Array.from(found, ([, command = ""]) => unescapeHtml(command));
  }

  it("HTTP-16 needs no key, no script and no other file", async () => {
    const response = await fetch(`${relay.url}/docs`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(/);
    for (const { operation } of EXAMPLES) expect(html).toContain(`<section id="${operation.id}">`);
  });

  it("HTTP-16 gives commands that run, and are answered as it says, in its order", async () => {
    const texts = await commands();
    expect(texts).toHaveLength(EXAMPLES.length);
    for (const [i, { operation, example }] of EXAMPLES.entries()) {
      const response = await fetch(readCurl(texts[i] ?? "", { KEY }));
      const title = `${operation.id}: ${example.title}`;
      expect([title, response.status]).toEqual([title, example.status]);
      const type = response.headers.get("content-type")?.split(";")[0] ?? "";
      if (example.status >= 400) {
        expect(type).toBe("application/problem+json");
        v.parse(SHAPES.Problem, await response.json());
        continue;
      }
      const content = operation.answers[example.status]?.content ?? {};
      expect([title, Object.keys(content)]).toEqual([title, expect.arrayContaining([type])]);
      await checkBody(response, type, content[type] ?? null);
    }
  });

  async function checkBody(response: Response, type: string, schema: keyof typeof SHAPES | null) {
    if (type === "text/event-stream") {
      const [first] = await firstEvents(response);
      v.parse(SHAPES.Entry, JSON.parse(first?.data ?? ""));
    } else if (type === "application/x-ndjson") {
      const lines = (await response.text()).split("\n").slice(0, -1);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) v.parse(SHAPES.Entry, JSON.parse(line));
    } else if (schema !== null) v.parse(SHAPES[schema], await response.json());
    else expect((await response.text()).length).toBeGreaterThan(0);
  }

  async function firstEvents(response: Response) {
    const reader = new SseReader();
    const body = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const text of body) {
      reader.add(text);
      if (reader.events.length > 0) break;
    }
    return reader.events;
  }
});
