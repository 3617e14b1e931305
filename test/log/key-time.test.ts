import { describe, expect, it } from "vitest";
import { timeOfKey } from "../../src/log/key-time.ts";

describe("EMIT-4 the time of a key", () => {
  it.each([
    // The example of RFC 9562, appendix A.6.
    ["017F22E2-79B0-7CC3-98C4-DC0C0C07398F", Date.UTC(2022, 1, 22, 19, 22, 22)],
    ["017f22e2-79b0-7cc3-98c4-dc0c0c07398f", Date.UTC(2022, 1, 22, 19, 22, 22)],
    // The example of the ULID's specification.
    ["01ARZ3NDEKTSV4RRFFQ69G5FAV", 1_469_922_850_259],
  ])("is read from %s", (key, time) => {
    expect(timeOfKey(key)).toBe(time);
  });

  it.each([
    ["a UUID of another version", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f"],
    ["a UUID of another variant", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f"],
    ["a time before there were such keys", "000000e2-79b0-7cc3-98c4-dc0c0c07398f"],
    ["a time far ahead", "7ZZZZZZZZZTSV4RRFFQ69G5FAV"],
    ["a letter that ULIDs don't have", "01ARZ3NDEKTSV4RRFFQ69G5FAU"],
    ["small letters", "01arz3ndektsv4rrffq69g5fav"],
    ["one character more", "01ARZ3NDEKTSV4RRFFQ69G5FAVA"],
    ["any other key", "order-42"],
    ["nothing", ""],
  ])("is not read from %s", (_, key) => {
    expect(timeOfKey(key)).toBeUndefined();
  });
});
