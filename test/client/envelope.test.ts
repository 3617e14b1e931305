// The delivery-guarantees page of the Socket.IO manual, in its own form.
import { io, type Socket } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";

type Envelope = { readonly id: string; readonly data: unknown };

describe("a stock client that chose envelopes", () => {
  const relay = localRelay();

  it.each(SETTING_NAMES)(
    "SUB-2 %s: keeps the id as its offset, and misses nothing",
    async (setting) => {
      const options = {
        ...clientOptions(`envelope-${setting}`, setting),
        query: { format: "envelope" },
      };
      const socket = io(relay.url, { ...options, auth: { offset: undefined } });
      const sender = io(relay.url, options);
      relay.release(socket, sender);
      const auth = socket.auth as { offset?: string };
      const seen: unknown[] = [];
      const last = Promise.withResolvers<void>();
      socket.on("my-event", ({ id, data }: Envelope) => {
        auth.offset = id;
        seen.push(data);
        if (data === "last") last.resolve();
      });
      const connected = (one: Socket) =>
        new Promise((resolve) => one.once("connect", () => resolve(0)));
      await Promise.all([connected(socket), connected(sender)]);

      const first = { id: crypto.randomUUID(), data: "first" };
      const stored = await sender.emitWithAck("my-event", first);
      expect(await sender.emitWithAck("my-event", first)).toEqual({ ...stored, duplicate: true });
      socket.io.engine.close();
      const back = connected(socket);
      await sender.emitWithAck("my-event", { data: { missed: true } });
      await back;
      await sender.emitWithAck("my-event", { data: "last" });
      await last.promise;
      expect(seen).toEqual(["first", { missed: true }, "last"]);
    },
  );
});
