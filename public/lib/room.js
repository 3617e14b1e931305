import { randomRoom } from "./random.js";

const ROOM = /^[A-Za-z0-9_.:~-]{1,128}$/;

function isRoom(name) {
  return ROOM.test(name) && name !== "." && name !== "..";
}

/** The room of this page, put into the address so that a reload, a second tab
 *  and a phone come to the same one. */
export function roomFromAddress() {
  const url = new URL(location.href);
  const asked = url.searchParams.get("room");
  if (asked !== null && isRoom(asked)) return { room: asked, problem: null };

  const room = randomRoom();
  url.searchParams.set("room", room);
  history.replaceState(null, "", url);
  const problem = asked
    ? "That is not a room name (1 to 128 letters, digits or _ . : ~ -), so this is a new room."
    : null;
  return { room, problem };
}
