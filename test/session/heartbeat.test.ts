import { describe, expect, it } from "vitest";
import { Heartbeat } from "../../src/session/heartbeat.ts";

const TIMES = { pingInterval: 25_000, pingTimeout: 20_000 };
const heartbeat = () => new Heartbeat(TIMES, 0, 25_000);

describe("an exact heartbeat", () => {
  it("pings after the interval, and not before", () => {
    const beat = heartbeat();
    expect(beat.next).toBe(25_000);
    expect(beat.tick(24_999, false, undefined)).toBe("wait");
    expect(beat.tick(25_000, false, undefined)).toBe("ping");
    expect(beat.tick(25_000, false, undefined)).toBe("wait");
  });

  it("BEAT-1 BEAT-3 gives up when the pong is overdue, and not before", () => {
    const beat = heartbeat();
    beat.tick(25_000, false, undefined);
    expect([beat.next, beat.pongBy]).toEqual([45_000, 45_000]);
    expect(beat.tick(44_999, false, undefined)).toBe("wait");
    expect(beat.tick(45_000, false, undefined)).toBe("dead");
  });

  it("pings again an interval after the pong", () => {
    const beat = heartbeat();
    beat.tick(25_000, false, undefined);
    beat.heard(30_000, false);
    expect([beat.next, beat.pongBy]).toEqual([55_000, undefined]);
    expect(beat.tick(45_000, false, undefined)).toBe("wait");
    expect(beat.tick(55_000, false, undefined)).toBe("ping");
  });

  it("waits for its own pong, whatever the runtime's stamp says", () => {
    const beat = heartbeat();
    expect(beat.tick(25_000, false, 24_999)).toBe("ping");
    expect(beat.tick(45_000, false, 44_999)).toBe("dead");
  });
});

describe("a sleeping heartbeat", () => {
  it("LIFE-1 BEAT-2 pings each interval, and awaits nothing of a client that was seen", () => {
    const beat = heartbeat();
    for (let round = 1; round <= 10; round++) {
      const now = round * 25_000;
      expect(beat.tick(now, true, now - 24_000)).toBe("ping");
      expect([beat.pongBy, beat.next]).toEqual([undefined, now + 25_000]);
    }
  });

  it("BEAT-2 BEAT-3 awaits a pong by hand before it gives up a client that seems silent", () => {
    const beat = heartbeat();
    expect(beat.tick(25_000, true, undefined)).toBe("ping");
    expect(beat.pongBy).toBeUndefined();
    expect(beat.tick(50_000, true, undefined)).toBe("ping");
    expect(beat.pongBy).toBe(70_000);
    expect(beat.next).toBe(70_000);
    expect(beat.tick(69_999, true, undefined)).toBe("wait");
    expect(beat.tick(70_000, true, undefined)).toBe("dead");
  });

  it("a stamp is a hint: its absence alone ends nobody", () => {
    const beat = heartbeat();
    beat.tick(25_000, true, undefined);
    beat.tick(50_000, true, undefined);
    beat.heard(51_000, true);
    expect([beat.pongBy, beat.next]).toEqual([undefined, 75_000]);
    expect(beat.tick(75_000, true, undefined)).toBe("ping");
    expect(beat.pongBy).toBeUndefined();
  });

  it("an old stamp counts for as long as it is younger than a ping and its timeout", () => {
    const younger = heartbeat();
    younger.tick(100_000, true, 55_000);
    expect(younger.pongBy).toBeUndefined();
    const older = heartbeat();
    older.tick(100_000, true, 54_999);
    expect(older.pongBy).toBe(120_000);
  });

  it("an awaited pong stays awaited through a snapshot", () => {
    const beat = new Heartbeat(TIMES, 0, 75_000, 70_000);
    expect(beat.next).toBe(70_000);
    expect(beat.tick(70_000, true, 69_000)).toBe("dead");
  });
});
