/** The question at the door. */
import { byId } from "./dom.js";

/**
 * @param known who one is already, and may stay unless there is a refusal
 * @returns who comes in: { nick, code }
 */
export function askWho(known, refusal) {
  const dialog = byId("welcome");
  if (known) byId("nick").value = known.nick;
  byId("refusal").hidden = !refusal;
  byId("refusal").textContent = refusal?.message ?? "";
  dialog.showModal();
  return new Promise((resolve) => {
    let answer = refusal ? undefined : known;
    byId("enter").onsubmit = (event) => {
      event.preventDefault();
      answer = { nick: byId("nick").value.trim(), code: byId("code").value };
      dialog.close();
    };
    dialog.onclose = () => {
      if (answer) resolve(answer);
      // Escape: but there is nothing to be seen before one has come in.
      else dialog.showModal();
    };
  });
}
