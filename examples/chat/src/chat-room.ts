/** The chat's room: who comes in, who talks, who is where. */
import {
  type Connecting,
  type DisconnectReason,
  type RelayEnv,
  Room,
  type RoomEvent,
  type RoomSettings,
  type Socket,
} from "roomlog";
import type { ChannelState, ChatEvents, Member } from "./events.ts";
import { historyOf } from "./history.ts";
import { Messages } from "./messages.ts";
import { Moderation } from "./moderation.ts";
import { People } from "./people.ts";
import { Refused } from "./refused.ts";
import { readChannel, readSaid, readVisitor } from "./wanted.ts";
import { readText, readWords } from "./words.ts";

export interface Env extends RelayEnv {
  /** Secret: who knows it may moderate. Without it nobody may. */
  readonly MODERATOR_CODE?: string;
  /** Words that are not said here, separated by spaces. */
  readonly BAD_WORDS?: string;
}

type Visitor = Socket<ChatEvents>;
type Wish = RoomEvent<ChatEvents>;
type WishOf<N extends Wish["name"]> = Extract<Wish, { readonly name: N }>;

export class ChatRoom extends Room<Env, ChatEvents> {
  static override readonly settings: RoomSettings = { namespaces: [], ephemeral: ["typing"] };

  readonly #people: People;
  readonly #messages: Messages;
  readonly #moderation: Moderation;
  readonly #badWords: ReadonlySet<string>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#people = new People(this.sql);
    this.#messages = new Messages(this.sql);
    this.#badWords = readWords(env.BAD_WORDS ?? "");
    this.#moderation = new Moderation(this.#people, this.#messages, {
      disconnect: (identity) => this.#disconnect(identity),
      endMuteLater: (mute, ms) => this.schedule(ms, this.endMute, mute),
    });
  }

  // --- Comings and goings ---------------------------------------------------------------------

  /** Also called when a client resumes: what was decided meanwhile holds for it too. */
  override onConnect(socket: Connecting<ChatEvents>): void {
    const { nick, channels, moderator } = readVisitor(socket.handshake.auth);
    const banned = this.#people.find(socket.identity)?.banned;
    if (typeof banned === "string") throw new Refused("banned", `You are banned. ${banned}`.trim());
    if (moderator !== undefined && !isCode(moderator, this.env.MODERATOR_CODE)) {
      throw new Refused("wrong_code", "That is not the moderators' code.");
    }
    this.#people.name(socket.identity, nick);
    socket.data = { nick, moderator: moderator !== undefined };
    // Before it is let in, so that what it is sent from the log is that of these channels.
    socket.join(channels.map(roomOf));
    for (const channel of channelsOf(socket)) this.#announce(channel, socket);
  }

  override onDisconnect(socket: Visitor, reason: DisconnectReason): void {
    // The same client is here already, with its channels.
    if (reason === "resumed elsewhere") return;
    for (const channel of channelsOf(socket)) this.#announce(channel);
  }

  #disconnect(identity: string): void {
    for (const socket of this.sockets) {
      // With its connection, so that the client comes back by itself, and is told why it can't.
      if (socket.identity === identity) socket.disconnect(true);
    }
  }

  // --- What visitors do -----------------------------------------------------------------------

  override onEvent(socket: Visitor, event: Wish): void {
    try {
      this.#do(socket, event);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      event.refuse(error.data.code, error.message);
    }
  }

  #do(socket: Visitor, event: Wish): void {
    switch (event.name) {
      case "join":
        this.#join(socket, event);
        break;
      case "leave":
        this.#leave(socket, event);
        break;
      case "typing":
        this.#typing(socket, event);
        break;
      case "say":
        this.#say(socket, event);
        break;
      default:
        this.#moderation.do(socket, event);
    }
  }

  /** May be asked again at any time: the answer is how the channel is now. */
  #join(socket: Visitor, event: WishOf<"join">): void {
    const channel = readChannel(event.args[0]);
    if (!socket.rooms.has(roomOf(channel))) {
      if (channelsOf(socket).length >= 20) throw new Refused("too_many", "20 channels are enough");
      socket.join(roomOf(channel));
      this.#announce(channel);
    }
    event.ack(this.#stateOf(channel));
  }

  #leave(socket: Visitor, event: WishOf<"leave">): void {
    const channel = readChannel(event.args[0]);
    socket.leave(roomOf(channel));
    this.#announce(channel);
    event.ack({ left: channel });
  }

  #typing(socket: Visitor, event: WishOf<"typing">): void {
    const { channel, nick } = this.#speaker(socket, event.args[0]);
    event.relay({ name: "typing", args: [{ channel, nick }], to: roomOf(channel) });
  }

  /** The message, who spoke when, and the event in the log: all of it or nothing. */
  #say(socket: Visitor, event: WishOf<"say">): void {
    const said = readSaid(event.args[0]);
    const { channel, nick, moderator } = this.#speaker(socket, said.channel);
    const text = readText(said.text, this.#badWords);
    const at = Date.now();
    const slow = moderator ? 0 : this.#messages.slow(channel) * 1_000;
    const next = (this.#people.find(socket.identity)?.spokeAt ?? 0) + slow;
    if (at < next) throw new Refused("slow_mode", `slow mode: wait ${inSeconds(next - at)}`);

    const message = { channel, nick, moderator, text, at };
    const { offset } = event.relay({
      name: "message",
      args: [message],
      to: roomOf(channel),
      echo: true,
    });
    if (offset !== null) this.#messages.add({ ...message, offset }, socket.identity);
    this.#people.spoke(socket.identity, at);
  }

  /** @throws {Refused} if they may not say anything there */
  #speaker(socket: Visitor, wanted: unknown): Member & { readonly channel: string } {
    const channel = readChannel(wanted);
    const member = memberOf(socket);
    if (!socket.rooms.has(roomOf(channel))) {
      throw new Refused("not_joined", `you are not in #${channel}`);
    }
    const left = (this.#people.find(socket.identity)?.mutedUntil ?? 0) - Date.now();
    if (left > 0 && !member.moderator) {
      throw new Refused("muted", `you are muted for ${inSeconds(left)} more`);
    }
    return { ...member, channel };
  }

  // --- Who is there ---------------------------------------------------------------------------

  /** Tells a channel who is in it. @param comer one that is about to be let in */
  #announce(channel: string, comer?: Visitor): void {
    const members = this.#membersOf(channel, comer);
    this.to(roomOf(channel)).ephemeral.emit("presence", { channel, members });
  }

  #stateOf(channel: string): ChannelState {
    return { channel, members: this.#membersOf(channel), slow: this.#messages.slow(channel) };
  }

  /** Each person once, however many tabs they have open. */
  #membersOf(channel: string, comer?: Visitor): Member[] {
    const members = new Map<string, Member>();
    for (const socket of comer ? [...this.sockets, comer] : this.sockets) {
      if (!socket.rooms.has(roomOf(channel))) continue;
      const member = memberOf(socket);
      if (members.get(member.nick)?.moderator !== true) members.set(member.nick, member);
    }
    return [...members.values()].sort((a, b) => a.nick.localeCompare(b.nick));
  }

  // --- Later, and over HTTP -------------------------------------------------------------------

  /** Scheduled by `mute`; public because the schedule calls it. */
  endMute(mute: { identity: string; until: number }): void {
    const nick = this.#moderation.endMute(mute);
    if (nick !== undefined) this.emit("notice", { kind: "unmuted", nick });
  }

  override async fetch(request: Request): Promise<Response> {
    return historyOf(request, this.#messages) ?? (await super.fetch(request));
  }
}

/** With a sign that no socket's id has: rooms are also called by those. */
function roomOf(channel: string): string {
  return `#${channel}`;
}

function channelsOf({ rooms }: Visitor): string[] {
  return [...rooms].filter((room) => room.startsWith("#")).map((room) => room.slice(1));
}

function memberOf({ data: { nick = "", moderator = false } }: Visitor): Member {
  return { nick, moderator };
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

/** Takes as long for a nearly right code as for a wrong one. */
function isCode(given: string, code: string | undefined): boolean {
  if (code === undefined || code === "") return false;
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(given), encoder.encode(code)];
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b);
}
