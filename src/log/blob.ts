/** An event's attachments as the one blob that its row holds: each its length (32 bits), its bytes. */
import { type Attachments, NO_ATTACHMENTS, sizeOf } from "../protocol/attachments.ts";

const LENGTH_BYTES = 4;

/** @returns null for an event that has none */
export function packAttachments(attachments: Attachments): Uint8Array | null {
  if (attachments.length === 0) return null;
  const blob = new Uint8Array(sizeOf(attachments) + LENGTH_BYTES * attachments.length);
  const view = new DataView(blob.buffer);
  let at = 0;
  for (const bytes of attachments) {
    view.setUint32(at, bytes.byteLength);
    blob.set(bytes, at + LENGTH_BYTES);
    at += LENGTH_BYTES + bytes.byteLength;
  }
  return blob;
}

/** Reads what `packAttachments` wrote. */
export function unpackAttachments(blob: Uint8Array | null): Attachments {
  if (blob === null) return NO_ATTACHMENTS;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const attachments: Uint8Array[] = [];
  for (let at = 0; at < blob.byteLength; ) {
    const start = at + LENGTH_BYTES;
    const end = start + view.getUint32(at);
    attachments.push(blob.subarray(start, end));
    at = end;
  }
  return attachments;
}
