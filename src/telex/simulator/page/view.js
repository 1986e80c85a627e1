// The open place: its list of messages, its draft, and where the reader stands in it.

import { dayOf, draftElement, fillDraft, messageElement, summaryOf } from "./bubbles.js";
import { byId, el, reducedMotion } from "./dom.js";
import { Fade } from "./fade.js";
import { isMine, messagesAt, nameOf, state, viewKey } from "./state.js";

const PAGE = 200;         // how many messages stand in the document at first
const NEAR = 80;          // px from the bottom that still count as "at the bottom"
const TOGETHER = 10 * 60; // s within which messages of one sender stand as a group
const REST = 1200;        // ms after the last scrolling until the day above leaves again
const LINGER = 250;       // ms a draft that ended waits for the message that takes its place

const list = byId("messages");
const scroller = byId("scroller");
const down = byId("down");

let shown = PAGE;
let stuck = true;
let below = 0;
let resting = 0;
let draft = null;  // {item, fade, gone: timer}
const messageOf = new WeakMap();

const place = (message, leaf) => {
  const item = messageElement(message, leaf);
  messageOf.set(item, message);
  return item;
};

export function open() {
  shown = PAGE;
  dropDraft();
  rebuild();
  toBottom();
}

export function rebuild() {
  const all = messagesAt(viewKey());
  const items = [];
  let day = null;
  for (const message of all.slice(-shown)) {
    if (dayOf(message.date) !== day) items.push(separator(day = dayOf(message.date)));
    items.push(place(message));
  }
  if (all.length > shown) items.unshift(el("li", { class: "earlier" }, el("button", { type: "button" }, "Show earlier messages")));
  if (!all.length) items.push(el("li", { class: "empty" }, el("span", {}, "No messages here yet. Say something!")));
  keepPlace(() => {
    list.replaceChildren(...items, ...(draft ? [draft.item] : []));
    regroup();
    const waiting = state.drafts.get(viewKey());
    if (waiting) putDraft(waiting);
  });
}

const separator = (day) => el("li", { class: "day", role: "separator" }, el("span", {}, day));

export function add(message) {
  const before = lastMessage();
  const mine = isMine(message);
  keepPlace(() => {
    list.querySelector(".empty")?.remove();
    const takesOver = draft && message.from?.id === state.bot.id;
    let leaf;
    if (takesOver) {
      draft.fade.show(draft.fade.draftId, message.text ?? "");
      leaf = draft.fade.leaf;
    }
    const item = place(message, leaf);
    if (!takesOver) item.classList.add("arrives");
    const day = dayOf(message.date);
    const parts = before && dayOf(before.date) === day ? [item] : [separator(day), item];
    if (takesOver) draft.item.replaceWith(...parts);
    else if (draft) draft.item.before(...parts);
    else list.append(...parts);
    if (takesOver) dropDraft();
    regroup();
  }, { slide: true });
  if (mine) toBottom();
  else if (!stuck) count(below + 1);
  const who = mine ? "You" : nameOf(message.from);
  byId("announce").textContent = `${who}: ${summaryOf(message)}`;
}

export function edit(message) {
  const old = find(message.message_id);
  if (!old) return;
  keepPlace(() => {
    const focused = old === document.activeElement;
    const item = place(message);
    old.replaceWith(item);
    regroup();
    if (focused) item.focus({ preventScroll: true });
  }, { slide: true });
}

export function remove() { rebuild(); }

export function putDraft(state_) {
  keepPlace(() => {
    if (!draft) {
      draft = { item: draftElement(), fade: new Fade(), gone: 0 };
      draft.item.classList.add("arrives");
      list.querySelector(".empty")?.remove();
    }
    clearTimeout(draft.gone);
    draft.fade.show(state_.draft_id, state_.text ?? "");
    fillDraft(draft.item, state_, draft.fade.leaf);
    if (draft.item !== list.lastElementChild) list.append(draft.item);
    regroup();
  }, { slide: true });
}

