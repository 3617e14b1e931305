/** What a moderator may do about somebody. */
import { byId } from "./dom.js";

/** @param ask sends an event and its argument */
export function preparePerson(ask) {
  const dialog = byId("person");
  let nick = "";

  dialog.addEventListener("close", () => {
    const [deed, seconds] = dialog.returnValue.split(" ");
    if (deed === "mute") ask("mute", { nick, seconds: Number(seconds) });
    else if (deed === "ban") ask("ban", { nick, reason: byId("reason").value });
    else if (deed === "unmute" || deed === "unban") ask(deed, nick);
  });

  return {
    open(who) {
      nick = who;
      byId("person-name").textContent = who;
      byId("reason").value = "";
      dialog.returnValue = "";
      dialog.showModal();
    },
  };
}
