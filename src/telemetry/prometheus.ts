/** A room's counters as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import type { Counters, Tally } from "./counters.ts";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What a room is like at this moment. */
export type Gauges = {
  readonly sessions: number;
  readonly sockets: number;
  readonly replaying: number;
  readonly databaseBytes: number;
};

type Metric = {
  readonly name: string;
  readonly help: string;
  /** A number, or numbers by a label. */
  value(counters: Counters): number | { readonly label: string; readonly tally: Tally };
};

const SIZE = "in characters of text and bytes of attachments";

const COUNTERS: readonly Metric[] = [
  { name: "starts", help: "Instances of the room's object.", value: (c) => c.starts },
  {
    name: "sessions_opened",
    help: "Engine.IO handshakes, by transport.",
    value: (c) => ({ label: "transport", tally: c.sessions }),
  },
  { name: "upgrades", help: "Sessions that went on over WebSocket.", value: (c) => c.upgrades },
  {
    name: "sessions_ended",
    help: "Sessions that are over, by reason.",
    value: (c) => ({ label: "reason", tally: c.ended }),
  },
  { name: "joins", help: "Sockets that joined a namespace.", value: (c) => c.joins },
  { name: "resumes", help: "Sockets among them that resumed.", value: (c) => c.resumes },
  { name: "events_logged", help: "Events appended to the log.", value: (c) => c.logged },
  { name: "events_ephemeral", help: "Events sent and not logged.", value: (c) => c.ephemeral },
  { name: "duplicates", help: "Retries of events in the log.", value: (c) => c.duplicates },
  {
    name: "refusals",
    help: "Events, connections and requests refused, by code.",
    value: (c) => ({ label: "code", tally: c.refusals }),
  },
  { name: "deliveries", help: "Events sent to sockets live.", value: (c) => c.deliveries },
  { name: "replay_events", help: "Events sent to sockets in replay.", value: (c) => c.replayed },
  {
    name: "replay_bytes",
    help: `Sent in replay, ${SIZE}.`,
    value: (c) => c.replayedBytes,
  },
  {
    name: "gaps",
    help: "Readers told that something can't be served, by reason.",
    value: (c) => ({ label: "reason", tally: c.gaps }),
  },
  {
    name: "received_bytes",
    help: `Packets from clients, ${SIZE}.`,
    value: (c) => c.receivedBytes,
  },
  { name: "sent_bytes", help: `Packets to clients, ${SIZE}.`, value: (c) => c.sentBytes },
  { name: "trimmed_events", help: "Events that retention dropped.", value: (c) => c.trimmed },
  { name: "rows_read", help: "Rows read of the database.", value: (c) => c.rowsRead },
  {
    name: "rows_written",
    help: "Rows written to the database, alarms included.",
    value: (c) => c.rowsWritten,
  },
  { name: "turns", help: "Turns, each of which commits a group.", value: (c) => c.turns },
  { name: "alarms", help: "Alarms that rang.", value: (c) => c.alarms },
];

/** @param room its name; ADDR-1's alphabet needs no escaping */
export function toPrometheus(counters: Counters, gauges: Gauges, room: string): string {
  const lines: string[] = [];
  const say = (name: string, type: "counter" | "gauge", help: string, samples: Samples) => {
    lines.push(`# HELP roomlog_${name} ${help}`, `# TYPE roomlog_${name} ${type}`);
    for (const [labels, value] of samples) {
      lines.push(`roomlog_${name}{room="${room}"${labels}} ${value}`);
    }
  };
  const gauge = (name: string, help: string, value: number) =>
    say(name, "gauge", help, [["", value]]);

  gauge("start_time_seconds", "When this instance began.", counters.startedAt / 1_000);
  gauge("sessions", "Sessions that are open.", gauges.sessions);
  gauge("sockets", "Sockets that have joined.", gauges.sockets);
  gauge("replaying", "Sockets that are being sent what they missed.", gauges.replaying);
  gauge("database_bytes", "Size of the database.", gauges.databaseBytes);
  for (const { name, help, value } of COUNTERS) {
    say(`${name}_total`, "counter", help, samplesOf(value(counters)));
  }
  return `${lines.join("\n")}\n`;
}

type Samples = Iterable<readonly [labels: string, value: number]>;

function samplesOf(value: ReturnType<Metric["value"]>): Samples {
  if (typeof value === "number") return [["", value]];
  const { label, tally } = value;
  return Array.from(tally, ([name, count]) => [`,${label}=${JSON.stringify(name)}`, count]);
}
