// A stream through connections that are cut again and again.
import { seeded } from "../../support/random.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { Watch } from "../../support/watch.ts";
import { catchUp } from "../catch-up.ts";
import { type Client, cutRepeatedly, cutRequests, type Proxied } from "../cuts.ts";
import { Follower } from "../follower.ts";
import { Pace } from "../pace.ts";
import { type Acknowledged, COPIES, HttpPublisher, SocketPublisher } from "../publishers.ts";
import { Reloader } from "../reloader.ts";
import { freshRoom, type Scenario, secondsSince } from "../scenario.ts";
import { SETTING_NAMES, type Setting } from "../settings.ts";
import { parseOffset } from "../step.ts";

const EVENTS = 2_000;
/** Every connection, of readers and publishers, is cut so often. */
const CUTS = 20;
/** When so much of the stream is over, those come back that were cut off before it began. */
const RETURN = 0.6;
const SECONDS = 90;

type ReaderOptions = { readonly name: string; readonly watch: Watch };

export const kills: Scenario = {
  name: "kills",
  rules: "SUB-4 SUB-5 EMIT-2 EMIT-5",
  promise: "every reader has every acknowledged event once, though its connection is cut",
  async run(relay, seed) {
    const start = performance.now();
    const random = seeded(seed);
    // One for each task: nothing orders their turns.
    const fork = () => seeded(random.below(2 ** 32));
    const room = freshRoom("kills");
    const watch = new Watch(SECONDS);
    const acks: Acknowledged = new Map();
    await using clients = new AsyncDisposableStack();
    const proxied = async <C>(make: (url: string) => C): Promise<Proxied<C>> => {
      const proxy = clients.use(await TcpProxy.start(relay));
      return { proxy, client: make(proxy.url) };
    };

    const publisher = (name: string, setting: Setting) =>
      proxied((url) => clients.use(new SocketPublisher(url, room, setting, { name, watch, acks })));
    const publishers = [await publisher("ann", "websocket"), await publisher("ben", "default")];
    const http = await proxied(
      (url) => new HttpPublisher(url, room, { name: "http", watch, acks }),
    );

    const inEachSetting = <C>(
      Reader: new (url: string, room: string, setting: Setting, options: ReaderOptions) => C,
      name: string,
    ) =>
      Promise.all(
        SETTING_NAMES.map((setting) =>
          proxied((url) => new Reader(url, room, setting, { name: `${setting} ${name}`, watch })),
        ),
      );
    const followers = await inEachSetting(Follower, "reader");
    const strays = await inEachSetting(Follower, "reader, cut off before its first event,");
    const reloaders = await inEachSetting(Reloader, "reader that keeps its offset by hand");
    const readers = [...followers, ...strays, ...reloaders].map(({ client }) =>
      clients.use(client),
    );
    const everyone = [...readers, ...publishers.map(({ client }) => client.follower)];
    await watch.until(
      () => everyone.every(({ connected }) => connected),
      () => "not all clients could connect",
    );

    // The network is gone for these until the stream is under way.
    for (const { proxy } of strays) {
      proxy.down = true;
      proxy.cut("close");
    }
    await watch.until(
      () => strays.every(({ client }) => !client.connected),
      () => "a reader did not notice that its connection was cut",
    );

    const victims: Proxied<Client>[] = [
      ...followers,
      ...reloaders,
      ...publishers.map(({ proxy, client }) => ({ proxy, client: client.follower })),
    ];
    const pace = new Pace({ events: EVENTS, cuts: CUTS, victims: victims.length, acks, watch });
    const cutAll = victims.map((each) => cutRepeatedly(each, pace, fork(), watch));
    // Their replay takes several pages, while the stream goes on.
    const bringBack = async () => {
      await watch.until(
        () => acks.size >= EVENTS * RETURN,
        () => `only ${acks.size} events were acked`,
      );
      for (const { proxy } of strays) proxy.down = false;
    };
    const [extra] = await Promise.all([
      Promise.all(cutAll),
      cutRequests(http, pace, fork(), watch),
      bringBack(),
      ...publishers.map(({ client }) => client.publish(pace.turn)),
      http.client.publish(pace.turn),
    ]);
    const log = await catchUp(relay, room, everyone, { acks, watch });
    if (http.client.losses === 0) throw new Error("no cut met an HTTP request");
    return {
      seed,
      events: parseOffset(log.at(-1)?.offset)?.seq ?? 0,
      "copies of each emit": COPIES,
      "resent by clients": publishers.reduce((sum, { client }) => sum + client.resent, 0),
      "HTTP retries": http.client.losses,
      readers: readers.length,
      "cuts of each connection": CUTS,
      "cuts on top": extra.reduce((sum, count) => sum + count, 0),
      connections: everyone.reduce((sum, { connections }) => sum + connections, 0),
      "stuck clients": everyone.reduce((sum, { rescues }) => sum + rescues, 0),
      seconds: secondsSince(start),
    };
  },
};
