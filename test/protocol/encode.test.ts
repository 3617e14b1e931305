import { Decoder, type Packet, PacketType } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import {
  encodeAck,
  encodeConnect,
  encodeConnectError,
  encodeEvent,
} from "../../src/protocol/socket.ts";
import { seeded } from "../support/random.ts";
import { randomArray } from "../support/random-json.ts";

/** What the official parser makes of an Engine.IO message. */
function official(message: string): Packet {
  expect(message.charAt(0)).toBe("4");
  const decoder = new Decoder();
  const packets: Packet[] = [];
  decoder.on("decoded", (packet: Packet) => packets.push(packet));
  decoder.add(message.slice(1));
  const [packet] = packets;
  if (packet === undefined) throw new Error(`not a packet: ${message}`);
  return packet;
}

describe.each(["/", "/orders", "/a.b:c~d"])("what the official parser reads in %s", (nsp) => {
  it("CONNECT", () => {
    expect(official(encodeConnect(nsp, "id", 'p"id'))).toEqual({
      type: PacketType.CONNECT,
      nsp,
      data: { sid: "id", pid: 'p"id' },
    });
  });

  it("CONNECT_ERROR, with and without data", () => {
    const type = PacketType.CONNECT_ERROR;
    expect(official(encodeConnectError(nsp, "no", { code: "x" }))).toEqual({
      type,
      nsp,
      data: { message: "no", data: { code: "x" } },
    });
    expect(official(encodeConnectError(nsp, "no"))).toEqual({ type, nsp, data: { message: "no" } });
  });

  it("an ack", () => {
    const result = { offset: "k3f9-42", duplicate: false };
    expect(
      official(encodeAck({ namespace: nsp, attachments: [] }, "17", JSON.stringify([result]))),
    ).toEqual({
      type: PacketType.ACK,
      nsp,
      id: 17,
      data: [result],
    });
  });

  it.each([1, 2, 3, 4, 5])("SUB-1 an event with its offset at the end, seed %i", (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 100; i++) {
      const data = `["name",${randomArray(random, 3, 0)},1 ]`;
      expect(official(encodeEvent({ namespace: nsp, attachments: [] }, data, "k3f9-42"))).toEqual({
        type: PacketType.EVENT,
        nsp,
        data: [...JSON.parse(data), "k3f9-42"],
      });
    }
  });
});
