/** How a route is described: one entry each, from which the document and the page are made. */
import type { Scope } from "../../auth/scope.ts";
import type { ErrorCode } from "../../errors.ts";
import type { SCHEMAS } from "./schemas.ts";

/** A shape's name in the document. */
export type SchemaName = keyof typeof SCHEMAS;

/** A body, by media type; null where it is text that has no JSON in it. */
export type Content = Readonly<Record<string, SchemaName | null>>;

/** A request that can be tried as it stands. */
export type Example = {
  readonly title: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What it is answered with. */
  readonly status: number;
};

export type Operation = {
  readonly id: string;
  readonly method: "get" | "post" | "patch" | "delete";
  /** As in OpenAPI: `/rooms/{room}/events`. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
  /** What a key needs; null for what needs none. */
  readonly scope: Scope | null;
  /** Is it served however often it is asked for? */
  readonly unlimited?: boolean;
  /** What may stand in the query: each parameter of the shape `schema`, in words. */
  readonly query?: {
    readonly schema: "HistoryQuery" | "SocketsQuery" | "WhomQuery";
    readonly text: Readonly<Record<string, string>>;
  };
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  readonly answers: Readonly<Record<number, { readonly text: string; readonly content: Content }>>;
  /** Beside those that every route has. */
  readonly errors: readonly ErrorCode[];
  readonly examples: readonly Example[];
};

/** What every request may be answered with, and besides, what every request to a room. */
const ANYWHERE = ["origin_forbidden", "rate_limited", "misconfigured", "internal"] as const;
const IN_A_ROOM = [
  "invalid_room",
  "invalid_query",
  "unauthorized",
  "token_expired",
  "closed",
  "forbidden",
  "unavailable",
  ...ANYWHERE,
] as const;

const IN_A_BODY = ["invalid_body", "body_timeout", "too_large", "unsupported_media_type"] as const;

/** All the codes that a request may be refused with. */
export function errorsOf({ scope, unlimited, body, errors }: Operation): readonly ErrorCode[] {
  const common = scope === null ? ANYWHERE : IN_A_ROOM;
  const all = [...errors, ...(body ? IN_A_BODY : []), ...common];
  return unlimited ? all.filter((code) => code !== "rate_limited") : all;
}