// The draft ended. The message that takes its place usually follows at once, and moves into its bubble.
export function endDraft() {
  if (!draft) return;
  const ended = draft;
  clearTimeout(ended.gone);
  ended.gone = setTimeout(() => keepPlace(() => { if (draft === ended) dropDraft(); regroup(); }), LINGER);
}

function dropDraft() {
  if (!draft) return;
  clearTimeout(draft.gone);
  draft.item.remove();
  draft = null;
}

export const find = (messageId) => list.querySelector(`[data-message-id="${messageId}"]`);

export const messageAt = (item) => messageOf.get(item);

const lastMessage = () => messagesAt(viewKey()).at(-2);

// Who stands with whom: the first of a group has the name, the last the tail and the avatar.
function regroup() {
  const items = [...list.querySelectorAll(":scope > li")];
  const joined = (a, b) => {
    if (!a?.classList.contains("message") || !b?.classList.contains("message")) return false;
    const [one, two] = [messageOf.get(a), messageOf.get(b)];
    const from = (item, message) => (item.classList.contains("draft") ? state.bot.id : message.from?.id);
    if (from(a, one) !== from(b, two)) return false;
    return !one || !two || two.date - one.date < TOGETHER;
  };
  items.forEach((item, index) => {
    item.classList.toggle("first", !joined(items[index - 1], item));
    item.classList.toggle("last", !joined(item, items[index + 1]));
    if (item.classList.contains("message")) item.tabIndex = index === items.length - 1 ? 0 : -1;
  });
}

// Of the layout, not of the scroller: while the list slides, the scroller reaches further than it will.
const bottom = () => list.offsetHeight - scroller.clientHeight;

// Change the list without moving what is read: at the bottom the newest stays in sight, elsewhere nothing moves.
function keepPlace(change, { slide = false } = {}) {
  const height = list.offsetHeight;
  change();
  if (!stuck) return;
  const grown = list.offsetHeight - height;
  scroller.scrollTop = bottom();
  if (slide && grown > 0 && grown < 400 && bottom() > 0 && !reducedMotion()) {
    // Added to those still running, so that quick updates make one even movement.
    list.animate([{ transform: `translateY(${grown}px)` }, { transform: "none" }],
      { duration: 180, easing: "ease-out", composite: "add" });
  }
}

export function toBottom({ smooth = false } = {}) {
  stuck = true;
  count(0);
  scroller.scrollTo({ top: bottom(), behavior: smooth && !reducedMotion() ? "smooth" : "instant" });
}

function count(messages) {
  below = messages;
  down.dataset.count = messages || "";
  down.hidden = stuck;
}

export function goTo(messageId) {
  const item = find(messageId);
  if (!item) return;
  stuck = false;
  item.scrollIntoView({ block: "center", behavior: reducedMotion() ? "instant" : "smooth" });
  item.classList.remove("flash");
  void item.offsetWidth;  // begins the animation anew
  item.classList.add("flash");
}

// Only a reader leaves the bottom: growth of the list scrolls too, and is not a wish.
scroller.addEventListener("scroll", () => {
  const distance = bottom() - scroller.scrollTop;
  stuck = distance < NEAR;
  count(stuck ? 0 : below);
  scroller.classList.toggle("scrolling", !stuck);
  clearTimeout(resting);
  resting = setTimeout(() => scroller.classList.remove("scrolling"), REST);
}, { passive: true });

new ResizeObserver(() => { if (stuck) scroller.scrollTop = bottom(); }).observe(scroller);

down.addEventListener("click", () => toBottom({ smooth: true }));

list.addEventListener("click", (event) => {
  if (!event.target.closest(".earlier button")) return;
  const fromEnd = scroller.scrollHeight - scroller.scrollTop;
  shown += PAGE;
  stuck = false;
  rebuild();
  scroller.scrollTop = scroller.scrollHeight - fromEnd;
});
