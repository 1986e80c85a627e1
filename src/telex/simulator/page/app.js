// Where everything meets: events from the simulator in, commands of the person out.

import * as chats from "./chats.js";
import * as composer from "./composer.js";
import { byId, icon, toast } from "./dom.js";
import { copyMessage, openMenu } from "./menu.js";
import { connect } from "./socket.js";
import { isMine, keyOf, keyOfMessage, placesOf, putMessage, removeMessage, state, takeHello, threadOf, viewKey } from "./state.js";
import * as view from "./view.js";

const narrow = matchMedia("(max-width: 700px)");

const HANDLERS = {
  hello(event) {
    const before = viewKey();
    takeHello(event);
    state.connected = true;
    chats.build();
    showStatus();
    choose(before);
  },

  message({ message }) {
    const key = keyOfMessage(message);
    const known = state.messages.get(key)?.has(message.message_id);
    putMessage(message);
    if (message.from?.id === state.bot.id) {
      state.drafts.delete(key);
      state.typing.delete(key);
    }
    const inSight = key === viewKey() && !document.hidden && !(narrow.matches && document.body.dataset.pane === "list");
    if (!inSight && !known && !isMine(message)) state.unread.set(key, (state.unread.get(key) ?? 0) + 1);
    if (key !== viewKey()) return;
    if (known) view.edit(message);
    else view.add(message);
  },

  edited({ message }) {
    if (putMessage(message) === viewKey()) view.edit(message);
  },

  deleted({ chat_id: chatId, message_id: messageId }) {
    if (removeMessage(chatId, messageId) === viewKey()) view.remove();
    composer.forget(chatId, messageId);
  },

  draft(draft) {
    const key = keyOf(draft.chat_id, draft.thread_id);
    state.drafts.set(key, draft);
    if (key === viewKey()) view.putDraft(draft);
  },

  draft_gone({ chat_id: chatId, thread_id: threadId }) {
    const key = keyOf(chatId, threadId);
    state.drafts.delete(key);
    if (key === viewKey()) view.endDraft();
  },

  typing({ chat_id: chatId, thread_id: threadId, seconds }) {
    state.typing.set(keyOf(chatId, threadId), performance.now() + seconds * 1000);
    setTimeout(refresh, seconds * 1000 + 20);
  },

  chat({ chat }) {
    state.chats.set(chat.id, chat);
    chats.build();
  },

  status(status) {
    state.status = status;
    showStatus();
  },

  commands({ commands }) {
    state.commands = commands;
    composer.showHints();  // a command may be half typed already
  },

  error({ text }) {
    toast(text);
  },

  // What a bot answers to a pressed button.
  toast({ text }) {
    toast(text);
  },
};

function refresh() {
  chats.update();
  composer.updateState();
}

function showStatus() {
  const status = state.status?.ready ? null : state.status;
  for (const name of ["banner", "strip"]) {
    byId(name).hidden = !status;
    byId(`${name}-text`).textContent = status?.text ?? "";
    const bar = byId(`${name}-progress`);
    if (typeof status?.progress === "number") bar.value = status.progress;
    else bar.removeAttribute("value");
  }
}

// Which place is open stands in the address, so that the browser's own back button works.
const asked = () => decodeURIComponent(location.hash.slice(1));

const allPlaces = () => [...state.chats.values()].flatMap(placesOf);

function choose(before = null) {
  const known = allPlaces();
  const at = (key) => known.find((place) => keyOf(place.chatId, place.threadId) === key);
  const place = at(asked()) ?? at(before) ?? known[0];
  if (!place) return;
  const anew = viewKey() !== keyOf(place.chatId, place.threadId) || before !== null;
  state.view = { chatId: place.chatId, threadId: threadOf(place.threadId) };
  document.body.dataset.pane = at(asked()) ? "chat" : "list";
  if (!narrow.matches || at(asked())) state.unread.delete(viewKey());
  chats.update();
  if (anew) view.open();
  if (before !== viewKey()) composer.open();
  composer.changed();
}

const command = connect(
  (event) => {
    if (event.type !== "hello" && !state.bot) return;
    HANDLERS[event.type]?.(event);
    if (event.type !== "hello") refresh();
  },
  (connected) => {
    state.connected = connected;
    refresh();
  },
);

const here = () => ({ chat_id: state.view.chatId, thread_id: state.view.threadId });

