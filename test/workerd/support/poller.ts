/** A lean Socket.IO client on long-polling. */
import type { Auth, Joined } from "./client.ts";
import { soon } from "./inbox.ts";
import { leftOpen } from "./left-open.ts";
import { ask } from "./rooms.ts";

const SEPARATOR = "\x1e";

export function pollPath(room: string, query = "EIO=4&transport=polling"): string {
  return `/rooms/${room}/socket.io/?${query}`;
}

export class Poller {
  readonly sid: string;
  readonly path: string;
  /** Packets that were fetched and not yet taken. */
  readonly #packets: string[] = [];

  constructor(room: string, sid: string) {
    this.sid = sid;
    this.path = pollPath(room, `EIO=4&transport=polling&sid=${sid}`);
    leftOpen.add(this);
  }

  async leave(): Promise<void> {
    leftOpen.delete(this);
    await this.post("1");
  }

  /** A session: the handshake's answer was taken. */
  static async open(room: string): Promise<Poller> {
    const response = await ask(pollPath(room));
    const body = await response.text();
    if (!body.startsWith("0{")) throw new Error(`no handshake: ${response.status} ${body}`);
    return new Poller(room, JSON.parse(body.slice(1)).sid);
  }

  static async joined(room: string, auth?: Auth): Promise<Poller & { readonly me: Joined }> {
    const poller = await Poller.open(room);
    return Object.assign(poller, { me: await poller.join(auth) });
  }

  /** One GET. */
  get(): Promise<Response> {
    return this.#answered(soon(ask(this.path), "the answer to a GET"));
  }

  /** One POST with these packets. */
  post(...packets: string[]): Promise<Response> {
    return this.postBody(packets.join(SEPARATOR));
  }

  postBody(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: "POST", headers: { "content-type": "text/plain", ...headers }, body };
    return this.#answered(soon(ask(this.path, init), "the answer to a POST"));
  }

  /** A session whose request was refused is over, or another transport's. */
  async #answered(answer: Promise<Response>): Promise<Response> {
    const response = await answer;
    if (response.status !== 200) leftOpen.delete(this);
    return response;
  }

  /** The packets of one GET. */
  async fetched(): Promise<string[]> {
    const response = await this.get();
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${body}`);
    return body.split(SEPARATOR);
  }

  /** The next packet, fetched when there is none. */
  async packet(): Promise<string> {
    while (this.#packets.length === 0) this.#packets.push(...(await this.fetched()));
    return this.#packets.shift() as string;
  }

  async join(auth?: Auth): Promise<Joined> {
    const ok = await this.post(`40${auth ? JSON.stringify(auth) : ""}`);
    const answer = ok.status === 200 ? await this.packet() : await ok.text();
    if (!answer.startsWith("40{")) throw new Error(`not joined: ${ok.status} ${answer}`);
    return JSON.parse(answer.slice(2));
  }
}
