/** What moderators do. Each deed is one transaction: what is stored, and the notice in the log. */
import type { RoomEvent, Socket } from "roomlog";
import type { ChatEvents, Notice } from "./events.ts";
import type { Messages } from "./messages.ts";
import type { People, Person } from "./people.ts";
import { Refused } from "./refused.ts";
import { readBan, readMute, readNick, readOffset, readSlow } from "./wanted.ts";

type Deed = Extract<
  RoomEvent<ChatEvents>,
  { readonly name: "remove" | "mute" | "unmute" | "ban" | "unban" | "slow" }
>;

/** A mute that ends by itself. */
export type Mute = { readonly identity: string; readonly until: number };

/** What it needs of the room. */
export type ModerationPorts = {
  disconnect(identity: string): void;
  endMuteLater(mute: Mute, ms: number): void;
};

export class Moderation {
  readonly #people: People;
  readonly #messages: Messages;
  readonly #ports: ModerationPorts;

  constructor(people: People, messages: Messages, ports: ModerationPorts) {
    this.#people = people;
    this.#messages = messages;
    this.#ports = ports;
  }

  do(socket: Socket<ChatEvents>, event: Deed): void {
    const { nick: by = "", moderator = false } = socket.data;
    if (event.name === "remove") {
      this.#remove(socket, event, by, moderator);
    } else {
      if (!moderator) throw new Refused("not_moderator", "only moderators may do that");
      const notice = this.#done(socket.identity, event, by);
      event.relay({ name: "notice", args: [notice], echo: true });
    }
  }

  #done(own: string, event: Exclude<Deed, { readonly name: "remove" }>, by: string): Notice {
    switch (event.name) {
      case "mute": {
        const { nick: wanted, seconds } = readMute(event.args[0]);
        const { identity, nick } = this.#other(wanted, own);
        const until = Date.now() + seconds * 1_000;
        this.#people.mute(identity, until);
        this.#ports.endMuteLater({ identity, until }, seconds * 1_000);
        return { kind: "muted", nick, by, until };
      }
      case "unmute": {
        const { identity, nick } = this.#people.named(readNick(event.args[0]));
        this.#people.mute(identity, null);
        return { kind: "unmuted", nick };
      }
      case "ban": {
        const { nick: wanted, reason } = readBan(event.args[0]);
        const { identity, nick } = this.#other(wanted, own);
        this.#people.ban(identity, reason);
        this.#ports.disconnect(identity);
        return { kind: "banned", nick, by, reason };
      }
      case "unban": {
        const { identity, nick } = this.#people.named(readNick(event.args[0]));
        this.#people.ban(identity, null);
        return { kind: "unbanned", nick, by };
      }
      case "slow": {
        const { channel, seconds } = readSlow(event.args[0]);
        this.#messages.setSlow(channel, seconds);
        return { kind: "slowed", channel, by, seconds };
      }
    }
    // A client may send what the types don't have.
    throw new Refused("unknown", "there is no such event");
  }

  /** Moderators remove any message, others their own. */
  #remove(
    socket: Socket<ChatEvents>,
    event: Extract<Deed, { readonly name: "remove" }>,
    by: string,
    moderator: boolean,
  ): void {
    const offset = readOffset(event.args[0]);
    const message = this.#messages.find(offset);
    if (message === undefined) throw new Refused("no_message", "there is no such message");
    const { channel, identity } = message;
    if (!moderator && identity !== socket.identity) {
      throw new Refused("not_moderator", "only moderators may remove what others wrote");
    }
    this.#messages.remove(offset);
    const removed = { channel, offset, by };
    event.relay({ name: "removed", args: [removed], to: `#${channel}`, echo: true });
  }

  /**
   * Ends a mute, unless it was ended or made longer meanwhile.
   * @returns whose it was
   */
  endMute({ identity, until }: Mute): string | undefined {
    const person = this.#people.find(identity);
    if (person?.mutedUntil !== until) return undefined;
    this.#people.mute(identity, null);
    return person.nick;
  }

  #other(nick: string, own: string): Person {
    const person = this.#people.named(nick);
    if (person.identity === own) throw new Refused("yourself", "that is you");
    return person;
  }
}
