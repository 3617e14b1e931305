import { tone } from "./tone.js";

/** @import { BoardClient } from "./client.js" */

/** So many are shown; of the others only how many they are. */
const SHOWN = 6;

/** Who is on the board. */
export class People {
  /** @param {BoardClient} client */
  constructor(client) {
    const list = /** @type {HTMLElement} */ (document.getElementById("people"));
    client.addEventListener("people", () => {
      const people = [...client.people];
      const avatars = people.slice(0, SHOWN).map(([id, name]) => {
        const you = id === client.socket.id;
        return avatar(name.slice(0, 1).toUpperCase(), you ? `${name} (you)` : name, tone(id));
      });
      const more = people.length - SHOWN;
      if (more > 0) avatars.push(avatar(`+${more}`, `${more} more`, "more"));
      list.replaceChildren(...avatars);
    });
  }
}

/** @param {string} text @param {string} name @param {string} colour */
function avatar(text, name, colour) {
  const item = document.createElement("li");
  item.className = "avatar";
  item.dataset.testid = "person";
  item.dataset.tone = colour;
  item.title = name;
  item.textContent = text;
  item.setAttribute("aria-label", name);
  return item;
}
