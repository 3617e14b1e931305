/** Polling payloads beside the official parser's, binary messages among them. */
import { decodePayload, encodePayload, type Packet as OfficialPacket } from "engine.io-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Packet, packetsOf, takePayload, utf8Length } from "../../src/protocol/engine.ts";
import { anyBytes, anyEdit, anyText, edited } from "./arbitrary.ts";

/** A packet as the official parser knows it; bytes are a message. */
function asOfficial(packet: Packet): OfficialPacket {
  if (typeof packet !== "string") return { type: "message", data: Buffer.from(packet) };
  const type = TYPES[Number(packet.charAt(0))] ?? "message";
  return packet.length > 1 ? { type, data: packet.slice(1) } : { type };
}

const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"] as const;

/** What a payload can carry: no text of a packet has the separator in it. */
const anyPackets = fc.array(
  fc.oneof(
    anyBytes,
    fc.tuple(fc.nat({ max: 6 }), anyText).map(([type, text]) => {
      return type + text.replaceAll("\x1e", "");
    }),
  ),
  { minLength: 1, maxLength: 16 },
);

function officialPayload(packets: readonly Packet[]): string {
  let payload = "";
  encodePayload(packets.map(asOfficial), (encoded) => {
    payload = encoded;
  });
  return payload;
}

describe("payloads beside engine.io-parser, by property", () => {
  it("SUB-10 takePayload writes what the official encoder writes, binary too", () => {
    fc.assert(
      fc.property(anyPackets, (all) => {
        const queue = [...all];
        const payload = takePayload(queue, 1_000_000);
        expect(payload).toBe(officialPayload(all));
        expect(decodePayload(payload)).toEqual(all.map(asOfficial));
        expect(queue).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("SUB-10 packetsOf reads what the official encoder writes, binary too", () => {
    fc.assert(
      fc.property(anyPackets, (all) => {
        expect([...packetsOf(officialPayload(all))]).toEqual(all);
      }),
      { numRuns: 1_000 },
    );
  });

  it("SUB-10 no payload has more bytes than it may, and nothing is lost or moved", () => {
    fc.assert(
      fc.property(fc.array(anyPackets), fc.integer({ min: 1, max: 200 }), (many, maxBytes) => {
        const all = many.flat();
        const queue = [...all];
        const read: Packet[] = [];
        while (queue.length > 0) {
          const payload = takePayload(queue, maxBytes);
          const packets = [...packetsOf(payload)];
          expect(packets.length).toBeLessThanOrEqual(16);
          expect(packets.length === 1 || utf8Length(payload) <= maxBytes).toBe(true);
          // It is full: one more would have been too many, or too large.
          const next = queue[0] === undefined ? 0 : 1 + utf8Length(takePayload([queue[0]], 1));
          const full = packets.length === 16 || utf8Length(payload) + next > maxBytes;
          expect(queue.length === 0 || full).toBe(true);
          read.push(...packets);
        }
        expect(read).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  it("BAD-22 any payload: packets as the official decoder's, but for base64 that is none", () => {
    const edits = fc.array(anyEdit, { maxLength: 3 });
    const nearly = fc.tuple(anyPackets.map(officialPayload), edits).map((all) => edited(...all));
    fc.assert(
      fc.property(fc.oneof(anyText, nearly), (payload) => {
        const mine = [...packetsOf(payload)];
        // The official one stops at the first bad one.
        for (const [i, packet] of decodePayload(payload).entries()) {
          const ours = mine[i] ?? "";
          const isBad = typeof ours === "string" && !/^[0-6]/.test(ours);
          if (packet.type === "error") expect(isBad).toBe(true);
          else if (!(isBad && ours.startsWith("b"))) expect(asOfficial(ours)).toEqual(packet);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
