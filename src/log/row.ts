/** Rows of the events' table, read. */
import type { SqlRow, SqlValue } from "../storage/sql.ts";
import { unpackAttachments } from "./blob.ts";
import type { Sent } from "./content.ts";
import type { Audience, LoggedEvent } from "./event-log.ts";

export function toEvent(row: SqlRow): LoggedEvent {
  const { seq, time, namespace, sender, audience, data, attachments } = row;
  return {
    seq: Number(seq),
    time: Number(time),
    namespace: String(namespace ?? "/"),
    sender: isNull(sender) ? null : String(sender),
    audience: readAudience(audience),
    data: String(data),
    attachments: unpackAttachments(bytesOf(attachments)),
  };
}

/** An event as its publisher sent it. */
export function toSent({ namespace, data, attachments, audience, digest }: SqlRow): Sent {
  return {
    namespace: String(namespace ?? "/"),
    data: String(data),
    attachments: unpackAttachments(bytesOf(attachments)),
    audience: readAudience(audience),
    digest: isNull(digest) ? null : Number(digest),
  };
}

function readAudience(json: SqlValue | undefined): Audience | null {
  if (isNull(json)) return null;
  const [to, except]: [string[], string[]] = JSON.parse(String(json));
  return { to, except };
}

/** A blob, as workerd (ArrayBuffer) or Node (Uint8Array) gives it. */
function bytesOf(value: SqlValue | undefined): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}

function isNull(value: SqlValue | undefined): value is null | undefined {
  return value === null || value === undefined;
}
