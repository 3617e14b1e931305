import { describe, expect, it } from "vitest";
import { CLOCK_TOLERANCE, readClaims } from "../../src/auth/token-claims.ts";

const NOW = 1_700_000_000_000;
const base = { sub: "ann", exp: NOW / 1_000 + 60, room: "lobby", scope: "read" };
const read = (changes: object, expected = {}) => readClaims({ ...base, ...changes }, expected, NOW);
const claimsOf = (changes: object) => {
  const answer = read(changes);
  if (answer.kind !== "known") throw new Error(JSON.stringify(answer));
  return answer.claims;
};

describe("claims", () => {
  it("AUTH-7 sub is who it is, and can be no key's or anonymous one's", () => {
    expect(claimsOf({}).identity).toBe("sub:ann");
    expect(claimsOf({ sub: "key:backend" }).identity).toBe("sub:key:backend");
    expect(claimsOf({ sub: "s".repeat(256) }).identity).toBe(`sub:${"s".repeat(256)}`);
  });

  it.each([
    ["a name", "lobby", ["lobby"]],
    ["a pattern", "team-*", ["team-*"]],
    ["several", ["a", "b-*"], ["a", "b-*"]],
    ["none", [], []],
    ["as many as may be", Array.from({ length: 64 }, (_, i) => `r${i}`), expect.any(Array)],
  ])("AUTH-7 room is %s", (_, room, rooms) => {
    expect(claimsOf({ room }).rooms).toEqual(rooms);
  });

  it.each([
    ["a list", ["read", "write"], ["read", "write"]],
    ["words", "read presence admin", ["read", "presence", "admin"]],
    ["others' words among them", "openid read email", ["read"]],
    ["others' words alone", ["openid"], []],
    ["other cases", "Read WRITE", []],
    ["nothing", "", []],
  ])("AUTH-7 scope is %s", (_, scope, scopes) => {
    expect(claimsOf({ scope }).scope).toEqual(scopes);
  });

  it("AUTH-7 exp is exact, and may have fractions", () => {
    expect(claimsOf({ exp: NOW / 1_000 + 0.0015 }).expiresAt).toBe(NOW + 1);
    expect(read({ exp: NOW / 1_000 })).toEqual({ kind: "expired" });
    expect(claimsOf({ exp: 8.64e12 }).expiresAt).toBe(8.64e15);
  });

  it.each(["nbf", "iat"])("AUTH-7 %s may be ahead by as much as clocks differ", (claim) => {
    const seconds = (NOW + CLOCK_TOLERANCE) / 1_000;
    expect(read({ [claim]: seconds }).kind).toBe("known");
    expect(read({ [claim]: seconds + 0.001 }).kind).toBe("invalid");
    expect(read({ [claim]: 0 }).kind).toBe("known");
  });

  it("AUTH-7 iss and aud matter where the settings say so", () => {
    expect(read({ iss: "i", aud: "a" }).kind).toBe("known");
    const expected = { issuer: "i", audience: "a" };
    expect(read({ iss: "i", aud: "a" }, expected).kind).toBe("known");
    expect(read({ iss: "i", aud: ["b", "a"] }, expected).kind).toBe("known");
    expect(read({ iss: "i", aud: "b" }, expected).kind).toBe("invalid");
    expect(read({ iss: "j", aud: "a" }, expected).kind).toBe("invalid");
  });

  it("AUTH-7 a refusal names the claim, and not what it says", () => {
    expect(read({ sub: ["s3cret"] })).toEqual({ kind: "invalid", detail: "lacks a valid sub" });
    expect(read({ room: ["lobby", "s3cret/"] })).toEqual({
      kind: "invalid",
      detail: "lacks a valid room",
    });
  });
});
