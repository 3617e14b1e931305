/** `GET /rooms/{room}/messages?channel=&before=&limit=`: a channel's messages, without the removed. */
import type { Messages } from "./messages.ts";
import { Refused } from "./refused.ts";
import { readChannel, readOffset } from "./wanted.ts";

const LARGEST_PAGE = 100;

/** @returns undefined if something else is asked for */
export function historyOf(request: Request, messages: Messages): Response | undefined {
  const { pathname, searchParams } = new URL(request.url);
  if (!pathname.endsWith("/messages")) return undefined;
  if (request.method !== "GET") return new Response(null, { status: 405 });
  try {
    const channel = readChannel(searchParams.get("channel"));
    const before = searchParams.get("before");
    const limit = Math.min(Number(searchParams.get("limit") ?? 50), LARGEST_PAGE);
    if (!(limit >= 1)) throw new Refused("invalid", "limit is a number from 1");
    // One more than asked for tells whether there is more.
    const found = messages.page(channel, before && readOffset(before), Math.floor(limit) + 1);
    const page = found.slice(-Math.floor(limit));
    return Response.json({ messages: page, more: found.length > page.length });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return Response.json({ error: { ...error.data, message: error.message } }, { status: 400 });
  }
}
