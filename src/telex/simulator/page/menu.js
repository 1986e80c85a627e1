// What can be done with a message: reply, copy, delete. Opened by a right click, a tap, the dots or the keyboard.

import { byId, copyText, el, icon, toast } from "./dom.js";

const menu = byId("menu");
let before = null;

export function openMenu(item, x, y, actions) {
  before = document.activeElement;
  menu.replaceChildren(...actions.map(({ name, label, run, danger }) => {
    const button = el("button", { type: "button", role: "menuitem", class: danger ? "danger" : null, "data-action": name }, icon(name), label);
    button.addEventListener("click", () => { close(); run(); });
    return button;
  }));
  menu.hidden = false;
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, y + height > innerHeight - 8 ? y - height : y)}px`;
  item.classList.add("chosen");
  menu.firstElementChild.focus({ preventScroll: true });
}

function close({ restore = true } = {}) {
  if (menu.hidden) return;
  menu.hidden = true;
  document.querySelector(".chosen")?.classList.remove("chosen");
  if (restore) before?.focus?.({ preventScroll: true });
}

export const copyMessage = (message) =>
  copyText(message.text ?? message.caption ?? "").then(() => toast("Copied"), () => toast("The browser did not allow copying."));

menu.addEventListener("keydown", (event) => {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) items.at(to % items.length).focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
});
addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) close({ restore: false }); });
addEventListener("resize", () => close());
// Only a reader's own scrolling: a list that grows at its end leaves the menu alone.
for (const name of ["wheel", "touchmove"]) byId("scroller").addEventListener(name, () => close({ restore: false }), { passive: true });
