// Cutting clients off, at random moments of a stream.
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../support/random.ts";
import type { Cut, TcpProxy } from "../support/tcp-proxy.ts";
import type { Watch } from "../support/watch.ts";
import type { Pace } from "./pace.ts";

const KINDS: readonly [Cut, ...Cut[]] = ["close", "reset", "hang"];
/** A cut comes somewhere within so many milliseconds. */
const JITTER = 15;
/** One cut in so many is followed by a second, while the client may be on its way back. */
const AGAIN = 3;
/** A client that has not noticed by then had no need of the connection, in milliseconds. */
const NOTICED = 50;

/** Who is cut off. */
export type Client = {
  readonly name: string;
  readonly connected: boolean;
  /** How often it noticed. */
  readonly losses: number;
};

/** A client, and the proxy through which alone it reaches the relay. */
export type Proxied<C> = { readonly proxy: TcpProxy; readonly client: C };

/**
 * Cuts a socket's connection, spread over the stream, which waits for it.
 * @returns how many cuts came on top, right after others
 */
export async function cutRepeatedly(
  { proxy, client }: Proxied<Client>,
  pace: Pace,
  random: Random,
  watch: Watch,
): Promise<number> {
  let extra = 0;
  for (let done = 0; done < pace.cuts; done++) {
    const at = pace.momentOf(done, random);
    await watch.until(
      () => pace.acked >= at && client.connected,
      () => `${client.name} was cut ${done} times, and is to be again after ${at} events`,
    );
    await sleep(random.below(JITTER));
    const { losses } = client;
    while (client.losses === losses) {
      // Between two polls there may be nothing to cut, or nothing that is missed.
      await watch.until(
        () => client.connected && cut(proxy, random),
        () => `${client.name} had no connection that could be cut`,
      );
      const patience = performance.now() + NOTICED;
      await watch.until(
        () => client.losses > losses || performance.now() > patience,
        () => `${client.name} did not notice that its connection was cut`,
      );
    }
    pace.cut();
    if (random.below(AGAIN) > 0) continue;
    await sleep(random.below(4 * JITTER));
    if (cut(proxy, random)) extra++;
  }
  return extra;
}

/** Cuts requests that are under way. The stream doesn't wait: without it there are none. */
export async function cutRequests(
  { proxy, client }: Proxied<Client>,
  pace: Pace,
  random: Random,
  watch: Watch,
): Promise<void> {
  for (let done = 0; done < pace.cuts; done++) {
    const at = pace.momentOf(done, random);
    await watch.until(
      () => (pace.acked >= at && client.connected) || pace.over,
      () => `${client.name} was cut ${done} times, and is to be again after ${at} events`,
    );
    await sleep(random.below(3));
    cut(proxy, random);
  }
}

/** @returns was there a connection? */
function cut(proxy: TcpProxy, random: Random): boolean {
  return proxy.cut(random.pick(KINDS)) > 0;
}
