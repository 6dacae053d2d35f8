// Twelve keys, as on every telephone; for dialling and for voice menus.

import { el } from "./dom.js";
import { keyTone } from "./ring.js";

const KEYS = [..."123456789*0#"];

/** How long a finger stays on 0 for a plus, in milliseconds. */
const LONG = 500;

/** The keys; `press` gets each one. With `plus`, a long press on 0 gives "+". */
export const pad = (words, label, press, { plus = false } = {}) => el("div", { class: "pad", role: "group", "aria-label": label },
  ...KEYS.map((key) => {
    let timer;
    let long = false;
    const node = el("button", { type: "button", class: "pad-key", "data-key": key, "aria-label": key,
      onclick: () => { if (!long) { keyTone(key); press(key); } long = false; } },
    el("span", { class: "digit" }, key), el("span", { class: "letters", "aria-hidden": "true" }, key === "0" && plus ? "+" : words.letters[Number(key) - 1] ?? ""));
    if (plus && key === "0") {
      node.addEventListener("pointerdown", () => { long = false; timer = setTimeout(() => { long = true; press("+"); }, LONG); });
      for (const end of ["pointerup", "pointerleave", "pointercancel"]) node.addEventListener(end, () => clearTimeout(timer));
    }
    return node;
  }));

/** Presses the key of `pad` that was typed on a keyboard; tells whether there is one. */
export const typed = (pad, key) => {
  const node = KEYS.includes(key) && pad.querySelector(`[data-key="${key}"]`);
  if (node) {
    node.click();
    node.classList.add("down");
    setTimeout(() => node.classList.remove("down"), 120);
  }
  return Boolean(node);
};
