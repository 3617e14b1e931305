// The end of a stream: every reader comes to the log's last event, and has seen all before it.
import type { Watch } from "../support/watch.ts";
import { HttpRoom } from "./http-room.ts";
import type { Ledger } from "./ledger.ts";
import type { Acknowledged } from "./publishers.ts";
import { type LoggedStep, show, showLogged } from "./step.ts";

export type Reader = {
  readonly ledger: Ledger;
  readonly connected: boolean;
  /** Whose events it doesn't get, because it emitted them. */
  readonly except?: string | undefined;
};

/**
 * Waits for all readers, then compares them with the log, and the log with what was acknowledged.
 * @returns the log
 * @throws Violation
 */
export async function catchUp(
  relay: string,
  room: string,
  readers: readonly Reader[],
  { acks, watch }: { acks: Acknowledged; watch: Watch },
): Promise<LoggedStep[]> {
  const http = new HttpRoom(relay, room);
  // A last event of its own: what a reader got twice, or too late, it got before this one.
  const end = { from: "end", n: 1 };
  const { offset } = await http.publish(end, show(end));
  acks.set(show(end), offset);
  const behind = () => readers.filter(({ ledger }) => ledger.offset !== offset || ledger.replaying);
  await watch.until(
    () => behind().length === 0,
    () => `up to ${offset} ${behind().map(state).join("; ")}`,
  );

  const log = await http.readLog();
  for (const { ledger, except } of readers) ledger.compare(log, except);
  compareAcks(log, acks, watch);
  return log;
}

function state({ ledger, connected }: Reader): string {
  const last = showLogged(ledger.seen.at(-1));
  const link = connected ? (ledger.replaying ? "in replay" : "connected") : "not connected";
  return `${ledger.name} (${link}) has ${ledger.seen.length} events, its last ${last}`;
}

/** Each acknowledged event is in the log once, where its ack said, and nothing else is. */
function compareAcks(log: readonly LoggedStep[], acks: Acknowledged, watch: Watch): void {
  const places = new Map<string, string>();
  for (const { step, offset } of log) {
    const known = places.get(show(step));
    if (known !== undefined) watch.violation(`the log has ${show(step)} at ${known} and ${offset}`);
    if (!acks.has(show(step))) watch.violation(`the log has ${show(step)}, which got no ack`);
    places.set(show(step), offset);
  }
  for (const [step, offset] of acks) {
    const place = places.get(step);
    if (place === offset) continue;
    watch.violation(`${step} was acked at ${offset}, but in the log it is at ${place}`);
  }
  watch.check(() => "the log was compared");
}
