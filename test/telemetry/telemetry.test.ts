import { describe, expect, it } from "vitest";
import { Points } from "../../src/telemetry/analytics.ts";
import { Counters } from "../../src/telemetry/counters.ts";
import { toPrometheus } from "../../src/telemetry/prometheus.ts";
import { type RefusalLine, Refusals } from "../../src/telemetry/refusals.ts";

const NOW = 1_700_000_000_000;
const GAUGES = { sessions: 3, sockets: 2, replaying: 1, databaseBytes: 4_096 };

describe("Prometheus' format", () => {
  it("HTTP-31 is read by its grammar: HELP, TYPE, samples, and a line's end", () => {
    const counters = new Counters(NOW);
    counters.refusals.count("forbidden");
    counters.refusals.count("forbidden");
    counters.ended.count("ping timeout");
    const text = toPrometheus(counters, GAUGES, "a.b:c~d-1");
    expect(text.endsWith("\n")).toBe(true);
    const lines = text.slice(0, -1).split("\n");
    const seen = new Set<string>();
    let current = "";
    for (const line of lines) {
      const help = /^# HELP (roomlog_[a-z_]+) \S.*\.$/.exec(line)?.[1];
      if (help !== undefined) {
        expect(seen.has(help)).toBe(false);
        seen.add(help);
        current = help;
        continue;
      }
      const type = /^# TYPE (\S+) (counter|gauge)$/.exec(line);
      if (type !== null) {
        expect(type[1]).toBe(current);
        expect(type[2]).toBe(current.endsWith("_total") ? "counter" : "gauge");
        continue;
      }
      expect(line).toMatch(/^roomlog_[a-z_]+\{room="a\.b:c~d-1"(,[a-z]+="[a-z_ ]+")?\} [\d.]+$/);
      expect(line.startsWith(`${current}{`)).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(lines).toContain('roomlog_refusals_total{room="a.b:c~d-1",code="forbidden"} 2');
    expect(lines).toContain(
      'roomlog_sessions_ended_total{room="a.b:c~d-1",reason="ping timeout"} 1',
    );
    expect(lines).toContain('roomlog_start_time_seconds{room="a.b:c~d-1"} 1700000000');
    expect(lines).toContain('roomlog_sockets{room="a.b:c~d-1"} 2');
    expect(lines).toContain('roomlog_database_bytes{room="a.b:c~d-1"} 4096');
  });
});

describe("points for Analytics Engine", () => {
  it("hold what was counted since the last one, and add up to all of it", () => {
    const counters = new Counters(NOW);
    const points = new Points();
    const all: number[][] = [];
    for (let step = 0; step < 50; step++) {
      counters.logged += step;
      counters.rowsWritten++;
      counters.gaps.count("trimmed");
      const point = points.next(counters, NOW + step * 1_000);
      if (point !== undefined) all.push(point);
    }
    const last = points.next(counters, NOW + 100_000);
    expect(last).toBeDefined();
    all.push(last ?? []);
    // One in ten seconds, and the last.
    expect(all).toHaveLength(6);
    for (const point of all) expect(point).toHaveLength(20);
    const sum = (i: number) => all.reduce((total, point) => total + (point[i] ?? 0), 0);
    expect([sum(0), sum(8), sum(14), sum(19)]).toEqual([1, counters.logged, 50, 50]);
  });

  it("are not written for nothing", () => {
    const counters = new Counters(NOW);
    const points = new Points();
    expect(points.next(counters, NOW)).toBeDefined();
    expect(points.next(counters, NOW + 60_000)).toBeUndefined();
    counters.turns++;
    expect(points.next(counters, NOW + 60_001)).toBeDefined();
  });
});

describe("refusals", () => {
  it("are all counted, and told once a minute for each code", () => {
    const counters = new Counters(NOW);
    const lines: RefusalLine[] = [];
    const refusals = new Refusals(counters, (line) => lines.push(line));
    for (let second = 0; second < 130; second++) {
      refusals.add("rate_limited", NOW + second * 1_000);
      if (second === 5) refusals.add("forbidden", NOW + second * 1_000);
    }
    expect(counters.refusals.of("rate_limited")).toBe(130);
    expect(counters.refusals.of("forbidden")).toBe(1);
    expect(lines).toEqual([
      { code: "rate_limited", count: 1 },
      { code: "forbidden", count: 1 },
      { code: "rate_limited", count: 60 },
      { code: "rate_limited", count: 60 },
    ]);
  });
});
