/** What the chat's page and its room say to each other. */

export type Message = {
  readonly channel: string;
  readonly nick: string;
  readonly moderator: boolean;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

/** A message and its place in the log, which is also its name. */
export type StoredMessage = Message & { readonly offset: string };

/** What moderators did. Logged, so that whoever was away learns of it too. */
export type Notice =
  | { readonly kind: "muted"; readonly nick: string; readonly by: string; readonly until: number }
  | { readonly kind: "unmuted"; readonly nick: string }
  | { readonly kind: "banned"; readonly nick: string; readonly by: string; readonly reason: string }
  | { readonly kind: "unbanned"; readonly nick: string; readonly by: string }
  | {
      readonly kind: "slowed";
      readonly channel: string;
      readonly by: string;
      readonly seconds: number;
    };

export type Member = { readonly nick: string; readonly moderator: boolean };

/** How a channel is now. */
export type ChannelState = {
  readonly channel: string;
  readonly members: readonly Member[];
  /** Seconds that have to pass between two messages of one person. */
  readonly slow: number;
};

type Refusal = { readonly error: { readonly code: string; readonly message: string } };
type Done<T> = (answer: T | Refusal) => void;
/** An event was logged; with `duplicate`, it was before. */
type Logged = { readonly offset: string; readonly duplicate: boolean };

export interface ServerToClient {
  message: (message: Message) => void;
  removed: (removed: { channel: string; offset: string; by: string }) => void;
  notice: (notice: Notice) => void;
  presence: (presence: { channel: string; members: readonly Member[] }) => void;
  typing: (typing: { channel: string; nick: string }) => void;
}

/** All but `join`, `leave` and `typing` may have `{ idempotencyKey }` as one more argument. */
export interface ClientToServer {
  join: (channel: string, done: Done<ChannelState>) => void;
  leave: (channel: string, done: Done<{ left: string }>) => void;
  typing: (channel: string) => void;
  say: (said: { channel: string; text: string }, done: Done<Logged>) => void;
  remove: (offset: string, done: Done<Logged>) => void;
  mute: (mute: { nick: string; seconds: number }, done: Done<Logged>) => void;
  unmute: (nick: string, done: Done<Logged>) => void;
  ban: (ban: { nick: string; reason: string }, done: Done<Logged>) => void;
  unban: (nick: string, done: Done<Logged>) => void;
  slow: (slow: { channel: string; seconds: number }, done: Done<Logged>) => void;
}

export interface ChatEvents {
  ServerToClient: ServerToClient;
  ClientToServer: ClientToServer;
  /** Kept for each socket, also while its room sleeps. */
  Data: Member;
}
