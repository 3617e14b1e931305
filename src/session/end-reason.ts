/** Why a session is over, and how its WebSocket is closed where its time is up. */
import { CLOSE_CODES } from "./wire.ts";

export type EndReason =
  | "transport close"
  | "ping timeout"
  | "connect timeout"
  | "reassembly timeout"
  | "parse error"
  | "message too large"
  | "too many packets"
  | "too slow"
  | "token expired"
  | "too much to keep"
  | "overlapping requests"
  | "resumed elsewhere"
  | "internal error"
  | "server disconnect";

export const LATE_CODES = {
  "connect timeout": CLOSE_CODES.normal,
  "reassembly timeout": CLOSE_CODES.normal,
  "token expired": CLOSE_CODES.unauthorized,
  "too slow": CLOSE_CODES.tryAgainLater,
} as const satisfies Partial<Record<EndReason, number>>;

/** The reasons that come with time. */
export type LateReason = keyof typeof LATE_CODES;

/** If several have passed, the first is the reason. */
export const LATE_REASONS = Object.keys(LATE_CODES) as readonly LateReason[];
