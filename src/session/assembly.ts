/** Puts a packet together from its text and the binary messages that follow it. */
import { sizeOf } from "../protocol/attachments.ts";
import type { Packet } from "../protocol/engine.ts";
import { type ClientPacket, decodePacket } from "../protocol/socket.ts";

/** What a message came to: a whole packet, a part of one, or nothing that can be used. */
export type Assembled =
  | { readonly kind: "whole"; readonly packet: ClientPacket }
  | { readonly kind: "part" }
  | { readonly kind: "invalid" }
  | { readonly kind: "too_large" };

/** A packet that is not whole yet, as the attachment of its socket keeps it. */
export type Parts = {
  readonly text: string;
  readonly attachments: Uint8Array[];
  /** When the rest has to be there, in milliseconds since 1970. */
  readonly until: number;
};

/** The rest of a packet has to come within so many milliseconds. */
const TIMEOUT = 10_000;

/**
 * A socket's attachment has 16 KiB, of which a session in sixteen namespaces may need nearly ten.
 * Larger parts don't outlive an eviction in between.
 */
const KEPT_BYTES = 6_144;

/** The parts as a socket's attachment can hold them; undefined if there are none or too large. */
export function keepable(parts: Parts | undefined, taken = 0): Parts | undefined {
  if (parts === undefined) return undefined;
  const size = 2 * parts.text.length + sizeOf(parts.attachments);
  return size + taken <= KEPT_BYTES ? parts : undefined;
}

const PART = { kind: "part" } as const;
const INVALID = { kind: "invalid" } as const;
const TOO_LARGE = { kind: "too_large" } as const;

type Pending = { readonly packet: ClientPacket; readonly awaits: number; readonly parts: Parts };

/** At most one packet of a session is in parts. */
export class Assembly {
  readonly #maxBytes: number;
  #pending: Pending | undefined;

  /**
   * @param maxBytes what the attachments of one packet may have together
   * @param parts what was there before the room slept
   */
  constructor(maxBytes: number, parts?: Parts) {
    this.#maxBytes = maxBytes;
    const decoded = parts && decodePacket(parts.text);
    if (parts && decoded) this.#pending = { ...decoded, parts };
  }

  /** What is there of a packet that is not whole. */
  get parts(): Parts | undefined {
    return this.#pending?.parts;
  }

  /** Takes the next message of the session. */
  take(message: Packet, now: number): Assembled {
    return typeof message === "string" ? this.#text(message, now) : this.#binary(message);
  }

  #text(text: string, now: number): Assembled {
    const decoded = this.#pending === undefined ? decodePacket(text) : undefined;
    if (decoded === undefined) return INVALID;
    const { packet, awaits } = decoded;
    if (awaits === 0) return { kind: "whole", packet };
    const parts = { text, attachments: [], until: now + TIMEOUT };
    this.#pending = { packet, awaits, parts };
    return PART;
  }

  #binary(bytes: Uint8Array): Assembled {
    if (this.#pending === undefined) return INVALID;
    const { packet, awaits, parts } = this.#pending;
    const { attachments } = parts;
    attachments.push(bytes);
    if (sizeOf(attachments) > this.#maxBytes) return TOO_LARGE;
    if (attachments.length < awaits) return PART;
    this.#pending = undefined;
    return { kind: "whole", packet: { ...packet, attachments } as ClientPacket };
  }
}