function say(what) {
  const sent = state.view && command({ ...what, ...here() });
  if (!sent) toast("The simulator does not answer. Your text stays here until it does.");
  return sent;
}

composer.setUp((text) => say({ type: "say", ...text }), (photo) => say({ type: "photo", ...photo }));

function actionsOf(message) {
  return [
    { name: "reply", label: "Reply", run: () => composer.quote(message) },
    { name: "copy", label: "Copy text", run: () => copyMessage(message) },
    { name: "delete", label: "Delete", danger: true,
      run: () => command({ type: "delete", chat_id: message.chat.id, message_id: message.message_id }) },
  ];
}

function menuFor(item, x, y) {
  const message = view.messageAt(item);
  if (message) openMenu(item, x, y, actionsOf(message));
}

const messages = byId("messages");

const INTERACTIVE = "a, button, .spoiler, blockquote.expandable, .pre, code";

messages.addEventListener("click", (event) => {
  const item = event.target.closest("li.message");
  const target = (selector) => event.target.closest(selector);
  if (!item) return;
  const message = view.messageAt(item);
  if (target(".more")) {
    const { left, bottom } = target(".more").getBoundingClientRect();
    menuFor(item, left, bottom + 4);
  } else if (target("[data-goto]")) view.goTo(target("[data-goto]").dataset.goto);
  else if (target("[data-press]")) {
    command({ type: "press", chat_id: message.chat.id, message_id: message.message_id, data: target("[data-press]").dataset.press });
  } else if (target(".spoiler")) reveal(item, message);
  else if (target("[data-command]")) composer.insert(target("[data-command]").dataset.command);
  else if (target("blockquote.expandable")) unfold(target("blockquote.expandable"));
  else if (matchMedia("(hover: none)").matches && target(".bubble") && !target(INTERACTIVE)) menuFor(item, event.clientX, event.clientY);
});

function reveal(item, message) {
  if (message) state.revealed.add(`${message.chat.id}/${message.message_id}`);
  item.querySelector(".text").classList.add("revealed");
}

function unfold(quote) {
  if (!quote.hasAttribute("aria-expanded")) return;
  const folded = quote.classList.toggle("folded");
  quote.setAttribute("aria-expanded", String(!folded));
}

messages.addEventListener("contextmenu", (event) => {
  const item = event.target.closest("li.message");
  if (!item || event.target.closest("a") || String(getSelection())) return;
  event.preventDefault();
  const box = item.querySelector(".bubble").getBoundingClientRect();
  menuFor(item, event.clientX || box.left + 24, event.clientY || box.top + 24);
});

messages.addEventListener("dblclick", (event) => {
  const item = event.target.closest("li.message");
  if (item && view.messageAt(item) && !event.target.closest(".bubble")) composer.quote(view.messageAt(item));
});

messages.addEventListener("keydown", (event) => {
  const item = event.target.closest("li.message");
  if (!item) return;
  if (event.target.matches(".spoiler, blockquote.expandable") && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    event.target.click();
  } else if (event.target === item) messageKey(event, item);
});

function messageKey(event, item) {
  const all = [...messages.querySelectorAll("li.message")];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step) all[all.indexOf(item) + step]?.focus();
  else if (event.key === "Enter") {
    const box = item.querySelector(".bubble").getBoundingClientRect();
    menuFor(item, box.left + 24, Math.max(box.top, 60) + 24);
  } else return;
  event.preventDefault();
}

byId("stop").addEventListener("click", () => {
  command({ type: "stop", ...here() });
  byId("composer").focus();
});
byId("back").append(icon("back"));
byId("back").addEventListener("click", () => { location.hash = ""; });
byId("down").append(icon("down"));

const themeButton = byId("theme");
const nameTheme = () => themeButton.setAttribute("aria-label", document.documentElement.dataset.theme === "dark" ? "Light colours" : "Dark colours");
themeButton.append(icon("theme"));
themeButton.addEventListener("click", () => { window.theme.toggle(); nameTheme(); });
nameTheme();

addEventListener("hashchange", () => choose(viewKey()));
narrow.addEventListener("change", () => { if (state.view) choose(viewKey()); });
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !state.view) return;
  if (!narrow.matches || document.body.dataset.pane === "chat") state.unread.delete(viewKey());
  chats.update();
});
