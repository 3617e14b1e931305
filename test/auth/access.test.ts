import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type AccessSettings,
  authenticate,
  type Claims,
  isClosed,
  may,
} from "../../src/auth/access.ts";
import type { Scope } from "../../src/auth/scope.ts";

const key = (id: string, token: string, scope: readonly Scope[] = ["read"]) => ({
  id,
  hash: createHash("sha256").update(token).digest("hex"),
  scope,
  rooms: [`${id}-*`],
});
const keys = [
  key("a", "a.secret"),
  key("ab", "ab.secret", ["read", "write"]),
  // Its hash is of a token that names another key.
  key("liar", "a.other"),
];
const closed: AccessSettings = { keys, anonymous: [] };

describe("authenticate", () => {
  it("AUTH-2 a key gives its own claims", async () => {
    expect(await authenticate("ab.secret", "", closed)).toEqual({
      kind: "known",
      claims: { identity: "key:ab", scope: ["read", "write"], rooms: ["ab-*"] },
    });
    const claims = { identity: "key:a" };
    expect(await authenticate("a.secret", "", closed)).toMatchObject({ claims });
  });

  it("AUTH-2 two keys of one id are one holder, each with its own rights", async () => {
    const rotated = [key("a", "a.old"), key("a", "a.new", ["write"])];
    const scopes = ["a.old", "a.new", "a.none"].map(async (token) => {
      const known = await authenticate(token, "", { keys: rotated, anonymous: [] });
      return known.kind === "known" ? [known.claims.identity, known.claims.scope] : known.kind;
    });
    expect(await Promise.all(scopes)).toEqual([
      ["key:a", ["read"]],
      ["key:a", ["write"]],
      "invalid",
    ]);
  });

  it.each([
    [""],
    ["."],
    ["a"],
    ["a."],
    ["secret"],
    ["a.secre"],
    ["a.secrets"],
    ["a.secret "],
    ["A.secret"],
    ["a.b.secret"],
    ["b.secret"],
    ["a.other"],
    ["liar.secret"],
    [keys[0]?.hash],
    [`a.${keys[0]?.hash}`],
  ])("AUTH-2 %j is no key", async (token) => {
    const kind = "invalid";
    expect(await authenticate(token, "", closed)).toMatchObject({ kind });
    // A wrong key does not fall back to what anybody may do.
    const open: AccessSettings = { keys, anonymous: ["read"] };
    expect(await authenticate(token, "", open)).toMatchObject({ kind });
  });

  it("AUTH-3 without a key one is who one says, with what anybody may do", async () => {
    const claims = { identity: "client:x", scope: ["read"], rooms: ["*"] };
    const open: AccessSettings = { keys, anonymous: ["read"] };
    expect(await authenticate(undefined, "client:x", open)).toEqual({ kind: "known", claims });
    expect(await authenticate(undefined, "client:x", closed)).toEqual({ kind: "missing" });
  });
});

describe("isClosed", () => {
  it("AUTH-3 a relay is closed without keys and anonymous access", () => {
    expect(isClosed({ keys: [], anonymous: [] })).toBe(true);
    expect(isClosed({ keys, anonymous: [] })).toBe(false);
    expect(isClosed({ keys: [], anonymous: ["read"] })).toBe(false);
    const tokens = async () => ({ kind: "unavailable" }) as const;
    expect(isClosed({ keys: [], anonymous: [], tokens })).toBe(false);
  });
});

describe("may", () => {
  const claims = (scope: readonly Scope[], ...rooms: string[]): Claims => ({
    identity: "x",
    scope,
    rooms,
  });

  it.each<[readonly Scope[], Scope, boolean]>([
    [["read"], "read", true],
    [["read"], "write", false],
    [["write"], "read", false],
    [["read", "write"], "write", true],
    [["read", "write"], "admin", false],
    [["presence"], "read", false],
    [["admin"], "write", true],
    [[], "read", false],
  ])("AUTH-6 with the scope %j, %s: %j", (scope, action, allowed) => {
    expect(may(claims(scope, "*"), action, "lobby")).toBe(allowed);
  });

  it.each([
    ["lobby", "lobby", true],
    ["lobby", "lobby2", false],
    ["lobby", "Lobby", false],
    ["lobby", "", false],
    ["*", "anything.at~all", true],
    ["*", "", true],
    ["**", "x", true],
    ["tenant-*", "tenant-", true],
    ["tenant-*", "tenant-1", true],
    ["tenant-*", "tenant", false],
    ["tenant-*", "my-tenant-1", false],
    ["*-prod", "shop-prod", true],
    ["*-prod", "shop-prod-2", false],
    ["a*b*c", "abc", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["a*b*c", "ab", false],
    ["a*b*c", "xabc", false],
    ["a*b*c", "abcx", false],
    ["a*b*c", "ac", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["a*a", "a", false],
    ["a*bc*c", "abc", false],
    ["a*bc*c", "abcc", true],
    [".*", "x", false],
    [".*", ".x", true],
    ["a.c", "abc", false],
    ["", "lobby", false],
  ])("AUTH-6 %j for the room %j: %j", (pattern, room, allowed) => {
    expect(may(claims(["read"], pattern), "read", room)).toBe(allowed);
  });

  it("AUTH-6 one of several rooms is enough, and none is none", () => {
    expect(may(claims(["read"], "a", "b*"), "read", "b1")).toBe(true);
    expect(may(claims(["read"]), "read", "b1")).toBe(false);
  });

  it("a pattern of many stars costs no time that grows with their power", () => {
    const pattern = `${"a*".repeat(60)}b`;
    expect(may(claims(["read"], pattern), "read", "a".repeat(128))).toBe(false);
  });
});
