/** Where Roomlog answers otherwise than the reference server. */
import { FRAME_DIFFERENCES } from "./differences/frames.ts";
import { HTTP_DIFFERENCES } from "./differences/http.ts";
import { PACKET_DIFFERENCES } from "./differences/packets.ts";

export type Transcript = readonly string[];

/** What both answer to a script. */
export type Answers = readonly [reference: Transcript, roomlog: Transcript];

export type Difference = {
  /** The rule that says what Roomlog does. */
  readonly rule: string;
  /** As docs/conformance.md tells it. */
  readonly why: string;
  /** With this kind of heartbeat only. */
  readonly only?: string;
  /** By the script's name. */
  readonly scripts: Readonly<Record<string, Answers>>;
};

export const DIFFERENCES: readonly Difference[] = [
  ...HTTP_DIFFERENCES,
  ...FRAME_DIFFERENCES,
  ...PACKET_DIFFERENCES,
];

/** The difference of a script with this kind of heartbeat, if there is one. */
export function differenceOf(script: string, heartbeat: string): Answers | undefined {
  const found = DIFFERENCES.find(
    ({ only, scripts }) => (only ?? heartbeat) === heartbeat && script in scripts,
  );
  return found?.scripts[script];
}
