/** An import that stops: at which line, and what was done before it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { RelayError } from "../../src/errors.ts";
import { importLines } from "../../src/http/import.ts";
import type { Encoded } from "../../src/room/outgoing.ts";

/** A room that takes all but what `refuse` throws for; and what it has taken. */
function room(refuse: (event: Encoded) => void = () => {}) {
  const logged: string[] = [];
  const requests: number[] = [];
  const publish: Parameters<typeof importLines>[1] = async ({ events }) => {
    requests.push(events.length);
    for (const event of events) refuse(event);
    logged.push(...events.map(({ data }) => data));
    const taken = events.map((_, n) => ({ offset: `a-${n}`, duplicate: false }));
    return { kind: "published", events: taken, head: "a-9" };
  };
  return { publish, logged, requests };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const line = (n: number) => `{"event":"n","args":[${n}],"idempotencyKey":"${n}"}\n`;
const GOOD = Array.from({ length: 10 }, (_, n) => line(n)).join("");

/** A body whose pieces come as `send` says. */
function sending(send: (controller: ReadableStreamDefaultController<Uint8Array>) => void) {
  const body = new ReadableStream({ start: send });
  const init = { method: "POST", body, duplex: "half" };
  return new Request("http://relay.example/", init as RequestInit);
}

function body(...pieces: Uint8Array[]): Request {
  return sending((controller) => {
    for (const piece of pieces) controller.enqueue(piece);
    controller.close();
  });
}

/** The refusal that it ended with. */
async function refusal(request: Request, { publish }: ReturnType<typeof room>) {
  const error = await importLines(request, publish).catch((error: unknown) => error);
  if (!(error instanceof RelayError)) throw error;
  return { code: error.code, message: error.message, ...error.extra };
}

describe("an import", () => {
  afterEach(() => void vi.useRealTimers());

  const stopped = { line: 11, imported: 10, duplicates: 0 };

  it.each([
    ["is not UTF-8", "invalid_body", [bytes(GOOD), Uint8Array.of(0xff, 0x0a)]],
    [
      "is not UTF-8, in the midst of a piece",
      "invalid_body",
      [Uint8Array.of(...bytes(GOOD), 0xff, 0x0a, ...bytes(line(10)))],
    ],
    ["ends within a character", "invalid_body", [bytes(GOOD), Uint8Array.of(0xc3)]],
    [
      "is too long",
      "too_large",
      [bytes(GOOD), bytes("x".repeat(5_000_001)), bytes(`\n${line(10)}`)],
    ],
    ["is too long, in one piece", "too_large", [bytes(`${GOOD}${"x".repeat(5_000_001)}\n`)]],
    ["is no event", "invalid_event", [bytes(`${GOOD}{}\n${line(10)}`)]],
  ])("HTTP-12 stops at a line that %s, and has all before it", async (_, code, pieces) => {
    const target = room();
    expect(await refusal(body(...pieces), target)).toMatchObject({ code, ...stopped });
    expect(target.logged).toHaveLength(10);
  });

  it("HTTP-12 of a body that breaks off has all lines that came", async () => {
    const request = sending((controller) => {
      controller.enqueue(bytes(`${GOOD}{"event":"n"`));
      setTimeout(() => controller.error(new TypeError("gone")), 0);
    });
    const target = room();
    expect(await refusal(request, target)).toMatchObject({ code: "invalid_body", ...stopped });
    expect(target.logged).toHaveLength(10);
  });

  it("BAD-17 HTTP-12 of a body whose rest does not come has all lines that came", async () => {
    vi.useFakeTimers();
    const target = room();
    const outcome = refusal(
      sending((controller) => controller.enqueue(bytes(GOOD))),
      target,
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await outcome).toMatchObject({ code: "body_timeout", ...stopped });
    expect(target.logged).toHaveLength(10);
  });

  it("HTTP-12 stops at the line that the room refuses, be there another fault behind it", async () => {
    const target = room(({ data }) => {
      if (data === '["n",7]') throw new RelayError("key_reused", "no");
    });
    const request = body(bytes(`\n${GOOD}`), Uint8Array.of(0xff));
    expect(await refusal(request, target)).toEqual({
      code: "key_reused",
      message: "line 9: no",
      line: 9,
      imported: 7,
      duplicates: 0,
    });
  });

  it("HTTP-12 stops at its batch's first line if the room can't be had, and asks no more", async () => {
    const target = room(() => {
      throw new RelayError("unavailable", "no");
    });
    expect(await refusal(body(bytes(`\n\n${GOOD}`)), target)).toMatchObject({
      code: "unavailable",
      line: 3,
      imported: 0,
    });
    expect(target.requests).toEqual([10]);
  });
});
