/** SUB-10 where a room's own code handles bytes: what it does with them later changes no event. */
import { describe, expect, it } from "vitest";
import type { Handlers } from "../../src/room/handlers.ts";
import { EPOCH, Harness } from "../support/room-harness.ts";

const AT = '{"_placeholder":true,"num":0}';
const FILE = `451-7["file",${AT},{"idempotencyKey":"k"}]`;

function roomWith(onEvent: NonNullable<Handlers["onEvent"]>): Harness {
  return new Harness({ handlers: { onEvent } });
}

/** The first attachment of each event in the log, and of each that a client was sent. */
const logged = (h: Harness) => h.log.read({ limit: 9 }).map(({ attachments: [first] }) => first);

describe("a room's code", () => {
  it("ROOM-2 EMIT-2 that overwrites what it was given: the event goes on as it came", async () => {
    const h = roomWith((_, event) => {
      const [bytes] = event.args as [Uint8Array];
      bytes.fill(9);
      event.relay();
      bytes.fill(8);
    });
    const [writer, reader] = [await h.join(), await h.join()];
    writer.send(FILE, "bAQI=", FILE.replace("-7", "-8"), "bAQI=");
    await h.settle();
    expect(reader.events.map(({ args }) => args)).toEqual([[Buffer.from([1, 2])]]);
    expect(logged(h)).toEqual([new Uint8Array([1, 2])]);
    // The retry is the same event, since what the code did to its copy does not count.
    expect(writer.transcript.acksOf(8)).toEqual([{ offset: `${EPOCH}-1`, duplicate: true }]);
  });

  it("ROOM-2 that uses one buffer again and again: each event has the bytes of its time", async () => {
    const scratch = new Uint8Array(2);
    const h = roomWith((socket, event) => {
      for (const n of [1, 2, 3]) socket.broadcast.emit("frame", scratch.fill(n));
      event.ack(scratch.fill(4));
      scratch.fill(0);
    });
    const [writer, reader] = [await h.join(), await h.join()];
    expect(await writer.ask("go")).toEqual(Buffer.from([4, 4]));
    const frames = [1, 2, 3].map((n) => Buffer.from([n, n]));
    expect(reader.events.map(({ args: [bytes] }) => bytes)).toEqual(frames);
    expect(logged(h)).toEqual(frames.map((bytes) => new Uint8Array(bytes)));
    const later = await h.join({ offset: "0" });
    expect(later.events).toEqual(reader.events);
  });

  it("ROOM-2 that relays one attachment in many places: it stays one", async () => {
    const h = roomWith((_, event) => void event.relay({ name: "again" }));
    const [writer, reader] = [await h.join(), await h.join()];
    writer.send(`451-7["file",${Array.from({ length: 50 }, () => AT).join()}]`, "bAQI=");
    await h.settle();
    expect(logged(h)).toEqual([new Uint8Array([1, 2])]);
    expect(h.log.read({ limit: 1 })[0]?.attachments).toHaveLength(1);
    expect(reader.events[0]?.args).toEqual(Array.from({ length: 50 }, () => Buffer.from([1, 2])));
  });

  it.each([
    ["BAD-58 more than ten attachments", () => Array.from({ length: 11 }, () => new Uint8Array(1))],
    [
      "BAD-59 a client's lookalike of a placeholder",
      (given: unknown) => [given, new Uint8Array(1)],
    ],
  ])("%s: refused, since no reader could read on", async (_, args) => {
    const h = roomWith((socket, event) => {
      socket.broadcast.emit("first");
      socket.broadcast.emit("frames", ...args(event.args[0]));
    });
    const [writer, reader] = [await h.join(), await h.join()];
    const lookalike = { _placeholder: true, num: 7 };
    expect(await writer.ask("go", lookalike)).toMatchObject({ error: { code: "internal" } });
    // All that the handler did is undone.
    expect([h.log.head, reader.events]).toEqual([0, []]);
    expect(h.reported).toHaveLength(1);
  });

  it("BAD-66 that asks, and is answered too deep: the client's session ends", async () => {
    const deep = "[".repeat(20_000) + AT + "]".repeat(20_000);
    for (const answer of [[`430[${deep}]`], [`461-0[${deep}]`, "bAQ=="]]) {
      const answers: unknown[] = [];
      const h = roomWith(async (socket) => {
        answers.push(await socket.emitWithAck("really?").catch((error: Error) => error.message));
      });
      const [client, bystander] = [await h.join(), await h.join()];
      client.emit("go");
      await h.settle();
      client.send(...answer);
      await h.settle();
      expect(client.wire.closed).toMatchObject({ code: 1002 });
      expect(answers).toEqual(["socket has been disconnected"]);
      expect(bystander.wire.closed).toBeUndefined();
    }
  });
});
