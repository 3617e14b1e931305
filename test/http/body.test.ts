/** A request's body is read only so far, and waited for only so long. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readText } from "../../src/http/body.ts";

/** A request whose body the test writes, and what became of it. */
function sending(announced?: number) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const cancelled = writer.closed.then(
    () => false,
    () => true,
  );
  const headers = announced === undefined ? {} : { "content-length": String(announced) };
  const init = { method: "POST", headers, body: readable, duplex: "half" };
  const request = new Request("http://relay.example/", init as RequestInit);
  return { request, writer, cancelled };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a body", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("BAD-17 ENG-5 HTTP-3 whose rest does not come within 10 s is given up, and cancelled", async () => {
    const { request, writer, cancelled } = sending();
    const read = readText(request, 100);
    const outcome = expect(read).rejects.toMatchObject({ code: "body_timeout" });
    await writer.write(bytes("abc"));
    await vi.advanceTimersByTimeAsync(10_000);
    await outcome;
    expect(await cancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("HTTP-3 may take its time, if only something comes", async () => {
    const { request, writer } = sending();
    const read = readText(request, 100);
    for (const part of ["ab", "cd", "ef"]) {
      await vi.advanceTimersByTimeAsync(9_999);
      await writer.write(bytes(part));
    }
    await writer.close();
    expect(await read).toBe("abcdef");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("LIFE-3 that breaks off is the sender's mistake, or its end", async () => {
    const { request, writer } = sending();
    const outcome = expect(readText(request, 100)).rejects.toMatchObject({ code: "invalid_body" });
    await writer.write(bytes("abc"));
    await writer.abort(new TypeError("chunked encoding"));
    await outcome;
  });

  it("HTTP-3 that is too long is cancelled where it becomes so", async () => {
    const { request, writer, cancelled } = sending();
    const outcome = expect(readText(request, 5)).rejects.toMatchObject({ code: "too_large" });
    await writer.write(bytes("abcdef"));
    await outcome;
    expect(await cancelled).toBe(true);
  });

  it("HTTP-3 that says it is somewhat too long is taken to its end, so that its sender hears why", async () => {
    const { request, writer } = sending(6);
    const refused = expect(readText(request, 5)).rejects.toMatchObject({ code: "too_large" });
    await writer.write(bytes("abcdef"));
    await writer.close();
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("HTTP-3 of which then nothing comes is refused as too long after 10 s, and cancelled", async () => {
    const { request, writer, cancelled } = sending(6);
    const refused = expect(readText(request, 5)).rejects.toMatchObject({ code: "too_large" });
    await writer.write(bytes("abc"));
    await vi.advanceTimersByTimeAsync(10_000);
    await refused;
    expect(await cancelled).toBe(true);
  });

  it("HTTP-3 that goes on in drops is taken for 20 s at most", async () => {
    const { request, writer, cancelled } = sending(9);
    const refused = expect(readText(request, 5)).rejects.toMatchObject({ code: "too_large" });
    for (const part of ["a", "b"]) {
      await vi.advanceTimersByTimeAsync(9_999);
      await writer.write(bytes(part));
    }
    await refused;
    expect(await cancelled).toBe(true);
  });

  it("HTTP-3 that says it is far too long is refused before any of it", async () => {
    const { request } = sending(16_000_001);
    await expect(readText(request, 5)).rejects.toMatchObject({ code: "too_large" });
    expect(request.bodyUsed).toBe(false);
  });
});
