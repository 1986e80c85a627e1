// The list of chats on the left, and the header of the open one.

import { summaryOf, timeOf } from "./bubbles.js";
import { byId, dots, el, fillAvatar, icon } from "./dom.js";
import { activityAt, hasTopics, isGroup, isMine, keyOf, messagesAt, nameOf, placesOf, state, titleOf, viewKey } from "./state.js";

const list = byId("chats");
const rows = new Map();  // view key -> {row, ...its parts}

export function build() {
  rows.clear();
  list.replaceChildren(...[...state.chats.values()].map(chatItem));
  update();
}

function chatItem(chat) {
  if (!hasTopics(chat)) return el("li", {}, row(chat, placesOf(chat)[0]));
  const avatar = el("div", { class: "avatar", "aria-hidden": "true" });
  fillAvatar(avatar, chat.id, titleOf(chat));
  avatar.classList.add("square");
  const head = el("div", { class: "forum-head" }, avatar,
    el("div", { class: "lines" }, el("b", {}, titleOf(chat)), el("span", {}, `${placesOf(chat).length} topics`)));
  const topics = el("ul", { "aria-label": `Topics of ${titleOf(chat)}` },
    ...placesOf(chat).map((place) => el("li", {}, row(chat, place))));
  return el("li", { class: "forum" }, head, topics);
}

function row(chat, place) {
  const topic = hasTopics(chat);
  const avatar = el("div", { class: "avatar", "aria-hidden": "true" });
  if (topic) avatar.append(icon("hash"));
  else fillAvatar(avatar, isGroup(chat) ? chat.id : state.bot.id, place.name);
  if (topic) avatar.dataset.colour = Math.abs(place.threadId ?? 0) % 7;
  const parts = { time: el("time"), preview: el("span", { class: "preview" }), badge: el("span", { class: "badge", "data-testid": "unread" }) };
  const key = keyOf(chat.id, place.threadId);
  const element = el("a", {
    class: topic ? "row topic" : "row", href: `#${key}`, "data-testid": "chat",
    "data-chat": chat.id, "data-thread": place.threadId ?? "",
  }, avatar, el("div", { class: "lines" },
    el("div", { class: "line" }, el("b", {}, place.name), parts.time),
    el("div", { class: "line" }, parts.preview, parts.badge)));
  rows.set(key, { element, ...parts, chat });
  return element;
}

export function update() {
  for (const key of rows.keys()) updateRow(key);
  const unread = [...state.unread.values()].reduce((sum, count) => sum + count, 0);
  document.title = unread ? `(${unread}) telex · simulated Telegram` : "telex · simulated Telegram";
  updateHeader();
}

function updateRow(key) {
  const { element, time, preview, badge, chat } = rows.get(key);
  const last = messagesAt(key).at(-1);
  const activity = activityAt(key);
  element.classList.toggle("open", key === viewKey());
  if (key === viewKey()) element.setAttribute("aria-current", "true");
  else element.removeAttribute("aria-current");
  time.textContent = last ? timeOf(last.date) : "";
  preview.classList.toggle("active", Boolean(activity));
  if (activity) preview.replaceChildren(isGroup(chat) ? `${state.bot.first_name} ${verb(activity)}` : activity, dots());
  else preview.replaceChildren(...(last ? previewOf(last, chat) : ["No messages yet"]));
  const unread = state.unread.get(key) ?? 0;
  badge.textContent = unread || "";
  badge.hidden = !unread;
  if (unread) badge.setAttribute("aria-label", `${unread} unread`);
}

const verb = (activity) => (activity.startsWith("is ") ? activity : `is ${activity}`);

function previewOf(message, chat) {
  const text = summaryOf(message).slice(0, 200);
  if (isMine(message)) return [el("span", { class: "by" }, "You: "), text];
  return isGroup(chat) ? [el("span", { class: "by" }, `${nameOf(message.from)}: `), text] : [text];
}

export function updateHeader() {
  byId("list-title").textContent = state.connected ? "Chats" : "Connecting…";
  const chat = state.view && state.chats.get(state.view.chatId);
  if (!chat) return;
  const place = placesOf(chat).find((one) => keyOf(one.chatId, one.threadId) === viewKey());
  const topic = hasTopics(chat);
  byId("chat-title").textContent = place?.name ?? titleOf(chat);
  const avatar = byId("chat-avatar");
  fillAvatar(avatar, isGroup(chat) ? chat.id : state.bot.id, titleOf(chat));
  avatar.classList.toggle("square", topic);
  if (topic) {
    avatar.replaceChildren(icon("hash"));
    avatar.dataset.colour = Math.abs(place?.threadId ?? 0) % 7;
  }
  updateStatus(chat, topic);
}

function updateStatus(chat, topic) {
  const status = byId("chat-status");
  const activity = state.connected ? activityAt(viewKey()) : "";
  const text = !state.connected ? "connecting…" : statusText(chat, topic, activity);
  status.classList.toggle("active", Boolean(activity));
  if (status.dataset.text === text) return;  // the dots go on moving
  status.dataset.text = text;
  status.replaceChildren(text, ...(activity ? [dots()] : []));
}

function statusText(chat, topic, activity) {
  if (activity) return isGroup(chat) ? `${state.bot.first_name} ${verb(activity)}` : activity;
  if (topic) return titleOf(chat);
  if (!isGroup(chat)) return "bot";
  const members = chat.members?.length ?? 0;
  return members === 1 ? "1 member" : `${members} members`;
}
