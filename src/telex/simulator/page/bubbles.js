// One message, or the live draft, made into an element of the list.

import { colourOf, el, fillAvatar, icon } from "./dom.js";
import { renderText } from "./entities.js";
import { lettersOf, renderRich } from "./rich.js";
import { findMessage, isGroup, isMine, nameOf, state } from "./state.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
export const timeOf = (date) => clock.format(new Date(date * 1000));

export function dayOf(date) {
  const day = new Date(date * 1000);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(undefined, { day: "numeric", month: "long", year });
}

const SERVICE = {
  new_chat_members: (message) => `${message.new_chat_members.map(nameOf).join(", ")} joined`,
  left_chat_member: (message) => `${nameOf(message.left_chat_member)} left`,
  forum_topic_created: (message) => `The topic “${message.forum_topic_created.name}” was created`,
  forum_topic_closed: () => "The topic was closed",
  forum_topic_reopened: () => "The topic was opened again",
  pinned_message: () => "A message was pinned",
  group_chat_created: () => "The group was created",
  supergroup_chat_created: () => "The group was created",
};

function serviceText(message) {
  for (const [field, words] of Object.entries(SERVICE)) if (message[field]) return words(message);
  return null;
}

// What stands for a message in one line: in the chat list, in a reply, for a screen reader.
export const summaryOf = (message) =>
  (message.text ?? message.caption ?? (message.rich_message && lettersOf(message.rich_message.blocks)) ?? serviceText(message) ?? (message.photo && "Photo") ?? "This kind of message is not shown here").replace(/\s+/gu, " ");

export function messageElement(message, leaf = undefined) {
  const service = message.text === undefined && message.caption === undefined ? serviceText(message) : null;
  if (service) return el("li", { class: "service", "data-message-id": message.message_id }, el("span", {}, service));
  const chat = state.chats.get(message.chat.id) ?? message.chat;
  const mine = isMine(message);
  const bubble = el("div", { class: "bubble" },
    isGroup(chat) && !mine ? sender(message) : null,
    message.reply_to_message && !message.reply_to_message.forum_topic_created ? replyPreview(message.reply_to_message) : null,
    message.photo ? photo(message.photo.at(-1)) : null,
    body(message, leaf, mine));
  const item = el("li", {
    class: `message ${mine ? "out" : "in"}`, "data-message-id": message.message_id, "data-from": message.from?.id, tabindex: -1,
  }, isGroup(chat) && !mine ? avatar(message) : null, el("div", { class: "column" }, bubble, keyboard(message)), moreButton());
  if (isJumbo(message)) item.classList.add("jumbo");
  return item;
}

function body(message, leaf, mine) {
  const key = `${message.chat.id}/${message.message_id}`;
  const text = message.text ?? message.caption ?? "";
  const nothing = message.photo ? "" : el("em", {}, summaryOf(message));
  const plain = text ? renderText(text, message.entities ?? message.caption_entities, leaf) : nothing;
  const shown = message.rich_message ? renderRich(message.rich_message) : plain;
  const meta = el("span", { class: "meta" },
    message.edit_date ? el("span", { class: "edited" }, "edited") : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
    mine ? icon("checks") : null);
  return el("div", { class: state.revealed.has(key) ? "text revealed" : "text", dir: "auto" }, shown, meta);
}

const photo = ({ file_id: id, width, height }) =>
  el("img", { class: "photo", src: `photo/${encodeURIComponent(id)}`, width, height, alt: "Photo", loading: "lazy" });

function sender(message) {
  return el("div", { class: "sender", "data-colour": colourOf(message.from?.id ?? 0) },
    nameOf(message.from), message.from?.is_bot ? el("span", { class: "tag" }, "bot") : null);
}

function avatar(message) {
  const element = el("div", { class: "avatar small", "aria-hidden": "true" });
  fillAvatar(element, message.from?.id ?? 0, nameOf(message.from));
  return element;
}

function replyPreview(quoted) {
  const current = findMessage(quoted.chat?.id, quoted.message_id) ?? quoted;
  return el("button", {
    type: "button", class: "reply", "data-goto": quoted.message_id, "data-colour": colourOf(current.from?.id ?? 0),
  }, el("b", {}, nameOf(current.from)), el("span", {}, summaryOf(current)));
}

function moreButton() {
  return el("button", { type: "button", class: "more", tabindex: -1, "aria-label": "Actions", "aria-haspopup": "menu" }, icon("more"));
}

function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "keyboard" }, ...rows.map((row) => el("div", { class: "keys" }, ...row.map(key))));
}

function key(button) {
  if (button.url && /^(https?|tg):/iu.test(button.url)) {
    return el("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("link"));
  }
  const usable = button.callback_data !== undefined && !button.disabled;
  return el("button", {
    type: "button", class: "key", disabled: !usable, "data-press": button.callback_data, "data-style": button.style,
  }, button.text);
}

const EMOJI = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u{FE0F}|\u{200D}\p{Extended_Pictographic})*){1,3}$/u;
const isJumbo = (message) => !message.entities?.length && !message.reply_to_message && EMOJI.test(message.text ?? "");

export function draftElement() {
  const text = el("div", { class: "text", dir: "auto" });
  return el("li", { class: "message in draft last first", "data-testid": "draft", "aria-live": "off" },
    el("div", { class: "column" }, el("div", { class: "bubble" }, text)));
}

export function fillDraft(item, draft, leaf) {
  const text = item.querySelector(".text");
  item.dataset.draftId = draft.draft_id;
  item.classList.toggle("thinks", !draft.text);
  // The time's place is kept free from the start: the real message then takes no more room than the draft did.
  const meta = el("span", { class: "meta" }, el("time", {}, timeOf(Date.now() / 1000)));
  const plain = draft.text ? renderText(draft.text, draft.entities, leaf) : el("span", { class: "thinking" }, "Thinking…");
  text.replaceChildren(draft.rich_message ? renderRich(draft.rich_message) : plain, meta);
}
