// The live draft's new words fade in: same draft id, what was added; another id, everything.

import { el } from "./dom.js";

const FADE = 420;     // ms, as in text.css
const SPREAD = 240;   // ms over which the words of one update begin to fade, at most

export class Fade {
  constructor() {
    this.draftId = null;
    this.text = "";
    this.words = [];  // {start, end, born}: those whose fading has not ended
    this.lastAt = 0;
  }

  // Take the next state of the text; afterwards `leaf` wraps the words that are still fading.
  show(draftId, text) {
    const now = performance.now();
    const from = draftId === this.draftId ? this.text.length : 0;
    this.words = from ? this.words.filter((word) => word.end <= text.length && now - word.born < FADE) : [];
    const added = [...text.slice(from).matchAll(/\s*\S+\s*?/gu)];
    // Spread over the time one update takes, so that words come one by one and never fall behind.
    const step = Math.min(SPREAD, now - this.lastAt) / Math.max(added.length, 1);
    added.forEach((match, index) => {
      const start = from + match.index;
      this.words.push({ start, end: start + match[0].length, born: now + index * step });
    });
    this.draftId = draftId;
    this.text = text;
    this.lastAt = now;
  }

  leaf = (start, end) => {
    const now = performance.now();
    const pieces = [];
    let at = start;
    for (const word of this.words) {
      const from = Math.max(word.start, at);
      const to = Math.min(word.end, end);
      if (to <= from) continue;
      if (from > at) pieces.push(this.text.slice(at, from));
      const span = el("span", { class: "fresh" }, this.text.slice(from, to));
      // An element made again in the middle of its fading goes on where the old one was.
      span.style.animationDelay = `${Math.round(word.born - now)}ms`;
      pieces.push(span);
      at = to;
    }
    if (at < end) pieces.push(this.text.slice(at, end));
    return pieces;
  };
}
