import { describe, expect, it } from "vitest";
import { type Absence, Absences } from "../../../src/room/absences.ts";

const absence = (id: string, until: number): Absence => ({
  member: { id, namespace: "/", identity: null, since: 0, text: "{}" },
  reason: "transport close",
  until,
});
const ids = (absences: Iterable<Absence>) => Array.from(absences, ({ member }) => member.id);

describe("PRES-6 those who left without a word", () => {
  it("are given up at their time, the first first", () => {
    const absences = new Absences();
    for (const until of [10, 20, 30]) absences.add(absence(`left at ${until}`, until));
    expect([absences.next, ids(absences.expire(9))]).toEqual([10, []]);
    expect(ids(absences.expire(20))).toEqual(["left at 10", "left at 20"]);
    expect([absences.next, ids(absences)]).toEqual([30, ["left at 30"]]);
    absences.take("left at 30");
    expect(absences.next).toBeUndefined();
  });

  it("who leaves once more is waited for anew", () => {
    const absences = new Absences();
    for (const [id, until] of [
      ["a", 10],
      ["b", 20],
      ["a", 30],
    ] as const)
      absences.add(absence(id, until));
    expect(ids(absences.expire(20))).toEqual(["b"]);
    expect(ids(absences)).toEqual(["a"]);
  });

  it("are given up early when 10,000 are waited for", () => {
    const absences = new Absences();
    for (let i = 0; i < 9_999; i++) absences.add(absence(`${i}`, 100));
    expect(absences.expire(0)).toEqual([]);
    absences.add(absence("last", 100));
    expect(ids(absences.expire(0))).toEqual(["0"]);
  });
});
