// What the page knows. Pure bookkeeping: nothing here touches the document.

export const state = {
  connected: false,
  bot: null,
  me: null,
  commands: [],
  chats: new Map(),     // chat id -> chat
  messages: new Map(),  // view key -> Map(message id -> message)
  drafts: new Map(),    // view key -> draft
  typing: new Map(),    // view key -> time (ms) at which the sign goes out
  unread: new Map(),    // view key -> how many
  revealed: new Set(),  // "chat/message" whose spoilers were opened
  status: null,
  view: null,           // {chatId, threadId}
};

// Those that every bot is expected to know.
const GLOBAL_COMMANDS = [
  { command: "start", description: "Begin" },
  { command: "help", description: "What this bot can do" },
];

// The General topic of a forum has id 1 and is addressed by leaving the thread out.
const GENERAL = 1;

export const threadOf = (id) => (id === undefined || id === null || id === GENERAL ? null : id);
export const keyOf = (chatId, threadId) => `${chatId}/${threadOf(threadId) ?? ""}`;
export const viewKey = () => (state.view ? keyOf(state.view.chatId, state.view.threadId) : null);

// Outside of topics, message_thread_id names a thread of replies, which is no place of its own.
export const keyOfMessage = (message) =>
  keyOf(message.chat.id, message.is_topic_message ? message.message_thread_id : null);

export const hasTopics = (chat) => chat.is_forum || (chat.topics ?? []).length > 0;
export const isGroup = (chat) => chat.type !== "private";

// In a private chat with the bot, whoever is not the bot sits at this page.
export const isMine = (message) =>
  (isGroup(message.chat) ? message.from?.id === state.me.id : message.from?.id !== state.bot.id);

export function placesOf(chat) {
  if (!hasTopics(chat)) return [{ chatId: chat.id, threadId: null, name: titleOf(chat) }];
  const topics = (chat.topics ?? []).filter((topic) => threadOf(topic.id) !== null);
  const general = (chat.topics ?? []).find((topic) => topic.id === GENERAL);
  return [
    { chatId: chat.id, threadId: null, name: general?.name ?? "General" },
    ...topics.map((topic) => ({ chatId: chat.id, threadId: topic.id, name: topic.name })),
  ];
}

// A private chat is called after the one on the other side: the bot. Another person's says whose it is.
export function titleOf(chat) {
  if (isGroup(chat)) return chat.title;
  return chat.id === state.me.id ? nameOf(state.bot) : `${nameOf(state.bot)} (${chat.title})`;
}

export const nameOf = (user) =>
  user ? [user.first_name, user.last_name].filter(Boolean).join(" ") || user.username || "?" : "";

export function takeHello(hello) {
  state.bot = hello.bot;
  state.me = hello.me;
  state.commands = hello.commands?.length ? hello.commands : GLOBAL_COMMANDS;
  state.status = hello.status ?? null;
  state.chats = new Map(hello.chats.map((chat) => [chat.id, chat]));
  state.messages = new Map();
  state.drafts = new Map();
  state.typing = new Map();
  for (const message of [...hello.messages].sort((a, b) => a.message_id - b.message_id)) putMessage(message);
  for (const draft of hello.drafts) state.drafts.set(keyOf(draft.chat_id, draft.thread_id), draft);
  for (const key of state.unread.keys()) if (!state.messages.has(key)) state.unread.delete(key);
}

export function putMessage(message) {
  const key = keyOfMessage(message);
  if (!state.messages.has(key)) state.messages.set(key, new Map());
  state.messages.get(key).set(message.message_id, message);
  return key;
}

export function removeMessage(chatId, messageId) {
  for (const [key, messages] of state.messages) {
    if (key.startsWith(`${chatId}/`) && messages.delete(messageId)) return key;
  }
  return null;
}

export const messagesAt = (key) => [...(state.messages.get(key)?.values() ?? [])];

export function findMessage(chatId, messageId) {
  for (const [key, messages] of state.messages) {
    if (key.startsWith(`${chatId}/`) && messages.has(messageId)) return messages.get(messageId);
  }
  return null;
}

export const isTyping = (key) => (state.typing.get(key) ?? 0) > performance.now();

// What the bot is doing in a place, in the words of the header; "" for nothing.
export function activityAt(key) {
  const draft = state.drafts.get(key);
  if (draft) return draft.text ? "typing" : "is thinking";
  return isTyping(key) ? "typing" : "";
}
