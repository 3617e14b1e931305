/** The description of a room itself: its state, its settings, a new beginning. */
import type { Operation } from "./operation.ts";

const JSON_TYPE = "application/json";

export const ROOM_OPERATIONS: readonly Operation[] = [
  {
    id: "inspect",
    method: "get",
    path: "/rooms/{room}",
    title: "Inspect",
    text: "What the room is like: where its log stands, how much it keeps, who has joined, and which settings hold.",
    scope: "read",
    answers: { 200: { text: "Its state.", content: { [JSON_TYPE]: "Room" } } },
    errors: [],
    examples: [{ title: "The lobby", path: "/rooms/lobby", status: 200 }],
  },
  {
    id: "configure",
    method: "patch",
    path: "/rooms/{room}",
    title: "Configure",
    text: "Sets something for this room alone, at once and for good. It goes before the deployment's variables; null goes back to them. What is not named stays as it is.",
    scope: "admin",
    body: { [JSON_TYPE]: "SettingsPatch" },
    answers: { 200: { text: "What holds now.", content: { [JSON_TYPE]: "Configured" } } },
    errors: [],
    examples: [
      {
        title: "Keep a month, and don’t log who is typing",
        path: "/rooms/lobby",
        headers: { "content-type": JSON_TYPE },
        body: '{"keep":{"days":30},"ephemeral":["typing"]}',
        status: 200,
      },
      {
        title: "Back to the deployment’s",
        path: "/rooms/lobby",
        headers: { "content-type": JSON_TYPE },
        body: '{"keep":null,"ephemeral":null}',
        status: 200,
      },
    ],
  },
  {
    id: "metrics",
    method: "get",
    path: "/rooms/{room}/metrics",
    title: "Measure",
    text: "What the room has done since it woke, and is like now, in Prometheus’ text format.",
    scope: "admin",
    answers: { 200: { text: "Its counters.", content: { "text/plain": null } } },
    errors: [],
    examples: [{ title: "The lobby’s", path: "/rooms/lobby/metrics", status: 200 }],
  },
  {
    id: "renew",
    method: "post",
    path: "/rooms/{room}/epoch",
    title: "Begin a new epoch",
    text: "For when continuity was lost, as after a restore of an earlier state: offsets from before can’t be served any more, and whoever has one is told. The events stay, and readers get them again.",
    scope: "admin",
    answers: { 200: { text: "Where the log stands.", content: { [JSON_TYPE]: "Beginning" } } },
    errors: [],
    examples: [{ title: "After a restore", path: "/rooms/lobby/epoch", status: 200 }],
  },
  {
    id: "wipe",
    method: "delete",
    path: "/rooms/{room}",
    title: "Wipe",
    text: "Drops all events and idempotency keys, and begins a new epoch. Who is connected stays so, is told, and goes on. Settings and the tables of a room’s own code stay.",
    scope: "admin",
    answers: { 200: { text: "The empty log.", content: { [JSON_TYPE]: "Beginning" } } },
    errors: [],
    examples: [{ title: "Once and for all", path: "/rooms/lobby", status: 200 }],
  },
];
