// Rich messages: blocks and their texts, made into elements. A text is a string, a list of texts, or an object with a kind.

import { el } from "./dom.js";
import { link, renderText } from "./entities.js";

export function renderRich({ blocks, is_rtl: rtl }) {
  const rich = el("div", { class: "rich", dir: rtl ? "rtl" : null });
  rich.append(...blocks.map(blockElement));
  return rich;
}

// All that can be read, in one line: for the chat list and for screen readers.
export const lettersOf = (blocks) => blocks.map((block) => [
  ...["summary", "text", "caption", "expression"].map((name) => letters(block[name])),
  ...(block.cells ?? []).flat().map((cell) => letters(cell.text)),
  ...(block.items ?? []).map((item) => `${item.label} ${lettersOf(item.blocks)}`),
  lettersOf(block.blocks ?? []),
].filter(Boolean).join(" ")).join(" ");

function letters(text) {
  if (text === undefined || typeof text === "string") return text ?? "";
  return Array.isArray(text) ? text.map(letters).join("") : letters(text.text ?? text.expression);
}

function blockElement(block) {
  switch (block.type) {
    case "heading": return texted(el(`h${Math.min(6, Math.max(1, block.size))}`), block.text);
    case "pre": return code(block);
    case "divider": return el("hr");
    case "mathematical_expression": return formula("div", block.expression);
    case "list": return el("ul", {}, ...block.items.map(itemElement));
    case "blockquote": return el("blockquote", {}, ...block.blocks.map(blockElement), credit(block));
    case "expandable_blockquote": return el("details", { class: "quote" }, el("summary", {}, texted(el("span"), block.text)));
    case "pullquote": return el("blockquote", {}, texted(el("p"), block.text), credit(block));
    case "table": return tableElement(block);
    case "details": return el("details", { open: block.is_open },
      texted(el("summary"), block.summary || "Details"), ...block.blocks.map(blockElement));
    case "thinking": return texted(el("div", { class: "thinking" }), block.text);
    case "footer": return texted(el("footer"), block.text);
    case "anchor": return el("a", { id: `anchor-${block.name}` });
    default: return texted(el("p"), block.text ?? "");
  }
}

function code(block) {
  const source = letters(block.text);
  const all = { type: "pre", offset: 0, length: source.length, language: block.language };
  return el("div", {}, renderText(source, source ? [all] : []));
}

function itemElement(item) {
  const box = item.has_checkbox
    ? el("input", { type: "checkbox", disabled: true, checked: item.is_checked, "aria-label": item.is_checked ? "Done" : "To do" })
    : null;
  return el("li", {}, box ?? el("span", { class: "label" }, item.label), el("div", {}, ...item.blocks.map(blockElement)));
}

function tableElement(table) {
  const rows = table.cells.map((row) => el("tr", {}, ...row.map((cell) => texted(
    el(cell.is_header ? "th" : "td", { colspan: cell.colspan, rowspan: cell.rowspan, "data-align": cell.align }),
    cell.text ?? ""))));
  const caption = table.caption ? [texted(el("caption"), table.caption)] : [];
  const plain = table.is_striped ? "striped" : null;
  return el("div", { class: "table", tabindex: 0 }, el("table", { class: plain }, ...caption, el("tbody", {}, ...rows)));
}

const credit = (block) => (block.credit ? texted(el("cite"), block.credit) : null);

// No typesetting: the source of a formula, told apart from code by its letters.
const formula = (tag, source) => el(tag, { class: "formula", title: "Formula" }, source);

function texted(parent, text) {
  if (typeof text === "string") parent.append(text);
  else if (Array.isArray(text)) text.forEach((piece) => texted(parent, piece));
  else if (text.type === "mathematical_expression") parent.append(formula("span", text.expression));
  else parent.append(texted(shell(text), text.text ?? text.alternative_text ?? ""));
  return parent;
}

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", subscript: "sub", superscript: "sup", marked: "mark",
};

function shell(text) {
  switch (text.type) {
    case "code": return el("code", { class: "mono", title: "Click to copy" });
    case "spoiler": return el("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Hidden text: press to show" });
    case "url": return link(text.url);
    case "reference": return el("span", { class: "reference", "data-name": text.name });
    case "reference_link": return el("sup", { class: "reference" });
    default: return el(TAGS[text.type] ?? "span");
  }
}
