/** What clients may ask for. TypeScript knows what they should send, this finds out what they did. */
import * as v from "valibot";
import { Refused } from "./refused.ts";

const DAY = 86_400;

const Nick = v.pipe(
  v.string("a nickname is needed"),
  v.trim(),
  v.regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{N} _-]{0,18}[\p{L}\p{N}])?$/u,
    "a nickname is 1 to 20 letters and digits, with spaces, - and _ between them",
  ),
);

const Channel = v.pipe(
  v.string("a channel is needed"),
  v.regex(/^[a-z0-9][a-z0-9-]{0,23}$/, "a channel's name is 1 to 24 characters of a-z 0-9 -"),
);

const Offset = v.pipe(v.string("an offset is needed"), v.maxLength(64));

function seconds(least: number, most: number) {
  const message = `seconds are a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
}

/** What `auth` has to hold when a client connects. */
const Visitor = v.object({
  nick: Nick,
  /** The secret by which the person is known again; Roomlog makes the identity of it. */
  clientId: v.string("auth.clientId is needed"),
  /** Whose messages are wanted, live and from the log. */
  channels: v.optional(v.pipe(v.array(Channel), v.maxLength(20)), []),
  /** The moderators' code. */
  moderator: v.optional(v.string()),
});

const Said = v.object({ channel: Channel, text: v.string("a text is needed") });
const Mute = v.object({ nick: Nick, seconds: seconds(1, DAY) });
const Ban = v.object({
  nick: Nick,
  reason: v.pipe(v.string(), v.trim(), v.maxLength(200, "a reason has at most 200 characters")),
});
const Slow = v.object({ channel: Channel, seconds: seconds(0, 3_600) });

function reader<T>(schema: v.GenericSchema<unknown, T>): (value: unknown) => T {
  return (value) => {
    const { success, output, issues } = v.safeParse(schema, value);
    if (!success) throw new Refused("invalid", issues[0].message);
    return output;
  };
}

export const readVisitor = reader(Visitor);
export const readNick = reader(Nick);
export const readChannel = reader(Channel);
export const readOffset = reader(Offset);
export const readSaid = reader(Said);
export const readMute = reader(Mute);
export const readBan = reader(Ban);
export const readSlow = reader(Slow);
