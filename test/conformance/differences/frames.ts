/** Differences of Engine.IO over WebSocket. */
import type { Difference } from "../differences.ts";

export const FRAME_DIFFERENCES: readonly Difference[] = [
  {
    rule: "ENG-11",
    why: "A client's close packet closes a WebSocket at once. The reference server ignores it, and gives the client up when it stops answering pings.",
    scripts: { "a frame with a close packet": [["goes on"], ["closed"]] },
  },
  {
    rule: "BEAT-2",
    why: "With a ping interval of 10 s or more the runtime answers a pong with a noop, so that it wakes nobody.",
    only: "a sleeping heartbeat",
    scripts: { "a frame with a pong that nobody asked for": [["goes on"], ["<- 6", "goes on"]] },
  },
  {
    rule: "ENG-8",
    why: "An upgrade goes by the book: one probe, then the switch, for a session that is over polling. The reference server switches without a probe as well, answers every probe, and lets a WebSocket be probed.",
    scripts: {
      "a WebSocket that says an upgrade without a probe": [["goes on"], ["closed"]],
      "a WebSocket that says a second probe": [
        ["<- 3probe", "<- 3probe", "closed"],
        ["<- 3probe", "closed"],
      ],
      "a WebSocket that says an upgrade with text": [
        ["<- 3probe", "goes on"],
        ["<- 3probe", "closed"],
      ],
      "a WebSocket for a session over WebSocket": [
        ["<- 3probe", "closed", "goes on"],
        ["closed", "goes on"],
      ],
    },
  },
];
