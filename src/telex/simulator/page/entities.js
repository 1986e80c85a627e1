// A message's text and entities, made into elements. Offsets count UTF-16 units, as JavaScript's strings do.

import { copyText, el, icon, toast } from "./dom.js";
import { highlight } from "./highlight.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// Where an expandable quotation is folded until somebody opens it: about three lines.
const FOLD_AT = 160;

// Returns a fragment. `leaf(start, end, slice)` may wrap plain pieces of text (the live draft marks its new words so).
export function renderText(text, entities, leaf = (start, end) => text.slice(start, end)) {
  const sorted = (entities ?? [])
    .map((entity) => ({ entity, start: entity.offset, end: Math.min(entity.offset + entity.length, text.length) }))
    .filter((span) => span.start >= 0 && span.end > span.start)
    .sort((a, b) => a.start - b.start || b.end - a.end || Number(BLOCKS.has(b.entity.type)) - Number(BLOCKS.has(a.entity.type)));
  const fragment = document.createDocumentFragment();
  renderRange(fragment, text, 0, text.length, sorted, leaf);
  return fragment;
}

function renderRange(parent, text, from, to, spans, leaf) {
  let at = from;
  let queue = spans;
  while (queue.length) {
    const [span, ...rest] = queue;
    const start = Math.max(span.start, at);
    if (start > at) appendLeaf(parent, at, start, leaf);
    // An entity that begins in this one and ends beyond it is cut in two: elements nest, entities may overlap.
    const inner = rest.filter((other) => other.start < span.end);
    const beyond = inner.filter((other) => other.end > span.end).map((other) => ({ ...other, start: span.end }));
    const nested = inner.map((other) => ({ ...other, end: Math.min(other.end, span.end) }));
    parent.append(element(span.entity, text, start, span.end, nested, leaf));
    at = span.end;
    if (BLOCKS.has(span.entity.type) && text[at] === "\n") at += 1;  // the block's own edge ends the line
    queue = [...beyond, ...rest.filter((other) => other.start >= span.end)];
  }
  if (at < to) appendLeaf(parent, at, to, leaf);
}

function appendLeaf(parent, start, end, leaf) {
  const pieces = leaf(start, end);
  if (Array.isArray(pieces)) parent.append(...pieces);
  else parent.append(pieces);
}

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span", code: "code",
};

function element(entity, text, start, end, nested, leaf) {
  if (entity.type === "pre") return pre(entity, text, start, end, leaf);
  const made = shell(entity, text.slice(start, end));
  renderRange(made, text, start, end, nested, leaf);
  return made;
}

function shell(entity, text) {
  switch (entity.type) {
    case "spoiler": return el("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Hidden text: press to show" });
    case "code": return el("code", { class: "mono", title: "Click to copy" });
    case "blockquote": return el("blockquote");
    case "expandable_blockquote": return expandable(text);
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z][a-z\d+.-]*:/iu.test(text) ? text : `https://${text}`);
    case "email": return link(`mailto:${text}`);
    case "mention": return link(`https://t.me/${text.slice(1)}`, "mention");
    case "text_mention": return el("span", { class: "mention", title: entity.user?.first_name });
    case "bot_command": return el("button", { type: "button", class: "command", "data-command": text });
    case "hashtag": case "cashtag": return el("span", { class: "hashtag" });
    case "date_time": return el("time", { title: new Date(entity.unix_time * 1000).toLocaleString() });
    default: return TAGS[entity.type] ? el(TAGS[entity.type]) : el("span", { "data-entity": entity.type });
  }
}

// Only these can be followed; anything else (javascript:, data:) stays text.
const SAFE = new Set(["http:", "https:", "tg:", "mailto:"]);

export function link(url, kind = null) {
  let target = null;
  try { target = new URL(url); } catch { /* not an address */ }
  if (!target || !SAFE.has(target.protocol)) return el("span", { class: "unsafe-link", title: url });
  return el("a", { href: target.href, target: "_blank", rel: "noopener noreferrer", class: kind, title: target.href });
}

function expandable(text) {
  const long = text.length > FOLD_AT || text.split("\n").length > 3;
  const quote = el("blockquote", { class: long ? "expandable folded" : "expandable" });
  if (long) {
    quote.tabIndex = 0;
    quote.setAttribute("role", "button");
    quote.setAttribute("aria-expanded", "false");
  }
  return quote;
}

function pre(entity, text, start, end, leaf) {
  const source = text.slice(start, end);
  const code = el("code");
  let at = start;
  for (const [kind, from, to] of highlight(source, entity.language)) {
    if (start + from > at) appendLeaf(code, at, start + from, leaf);
    const piece = el("span", { class: `hl-${kind}` });
    appendLeaf(piece, start + from, start + to, leaf);
    code.append(piece);
    at = start + to;
  }
  if (at < end) appendLeaf(code, at, end, leaf);
  const copy = el("button", { type: "button", class: "copy", "aria-label": "Copy the code", "data-testid": "copy-code" }, icon("copy"));
  copy.addEventListener("click", (event) => {
    event.stopPropagation();
    copyText(source).then(() => toast("Copied"), () => toast("The browser did not allow copying."));
  });
  return el("div", { class: "pre", "data-language": entity.language || null },
    el("div", { class: "pre-head" }, el("span", {}, entity.language || "code"), copy),
    el("pre", { tabindex: 0 }, code));
}
