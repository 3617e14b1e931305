import { describe, expect, it } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { publish } from "../../src/room/publish.ts";
import { Harness } from "../support/room-harness.ts";

const claims: Claims = { identity: "key:backend", scope: ["write"], rooms: ["*"] };

/** A room whose sockets join what they ask for. */
const channels = () =>
  new Harness({
    handlers: {
      onEvent(socket, event) {
        socket.join(event.args.map(String));
        event.ack("joined");
      },
    },
  });

async function send(
  h: Harness,
  to: readonly string[],
  except: readonly string[] = [],
  ephemeral = false,
  idempotencyKey: string | null = null,
) {
  const audience = { to, except };
  const event = { name: "e", namespace: "/", data: '["e"]', attachments: [] };
  const events = [{ ...event, audience, idempotencyKey, ephemeral }];
  const published = publish(h.room, "lobby", { claims, events });
  await h.settle();
  return await published;
}

describe("SUB-14 HTTP-1 what is published for some", () => {
  it("reaches whoever is in one of `to` and in none of `except`, each once", async () => {
    const h = channels();
    const [red, both, blue, none] = [
      await h.join(),
      await h.join(),
      await h.join(),
      await h.join(),
    ];
    await red.ask("join", "red");
    await both.ask("join", "red", "blue");
    await blue.ask("join", "blue");
    await send(h, ["red"]); // 1
    await send(h, ["red", "blue"]); // 2
    await send(h, ["red"], ["blue"]); // 3
    await send(h, [], ["red"]); // 4
    await send(h, [none.id, "red"], [both.id]); // 5
    expect([red.seqs, both.seqs, blue.seqs, none.seqs]).toEqual([
      [1, 2, 3, 5],
      [1, 2],
      [2, 4],
      [4, 5],
    ]);
  });

  it("the same in replay, for a socket that resumes", async () => {
    const h = channels();
    const client = await h.join();
    await client.ask("join", "red");
    client.drop();
    await send(h, ["red"]);
    await send(h, ["blue"]);
    await send(h, [client.id]);
    await send(h, [], [client.id]);
    expect((await h.join({ pid: client.pid })).seqs).toEqual([1, 3]);
  });

  it("EMIT-2 under a key that was for others is refused, so that nobody is left out unheard", async () => {
    const h = channels();
    const keyed = (...to: string[]) => send(h, to, [], false, "k");
    expect(await keyed("red")).toMatchObject({ events: [{ duplicate: false }] });
    expect(await keyed("blue")).toEqual({ kind: "key_reused" });
    expect(await keyed("red")).toMatchObject({ events: [{ duplicate: true }] });
  });

  it("EMIT-7 the same if it is ephemeral", async () => {
    const h = channels();
    const [red, other] = [await h.join(), await h.join()];
    await red.ask("join", "red");
    await send(h, ["red"], [], true);
    await send(h, [], ["red"], true);
    expect([red.events.length, other.events.length]).toEqual([1, 1]);
  });

  it("in a room without code `to` takes ids", async () => {
    const h = new Harness();
    const [one, two] = [await h.join(), await h.join()];
    await send(h, [two.id]);
    expect([one.seqs, two.seqs]).toEqual([[], [1]]);
    expect((await h.join({ offset: "0" })).seqs).toEqual([]);
  });
});
