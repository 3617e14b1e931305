import { describe, expect, it } from "vitest";
import { greeting } from "../../scripts/greeting.ts";

const say = (settings: Record<string, string>) =>
  greeting("http://localhost:8787", ".roomlog", settings);

describe("what npm start prints", () => {
  it("is what anybody may try where anybody may write", () => {
    const text = say({ ANONYMOUS: "write", API_KEYS: "[]" });
    expect(text).toContain("http://localhost:8787/?room=lobby");
    expect(text).not.toMatch(/Bearer|KEY/);
  });

  it.each([
    { ANONYMOUS: "read" },
    { ANONYMOUS: "none", API_KEYS: "[]" },
    { ANONYMOUS: "none", JWT_JWKS_URL: "https://keys.example" },
  ])("says where a key belongs under %j", (settings) => {
    const text = say(settings);
    expect(text).toContain('-H "authorization: Bearer $KEY"');
    expect(text).toContain("auth: { token: KEY }");
    // The page has no key.
    expect(text).not.toContain("?room=");
  });

  it("says how to open a relay that is closed to all", () => {
    const text = say({ ANONYMOUS: "none" });
    expect(text).toContain("Closed to everyone");
    expect(text).toContain("npm run key");
    expect(text).not.toContain("curl");
  });
});
