/** The list of channels and of those who are in the present one. */
import { byId, make } from "./dom.js";
import { toneOf } from "./words.js";

/** @param actions { open(channel), leave(channel) } */
export function showChannels(channels, active, actions) {
  byId("channels").replaceChildren(
    ...Array.from(channels, ([name, { unread }]) =>
      make(
        "li",
        { "data-active": name === active },
        make(
          "button",
          {
            type: "button",
            class: "channel",
            "data-testid": "channel",
            "aria-current": name === active ? "true" : undefined,
            onclick: () => actions.open(name),
          },
          `# ${name}`,
          unread > 0 ? make("span", { class: "unread" }, String(unread)) : "",
        ),
        channels.size > 1
          ? make(
              "button",
              {
                type: "button",
                class: "leave",
                "aria-label": `Leave ${name}`,
                onclick: () => actions.leave(name),
              },
              "×",
            )
          : "",
      ),
    ),
  );
}

/** @param open called with the nickname of whom somebody points at */
export function showMembers(members, open) {
  byId("count").textContent = String(members.length);
  byId("members").replaceChildren(
    ...members.map(({ nick, moderator }) =>
      make(
        "li",
        {},
        make(
          "button",
          { type: "button", class: "member", "data-testid": "member", onclick: () => open(nick) },
          make(
            "span",
            { class: "face", "data-tone": toneOf(nick), "aria-hidden": "true" },
            [...nick][0],
          ),
          nick,
          moderator ? make("span", { class: "badge" }, "moderator") : "",
        ),
      ),
    ),
  );
}

/** On a phone the lists are a drawer. */
export function prepareDrawer() {
  const set = (open) => {
    byId("menu").setAttribute("aria-expanded", String(open));
    byId("side").toggleAttribute("data-open", open);
    byId("shade").hidden = !open;
  };
  byId("menu").addEventListener("click", () => set(!byId("side").hasAttribute("data-open")));
  byId("shade").addEventListener("click", () => set(false));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") set(false);
  });
  return { close: () => set(false) };
}
