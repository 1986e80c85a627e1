// Small tools to make elements. Text goes in as text nodes only: nothing on this page parses HTML.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const PATHS = {
  back: "M20 11H7.8l5.6-5.6L12 4l-8 8 8 8 1.4-1.4L7.8 13H20z",
  send: "M3.4 20.4 21.6 12 3.4 3.6 3.4 10.1 15 12 3.4 13.9z",
  down: "M12 16.2 5.2 9.4l1.5-1.5 5.3 5.4 5.3-5.4 1.5 1.5z",
  clip: "M16.5 6v11.5a4 4 0 0 1-8 0V5a2.5 2.5 0 0 1 5 0v10.5a1 1 0 0 1-2 0V6H10v9.5a2.5 2.5 0 0 0 5 0V5a4 4 0 0 0-8 0v12.5a5.5 5.5 0 0 0 11 0V6z",
  close: "m18.4 7-5 5 5 5-1.4 1.4-5-5-5 5L5.6 17l5-5-5-5L7 5.6l5 5 5-5z",
  reply: "M10 8.5V4.5l-7 7 7 7v-4.1c5 0 8.5 1.6 11 5.1-1-5-4-10-11-11z",
  copy: "M8 7V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-2v2a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2zm2 0h4a2 2 0 0 1 2 2v6h2V5h-8zM6 9v10h8V9z",
  delete: "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7zm3 2 .5 8h1.5l-.4-8zm4.4 0-.4 8h1.5l.5-8z",
  more: "M12 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4m0 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4m0 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9m-1.9 2.3A9 9 0 0 0 18.7 14 7 7 0 1 1 10.1 5.3",
  checks: "m1.5 12.7 4.3 4.4 8.6-9.2-1.3-1.2-7.3 7.8-3-3.1zm8.3 3 1.4 1.4 8.6-9.2-1.3-1.2z",
  hash: "M9.5 4 8.8 8H5v2h3.5l-.7 4H4v2h3.4l-.7 4h2l.7-4h4l-.7 4h2l.7-4H19v-2h-3.3l.7-4H20V8h-3.3l.7-4h-2l-.7 4h-4l.8-4zm.9 6h4l-.7 4h-4z",
  link: "M14 4h6v6h-2V7.4l-9 9L7.6 15l9-9H14zM5 6h5v2H6v10h10v-4h2v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// Telegram's seven colours, chosen by the id.
export const colourOf = (id) => Math.abs(Number(id)) % 7;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function fillAvatar(element, id, title) {
  const words = title.trim().split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const first = (word) => [...segmenter.segment(word ?? "")][0]?.segment ?? "";
  const last = words.length > 1 ? words[words.length - 1] : "";
  element.dataset.colour = colourOf(id);
  element.textContent = (first(words[0]) + first(last)).toUpperCase();
}

export const dots = () => el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export async function copyText(text) {
  await navigator.clipboard.writeText(text);
}

let hideToast = 0;

export function toast(text) {
  const element = byId("toast");
  element.textContent = text;
  element.classList.add("shown");
  clearTimeout(hideToast);
  hideToast = setTimeout(() => element.classList.remove("shown"), 4000);
}
