// What the fuzzer gives a room: what one client does, as data that can be saved and repeated.
import type { Format } from "../../src/protocol/format.ts";
import type { Anonymous } from "./credentials.ts";

/**
 * In texts, these stand for what the client or the room is called at that moment. Credentials are
 * named as well (credentials.ts), but not put just anywhere: an event may not hold one.
 */
export const NAMES = ["$PID", "$SID", "$HEAD", "$EPOCH", "$OTHERS-PID"] as const;

export type Step =
  /** A text frame; of a polling client, a POST of one packet. */
  | { readonly do: "send"; readonly text: string }
  /** A binary frame; of a polling client, a POST of base64. */
  | { readonly do: "bytes"; readonly base64: string }
  /** Of a polling client: a POST of this body. */
  | { readonly do: "post"; readonly body: string }
  | { readonly do: "poll" }
  /** Of a polling client: another WebSocket, and what it says. */
  | { readonly do: "probe"; readonly texts: readonly string[] }
  | { readonly do: "pass"; readonly milliseconds: number }
  /** Time passes, and the room's alarm has not rung yet. */
  | { readonly do: "late"; readonly milliseconds: number }
  /** The room's instance goes; WebSockets stay. */
  | { readonly do: "evict" };

export type PacketInput = {
  readonly kind: "packets";
  readonly transport: "websocket" | "polling";
  readonly format: Format;
  readonly steps: readonly Step[];
};

export type RequestInput = {
  readonly kind: "request";
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
  /** Past the Worker's check of its rights, so that the object's own is seen. */
  readonly past: boolean;
};

export type Input = PacketInput | RequestInput;

/** Inputs that are given at once. */
export type Batch = readonly Input[];

/** What is wrong, and what shows it in a new room. */
export type Finding = {
  readonly what: string;
  readonly anonymous: Anonymous;
  readonly batches: readonly Batch[];
};
