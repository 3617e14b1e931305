/** What a publish comes to, as HTTP tells it. */
import { RelayError } from "../errors.ts";
import { sizeOf } from "../protocol/attachments.ts";
import { isLongerThan } from "../protocol/engine.ts";
import { type Encoded, isTooLarge } from "../room/outgoing.ts";
import type { PublishResult } from "../room/publish.ts";
import { denied } from "./authorise.ts";

/** All that was asked for is in the log, or sent. */
export type Published = Extract<PublishResult, { kind: "published" }>;

/**
 * @param maxPayload bytes of an event, and of its attachments together
 * @param maxAttachments how many of these there may be
 * @throws RelayError `too_large` (HTTP-3)
 */
export function assertSize(event: Encoded, maxPayload: number, maxAttachments: number): void {
  const { data, attachments } = event;
  if (attachments.length > maxAttachments) {
    throw new RelayError("too_large", `an event may have ${maxAttachments} attachments`);
  }
  const isOver = isLongerThan(data, maxPayload) || sizeOf(attachments) > maxPayload;
  if (isOver || isTooLarge(event)) {
    throw new RelayError("too_large", `an event may have ${maxPayload} bytes`);
  }
}

/** @throws RelayError if nothing was published */
export function publishedOf(result: PublishResult): Published {
  switch (result.kind) {
    case "published":
      return result;
    case "needs_key":
      throw new RelayError("forbidden", "this room has its own code: publishing takes a key");
    case "head_moved": {
      const { head } = result;
      throw new RelayError("head_moved", "something was logged since; nothing was now", { head });
    }
    case "key_reused":
      throw new RelayError("key_reused", "the stored event has other content; it stays as it is");
    case "key_expired":
      throw new RelayError("key_expired", "whether its event was logged is not known any more");
    case "forbidden":
    case "token_expired":
      throw denied(result, "write");
    case "storage_full":
      throw new RelayError("storage_full", "new events are refused until some have been trimmed");
    case "rate_limited": {
      const { retryAfter } = result;
      throw new RelayError("rate_limited", "publish more slowly", { retryAfter });
    }
    case "overloaded":
      throw new RelayError("overloaded", "too much waits to be logged; nothing was of this");
    case "failed":
      throw new RelayError("unavailable", "nothing was logged; send it again with the same key");
  }
}
