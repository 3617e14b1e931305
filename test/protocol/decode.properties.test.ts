/** No text makes our decoder throw, or take what the official one does not. */
import fc from "fast-check";
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import { Assembly } from "../../src/session/assembly.ts";
import {
  anyAckId,
  anyArgs,
  anyBytes,
  anyEdit,
  anyNamespace,
  anyText,
  bytesOf,
  edited,
  packetLikeText,
} from "./arbitrary.ts";
import { comparable, compare, type Meaning, meaningOf, ours } from "./beside-official.ts";

/** What an official client sends for an event or an ack: text, and binary messages behind it. */
const anySent = fc
  .tuple(fc.constantFrom(PacketType.EVENT, PacketType.ACK), anyNamespace, anyAckId, anyArgs)
  .map(([type, nsp, id, args]) => {
    const data = type === PacketType.EVENT ? ["name", ...args] : args;
    const packet = { type, nsp, data, ...(id !== undefined && { id }) };
    const messages: (string | ArrayBuffer | Uint8Array)[] = new Encoder().encode(packet as Packet);
    return messages.map((message) => (typeof message === "string" ? message : bytesOf(message)));
  });

const anyPacketText = anySent.map(([text]) => String(text));

describe("decodePacket beside socket.io-parser, by property", () => {
  it.each([
    ["any text", anyText],
    ["any digit and text", fc.tuple(fc.nat({ max: 9 }), anyText).map((parts) => parts.join(""))],
    ["what means something in a packet", packetLikeText],
    [
      "an event of what means something",
      fc.tuple(fc.constantFrom("2", "3", "51-", "61-"), packetLikeText).map((all) => all.join("")),
    ],
    ["what an official client sends", anyPacketText],
    [
      "the same with some characters more, less or other",
      fc.tuple(anyPacketText, fc.array(anyEdit, { maxLength: 3 })).map((all) => edited(...all)),
    ],
  ])("%s: means the same, or is refused for a reason", (_, texts) => {
    fc.assert(fc.property(texts, compare), { numRuns: 2_000 });
  });
});

/** What one of the two makes of message after message, up to the first that it refuses. */
type Story = { readonly packets: Meaning[]; readonly refused: number };

function officialStory(messages: readonly (string | Uint8Array)[]): Story {
  const packets: Meaning[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => packets.push(comparable(packet)));
  const refused = messages.findIndex((message) => {
    try {
      decoder.add(message);
      return false;
    } catch {
      return true;
    }
  });
  return { packets, refused };
}

function ourStory(messages: readonly (string | Uint8Array)[]): Story {
  const packets: Meaning[] = [];
  const assembly = new Assembly(1_000_000);
  const refused = messages.findIndex((message) => {
    const assembled = assembly.take(typeof message === "string" ? `4${message}` : message, 0);
    if (assembled.kind === "whole") packets.push(meaningOf(assembled.packet));
    return assembled.kind !== "whole" && assembled.kind !== "part";
  });
  return { packets, refused };
}

describe("Assembly beside the official Decoder", () => {
  it("SUB-10 puts every packet of a connection together", () => {
    const connection = fc.array(anySent, { maxLength: 5 }).map((packets) => packets.flat());
    fc.assert(
      fc.property(connection, (messages) => {
        const story = ourStory(messages);
        expect(story).toEqual(officialStory(messages));
        expect(story.refused).toBe(-1);
      }),
      { numRuns: 1_000 },
    );
  });

  it("BAD-62 BAD-65 messages in any order: gives nothing else, and refuses no later", () => {
    const message = fc.oneof(anyPacketText, anyPacketText, anyBytes, packetLikeText);
    const near = fc.tuple(anySent, fc.nat({ max: 3 }), message).map(([sent, at, other]) => {
      return [...sent.slice(0, at), other, ...sent.slice(at + 1)];
    });
    const messages = fc.oneof(fc.array(message, { maxLength: 6 }), near);
    let refusals = 0;
    fc.assert(
      fc.property(messages, (all) => {
        const [mine, theirs] = [ourStory(all), officialStory(all)];
        expect(theirs.packets.slice(0, mine.packets.length)).toEqual(mine.packets);
        if (mine.refused < 0) {
          expect(theirs).toEqual(mine);
          return;
        }
        refusals++;
        if (theirs.refused === mine.refused) return;
        // Ours is stricter, or looks at the placeholders before it has the attachments.
        const text = String(all[mine.refused]);
        expect(ours(text)).toBeUndefined();
        compare(text);
      }),
      { numRuns: 2_000 },
    );
    expect(refusals).toBeGreaterThan(200);
  });
});
