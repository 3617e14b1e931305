/** What a history comes to, in numbers. */
import { FINDINGS, type Finding, type FindingKind } from "./checker.ts";
import type { Entry, History } from "./history.ts";

export type Figures = {
  readonly kills: number;
  /** By kind; of failpoints only those that were reached. */
  readonly faults: Readonly<Record<string, number>>;
  readonly failpoints: Readonly<Record<string, number>>;
  readonly sent: number;
  readonly acknowledged: number;
  /** Sent, and neither acknowledged nor refused. */
  readonly unknown: number;
  readonly retried: number;
  /** Acks that said that the event was there before. */
  readonly duplicates: number;
  readonly refused: number;
  readonly delivered: number;
  readonly connections: number;
  readonly gapsSaid: number;
  readonly findings: Readonly<Record<FindingKind, number>>;
};

const KILLS = ["kill", "failpoint", "redeploy"];

export function figuresOf(history: History, findings: readonly Finding[]): Figures {
  const count = (fits: (entry: Entry) => boolean) => history.filter(fits).length;
  const of = (type: Entry["type"]) => count((entry) => entry.type === type);
  const settled = new Set<string>();
  const faults: Record<string, number> = {};
  const failpoints: Record<string, number> = {};
  for (const entry of history) {
    if (entry.type === "acked" || entry.type === "refused") settled.add(entry.value);
    if (entry.type !== "fault") continue;
    const { kind, detail } = entry;
    const name = kind === "network" || kind === "disk" ? `${kind}: ${detail}` : kind;
    faults[name] = (faults[name] ?? 0) + 1;
    const [point = "", , reached] = detail.split(" ");
    if (kind === "failpoint" && reached === "true")
      failpoints[point] = (failpoints[point] ?? 0) + 1;
  }
  const counted = FINDINGS.map((kind) => [kind, findings.filter((f) => f.kind === kind).length]);
  return {
    kills: count((entry) => entry.type === "fault" && KILLS.includes(entry.kind)),
    faults,
    failpoints,
    sent: of("sent"),
    acknowledged: of("acked"),
    unknown: of("sent") - settled.size,
    retried: of("retried"),
    duplicates: count((entry) => entry.type === "acked" && entry.duplicate),
    refused: of("refused"),
    delivered: of("delivered"),
    connections: of("joined"),
    gapsSaid: of("gap"),
    findings: Object.fromEntries(counted) as Figures["findings"],
  };
}

/** The sum of several rounds. */
export function sumOf<F extends object>(all: readonly F[]): F {
  const sum: Record<string, unknown> = {};
  for (const figures of all) {
    for (const [name, value] of Object.entries(figures)) {
      const before = sum[name];
      if (typeof value === "number") sum[name] = Number(before ?? 0) + value;
      else sum[name] = sumOf([(before ?? {}) as object, value as object]);
    }
  }
  return sum as F;
}
