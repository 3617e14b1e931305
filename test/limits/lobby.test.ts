import { describe, expect, it } from "vitest";
import { Lobby } from "../../src/limits/lobby.ts";

const limits = { handshakes: 5, handshakesPerAddress: 2 };

const lobby = () => new Lobby<{ joined: boolean }>(limits);
const guest = () => ({ joined: false });

describe("the lobby (ENG-14)", () => {
  it("takes so many from one address", () => {
    const l = lobby();
    for (const one of [guest(), guest()]) l.enter(one, "192.0.2.1");
    expect([l.admits("192.0.2.1"), l.admits("192.0.2.2"), l.admits(undefined)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("takes so many in all, wherever they come from", () => {
    const l = lobby();
    for (const from of ["a", "b", "c", undefined, undefined]) l.enter(guest(), from);
    expect([l.admits("d"), l.admits(undefined)]).toEqual([false, false]);
  });

  it("has a place again when one has joined or left", () => {
    const l = lobby();
    const [one, two] = [guest(), guest()];
    for (const each of [one, two]) l.enter(each, "a");
    expect(l.admits("a")).toBe(false);
    one.joined = true;
    expect(l.admits("a")).toBe(true);
    l.enter(guest(), "a");
    expect(l.admits("a")).toBe(false);
    l.leave(two);
    expect(l.admits("a")).toBe(true);
    // Leaving twice, or after having joined, frees one place.
    l.leave(two);
    l.leave(one);
    l.enter(guest(), "a");
    expect(l.admits("a")).toBe(false);
  });

  it("counts one that comes back once, and where it came from", () => {
    const l = lobby();
    const one = guest();
    l.enter(one, "a");
    // It has joined and left, and nobody has asked meanwhile.
    l.enter(one, undefined);
    expect(l.admits("a")).toBe(true);
    l.enter(guest(), "a");
    expect(l.admits("a")).toBe(false);
    l.leave(one);
    expect(l.admits("a")).toBe(true);
  });
});
