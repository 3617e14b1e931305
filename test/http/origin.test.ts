import { describe, expect, it } from "vitest";
import { isOriginAllowed, preflightResponse, withCors } from "../../src/http/origin.ts";

const OWN = "https://relay.example/rooms/lobby/events";
const LIST = ["https://good.example", "http://localhost:3000"];

function allowed(origin: string | undefined, list: readonly string[]): boolean {
  const headers = origin === undefined ? {} : { origin };
  return isOriginAllowed(new Request(OWN, { headers }), list);
}

describe("isOriginAllowed", () => {
  it.each([
    ["on the list", "https://good.example"],
    ["on the list, with a port", "http://localhost:3000"],
    ["the relay's own", "https://relay.example"],
    ["no browser's", undefined],
  ])("AUTH-5 an origin that is %s may connect", (_, origin) => {
    expect(allowed(origin, LIST)).toBe(true);
  });

  it.each([
    ["https://evil.example"],
    ["null"],
    [""],
    ["http://good.example"],
    ["https://good.example:8443"],
    ["https://good.example.evil.com"],
    ["https://evil-good.example"],
    ["https://sub.good.example"],
    ["https://good.example/"],
    ["https://GOOD.example"],
    ["http://relay.example"],
    ["https://relay.example:8443"],
    ["*"],
  ])("BAD-31 %j may not", (origin) => {
    expect(allowed(origin, LIST)).toBe(false);
  });

  it("AUTH-5 with an empty list only the relay's own pages may, with * all", () => {
    expect(allowed("https://good.example", [])).toBe(false);
    expect(allowed("https://relay.example", [])).toBe(true);
    expect(allowed("https://evil.example", ["*"])).toBe(true);
    expect(allowed("null", ["*"])).toBe(true);
  });
});

describe("withCors", () => {
  const answer = (origin: string | undefined, list: readonly string[]) => {
    const headers = origin === undefined ? {} : { origin };
    const response = Response.json({}, { headers: { vary: "Accept" } });
    return withCors(new Request(OWN, { headers }), response, list).headers;
  };

  it.each([
    ["of an allowed page", "https://good.example", LIST],
    ["of no browser", undefined, LIST],
    ["of no browser, where all are allowed", undefined, ["*"]],
  ])("AUTH-5 tells caches that each origin has its own answer: %s", (_, origin, list) => {
    expect(answer(origin, list).get("vary")).toBe("Accept, Origin");
  });

  it("AUTH-5 names nobody to whom no origin was told", () => {
    expect(answer(undefined, LIST).get("access-control-allow-origin")).toBeNull();
    expect(answer("https://good.example", LIST).get("access-control-allow-origin")).toBe(
      "https://good.example",
    );
  });
});

describe("preflightResponse", () => {
  it("AUTH-5 says what a page may send", () => {
    const { status, headers } = preflightResponse();
    expect(status).toBe(204);
    for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
      expect(headers.get("access-control-allow-methods")?.split(", ")).toContain(method);
    }
    for (const name of ["accept", "content-type", "last-event-id"]) {
      expect(headers.get("access-control-allow-headers")?.split(", ")).toContain(name);
    }
    expect(headers.get("access-control-allow-headers")).toContain("authorization");
    expect(headers.get("access-control-allow-headers")).toContain("idempotency-key");
  });
});
