/** Is a retry the same event? What it says decides, not how it is written. */
import { type Attachments, sameAttachments } from "../protocol/attachments.ts";
import type { Audience } from "./event-log.ts";

/** What an event says, and to whom: JSON text, and the bytes that its placeholders stand for. */
export type Content = {
  readonly data: string;
  readonly attachments: Attachments;
  readonly audience: Audience | null;
};

/** The text decides; if it differs, what it says (a retry by other code). */
export function sameContent(a: Content, b: Content): boolean {
  if (whom(a.audience) !== whom(b.audience)) return false;
  if (!sameAttachments(a.attachments, b.attachments)) return false;
  return a.data === b.data || normalise(a.data) === normalise(b.data);
}

/** An event as its publisher sent it: where the log says something else, by its digest alone. */
export type Sent = Content & { readonly namespace: string; readonly digest: number | null };

/** Are these two the same event, sent twice? */
export function isRepeat(first: Sent, second: Sent): boolean {
  if (first.namespace !== second.namespace) return false;
  if (first.digest === null && second.digest === null) return sameContent(first, second);
  return digestOf(first) === digestOf(second);
}

export function digestOf(sent: Sent): number {
  return sent.digest ?? contentDigest(sent);
}

/**
 * 53 bits that differ when the content does, for where the content itself is not kept. It tells a
 * mistake, not an attack: only a publisher's own events are ever compared.
 */
export function contentDigest({ data, attachments, audience }: Content): number {
  const hash = new Mix();
  const text = normalise(data) + whom(audience);
  for (let i = 0; i < text.length; i++) hash.add(text.charCodeAt(i));
  for (const bytes of attachments) {
    hash.add(bytes.byteLength);
    for (const byte of bytes) hash.add(byte);
  }
  return hash.value;
}

function normalise(json: string): string {
  return JSON.stringify(JSON.parse(json));
}

/** The same text for the same names, in whatever order. */
function whom(audience: Audience | null): string {
  if (audience === null) return "";
  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  return JSON.stringify([sorted(audience.to), sorted(audience.except)]);
}

/** Two multiplicative hashes of 32 bits side by side. */
class Mix {
  #a = 0x9e3779b1;
  #b = 0x85ebca77;

  add(unit: number): void {
    this.#a = Math.imul(this.#a ^ unit, 0x01000193);
    this.#b = Math.imul(this.#b ^ unit, 0x5bd1e995);
    this.#b ^= this.#b >>> 15;
  }

  get value(): number {
    return (this.#b >>> 0) * 0x200000 + (this.#a >>> 11);
  }
}
