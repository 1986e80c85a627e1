// Runs before anything is painted, so that a page chosen to be dark never flashes white.
"use strict";

(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  // A browser that forbids storage still has the theme of its system.
  const recall = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const keep = (name) => { try { localStorage.setItem("theme", name); } catch { /* stays for this visit */ } };

  let chosen = recall();
  const apply = () => { root.dataset.theme = chosen ?? (system.matches ? "dark" : "light"); };

  system.addEventListener("change", apply);
  apply();

  window.theme = {
    toggle() {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      keep(chosen);
      apply();
    },
  };
})();
