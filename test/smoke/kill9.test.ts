// The relay is killed in the middle of a stream, and started again on the same state.
import { expect, it } from "vitest";
import { freePort, RelayProcess } from "../support/relay-process.ts";
import { TemporaryFolder } from "../support/temporary.ts";
import { Watch } from "../support/watch.ts";
import { catchUp } from "./catch-up.ts";
import { Follower } from "./follower.ts";
import { type Acknowledged, HttpPublisher, SocketPublisher } from "./publishers.ts";
import { Reloader } from "./reloader.ts";
import { freshRoom } from "./scenario.ts";
import { SETTING_NAMES } from "./settings.ts";

const EVENTS = 1_200;
const KILLS = 3;
const SECONDS = 90;

const title =
  "LIFE-2 EMIT-4: kill -9 loses no acknowledged event, and logs and delivers none twice";

it(title, { timeout: (SECONDS + 30) * 1_000 }, async () => {
  using state = new TemporaryFolder();
  const port = await freePort();
  const room = freshRoom("kill9");
  let relay = await RelayProcess.start(port, state.path);
  const { url } = relay;
  try {
    using clients = new DisposableStack();
    const watch = new Watch(SECONDS);
    const acks: Acknowledged = new Map();
    const publish = (name: string, setting: (typeof SETTING_NAMES)[number]) =>
      clients.use(new SocketPublisher(url, room, setting, { name, watch, acks }));
    const publishers = [publish("ann", "websocket"), publish("ben", "default")];
    const http = new HttpPublisher(url, room, { name: "http", watch, acks });
    const readers = SETTING_NAMES.flatMap((setting) => {
      const options = (name: string) => ({ name: `${setting} ${name}`, watch });
      const byHand = options("reader that keeps its offset by hand");
      return [
        clients.use(new Follower(url, room, setting, options("reader"))),
        clients.use(new Reloader(url, room, setting, byHand)),
      ];
    });
    const everyone = [...readers, ...publishers.map(({ follower }) => follower)];
    await watch.until(
      () => everyone.every(({ connected }) => connected),
      () => "not all clients could connect",
    );

    let begun = 0;
    const turn = async () => begun++ < EVENTS;
    const killAgainAndAgain = async () => {
      for (let kill = 1; kill <= KILLS; kill++) {
        await watch.until(
          () => acks.size >= (kill * EVENTS) / (KILLS + 1),
          () => `${acks.size} of ${EVENTS} events were acked, after ${kill - 1} kills`,
        );
        await relay.kill();
        expect(acks.size, "acked when the relay is killed").toBeLessThan(EVENTS);
        relay = await RelayProcess.start(port, state.path);
      }
    };
    await Promise.all([
      killAgainAndAgain(),
      ...publishers.map((publisher) => publisher.publish(turn)),
      http.publish(turn),
    ]);
    const log = await catchUp(url, room, everyone, { acks, watch });

    // All that was published, and the last event of `catchUp`.
    expect(log.length).toBe(EVENTS + 1);
    for (const { ledger, connections } of everyone) {
      expect(connections, `connections of ${ledger.name}`).toBeGreaterThan(KILLS);
    }
  } finally {
    await relay.kill();
  }
});
