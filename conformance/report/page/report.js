"use strict";
// Search, filters and keys; without them the page is whole, only longer to look through.
(() => {
  const box = document.getElementById("search");
  const shown = document.getElementById("shown");
  const rows = [...document.querySelectorAll(".rule, tr.row")];
  const buttons = [...document.querySelectorAll("button.filter")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function fits(row, words, wanted) {
    const verdicts = (row.dataset.verdict || "").split(",");
    if (wanted.length && !wanted.some((verdict) => verdicts.includes(verdict))) return false;
    return words.every((word) =>
      word.startsWith("area:") ? row.dataset.area === word.slice(5) : texts.get(row).includes(word));
  }

  function show() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.verdict);
    let count = 0;
    for (const row of rows) {
      row.hidden = !fits(row, words, wanted);
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  }

  function step(by) {
    const stops = rows.filter((row) => !row.hidden).map((row) => row.querySelector("summary") || row);
    if (!stops.length) return;
    const here = stops.findIndex((stop) => stop === document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(Math.max(here + by, 0), stops.length - 1);
    stops[next].focus();
    stops[next].scrollIntoView({ block: "center" });
  }

  box.addEventListener("input", show);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      show();
    });
  }
  for (const button of document.querySelectorAll("button.area")) {
    button.addEventListener("click", () => {
      box.value = `area:${button.dataset.area}`;
      show();
      box.focus();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      box.value = "";
      buttons.forEach((button) => button.setAttribute("aria-pressed", "false"));
      show();
      box.blur();
    } else if (document.activeElement === box) {
      if (event.key === "Enter") { event.preventDefault(); step(1); }
    } else if (event.key === "/") {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Enter" && rows.includes(document.activeElement)) {
      document.activeElement.querySelector("a").click();
    } else if (event.key === "j") {
      step(1);
    } else if (event.key === "k") {
      step(-1);
    }
  });
  function open() { // what a link names
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && "open" in row) { row.open = true; row.scrollIntoView(); }
  }
  window.addEventListener("hashchange", open);
  show();
  open();
})();
