/** A polling session, request by request. */
import { type Answer, ask, type Endpoint, HalfPost } from "./http.ts";

export const SEPARATOR = "\x1e";

/** The sid of no session. */
export const NOBODYS = "A".repeat(20);

export type Opened = {
  readonly sid: string;
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
};

export function readOpen(packet: string): Opened {
  if (!packet.startsWith("0{")) throw new Error(`no handshake: ${packet.slice(0, 200)}`);
  return JSON.parse(packet.slice(1));
}

/** To the room and back: what arrived there before has been taken. */
export async function roundTrip(endpoint: Endpoint): Promise<void> {
  await ask(endpoint, `EIO=4&transport=polling&sid=${NOBODYS}`);
}

/** A session from which nothing can be fetched any more; the message is the answer. */
export class Over extends Error {}

export class PollingSession {
  readonly endpoint: Endpoint;
  readonly sid: string;
  readonly query: string;
  /** Packets that were fetched and not yet taken. */
  readonly #fetched: string[] = [];

  private constructor(endpoint: Endpoint, sid: string) {
    this.endpoint = endpoint;
    this.sid = sid;
    this.query = `EIO=4&transport=polling&sid=${sid}`;
  }

  static async open(endpoint: Endpoint): Promise<PollingSession> {
    const { body } = await ask(endpoint, "EIO=4&transport=polling");
    return new PollingSession(endpoint, readOpen(body).sid);
  }

  /** One GET, whatever its answer. */
  get(init?: RequestInit): Promise<Answer> {
    return ask(this.endpoint, this.query, init);
  }

  /** A GET that the server has begun to hold: a request sent after it has been answered. */
  async hold(init?: RequestInit): Promise<{ readonly answer: Promise<Answer> }> {
    const answer = this.get(init);
    answer.catch(() => {});
    await roundTrip(this.endpoint);
    return { answer };
  }

  /** One POST, whatever its answer. */
  post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const init = { method: "POST", headers: { "content-type": "text/plain", ...headers }, body };
    return ask(this.endpoint, this.query, init);
  }

  /** A POST of which the rest may come later. */
  halfPost(first: string, rest: string): HalfPost {
    return new HalfPost(this.endpoint, this.query, first, rest);
  }

  /** Posts packets that have to be taken. */
  async send(...packets: string[]): Promise<void> {
    const { status, body } = await this.post(packets.join(SEPARATOR));
    if (status !== 200 || body !== "ok") throw new Error(`not taken: ${status} ${body}`);
  }

  /** The next packet but for pings, which are answered. */
  async packet(): Promise<string> {
    for (;;) {
      const packet = this.#fetched.shift();
      if (packet === "2") await this.send("3");
      else if (packet !== undefined) return packet;
      else this.#fetched.push(...(await this.fetch()));
    }
  }

  /** The packets of one GET. */
  async fetch(): Promise<string[]> {
    const { status, body } = await this.get();
    if (status !== 200) throw new Over(`${status} ${body}`);
    return body.split(SEPARATOR);
  }
}
