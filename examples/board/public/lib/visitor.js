import { randomId } from "./random.js";

const BOARD = /^[A-Za-z0-9_.:~-]{1,128}$/;
const STORED = "roomlog-board";

/** The board in the page's address; a new one is put there, for others to come to the same. */
export function boardOfAddress() {
  const url = new URL(location.href);
  const asked = url.searchParams.get("board") ?? "";
  if (BOARD.test(asked) && asked !== "." && asked !== "..") return asked;
  const board = `board-${randomId().slice(0, 8)}`;
  url.searchParams.set("board", board);
  history.replaceState(null, "", url);
  return board;
}

/**
 * Who sits at this browser. `clientId` is the secret that makes their changes theirs: it stays over
 * page loads, so that these can still be undone, and retries are recognised.
 * @returns {{ clientId: string, name: string }}
 */
export function person() {
  const known = stored();
  if (known?.clientId) return known;
  const fresh = { clientId: randomId(), name: `Guest ${randomId().slice(0, 4)}` };
  store(fresh);
  return fresh;
}

/** @param {string} name */
export function remember(name) {
  store({ ...person(), name });
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "null");
  } catch {
    return null;
  }
}

/** @param {object} value */
function store(value) {
  try {
    localStorage.setItem(STORED, JSON.stringify(value));
  } catch {
    // No storage: this person is another one after a page load.
  }
}
