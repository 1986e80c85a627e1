// The field at the bottom: writing, replying, commands, the bot's name in groups.

import { summaryOf } from "./bubbles.js";
import { byId, el, icon, toast } from "./dom.js";
import { isPicture, shrink } from "./photo.js";
import { isGroup, nameOf, state, viewKey } from "./state.js";

const field = byId("composer");
const hints = byId("hints");
const unsent = new Map();  // view key -> what was being written there
let replying = null;
let opened = null;
let send = () => false;
let sendPhoto = () => false;

export function setUp(onSend, onPhoto) {
  send = onSend;
  sendPhoto = onPhoto;
  byId("attach").append(icon("clip"));
  byId("send").append(icon("send"));
  byId("quoting-cancel").append(icon("close"));
  document.querySelector(".quoting-icon").append(icon("reply"));
}

export function open() {
  // What was written before the first chat is there is meant for it.
  unsent.set(opened ?? viewKey(), field.value);
  opened = viewKey();
  field.value = unsent.get(opened) ?? "";
  quote(null);
  changed();
  const chat = state.chats.get(state.view.chatId);
  byId("chip").hidden = !isGroup(chat);
  byId("mention").textContent = `@${state.bot.username}`;
  if (matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
}

export function quote(message) {
  replying = message;
  byId("quoting").hidden = !message;
  if (!message) return;
  byId("quoting-who").textContent = `Reply to ${nameOf(message.from)}`;
  byId("quoting-text").textContent = summaryOf(message).slice(0, 300);
  field.focus();
}

// A deleted message can no longer be replied to.
export function forget(chatId, messageId) {
  if (replying?.message_id === messageId && replying.chat.id === chatId) quote(null);
}

export function insert(text) {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  changed();
}

export function updateState() {
  const draft = state.drafts.get(viewKey());
  byId("stop").hidden = !draft?.can_stop;
  byId("send").disabled = !state.connected || !field.value.trim();
}

// Also to be called when the field comes into sight: a hidden one has no height.
export function changed() {
  // Measured from one line; the style sheet holds the greatest height.
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  showHints();
  updateState();
}

function submit() {
  const text = field.value.trim();
  if (!text || !send({ text, reply_to: replying?.message_id ?? null })) return;
  field.value = "";
  quote(null);
  changed();
}

// What is written is the picture's caption.
async function attach(file) {
  let photo;
  try {
    photo = await shrink(file);
  } catch {
    toast("This picture cannot be read.");
    return;
  }
  if (!sendPhoto({ ...photo, caption: field.value.trim(), reply_to: replying?.message_id ?? null })) return;
  field.value = "";
  quote(null);
  changed();
}

export function showHints() {
  const asked = /^\/(\w*)$/u.exec(field.value)?.[1];
  const found = asked === undefined ? [] : state.commands.filter((one) => one.command.startsWith(asked.toLowerCase()));
  hints.replaceChildren(...found.map((one, index) =>
    el("li", { role: "option", id: `hint-${index}`, "data-command": one.command, "aria-selected": index === 0 ? "true" : "false" },
      el("b", {}, `/${one.command}`), el("span", {}, one.description))));
  hints.hidden = !found.length;
  mark(0);
}

function mark(index) {
  const options = [...hints.children];
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  options[index]?.scrollIntoView({ block: "nearest" });
  if (options[index]) field.setAttribute("aria-activedescendant", options[index].id);
  else field.removeAttribute("aria-activedescendant");
}

const marked = () => [...hints.children].findIndex((option) => option.getAttribute("aria-selected") === "true");

function take(command) {
  const group = isGroup(state.chats.get(state.view.chatId));
  field.value = `/${command}${group ? `@${state.bot.username}` : ""}`;
  hints.hidden = true;
  submit();
  field.focus();
}

function hintKey(event) {
  const count = hints.children.length;
  if (event.key === "ArrowDown") mark((marked() + 1) % count);
  else if (event.key === "ArrowUp") mark((marked() + count - 1) % count);
  else if (event.key === "Enter" || event.key === "Tab") take(hints.children[marked()].dataset.command);
  else if (event.key === "Escape") hints.hidden = true;
  else return false;
  return true;
}

field.addEventListener("input", changed);
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;  // Enter chooses a character of an input method
  if (!hints.hidden && !event.shiftKey && hintKey(event)) event.preventDefault();
  else if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); submit(); }
  else if (event.key === "Escape" && replying) quote(null);
});
byId("foot").addEventListener("submit", (event) => { event.preventDefault(); submit(); field.focus(); });
byId("attach").addEventListener("click", () => byId("picture").click());
byId("picture").addEventListener("change", ({ target }) => {
  if (target.files.length) attach(target.files[0]);
  target.value = "";
});
field.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find(isPicture);
  if (!file) return;
  event.preventDefault();
  attach(file);
});
byId("quoting-cancel").addEventListener("click", () => { quote(null); field.focus(); });
byId("mention").addEventListener("click", () => {
  const space = field.selectionStart > 0 && !/\s$/u.test(field.value.slice(0, field.selectionStart)) ? " " : "";
  insert(`${space}@${state.bot.username} `);
});
hints.addEventListener("pointerdown", (event) => event.preventDefault());  // the field keeps the focus
hints.addEventListener("click", (event) => {
  const option = event.target.closest("[data-command]");
  if (option) take(option.dataset.command);
});
