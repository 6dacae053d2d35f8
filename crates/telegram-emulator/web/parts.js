// Small things that every part of the page uses: making elements, asking the server, icons.

/** Makes an element. `on…` attributes are listeners; what is absent, null or false is left out. */
export const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "html") node.innerHTML = value; // made safe by the server: see docs/emulator.md
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false && child !== ""));
  return node;
};

/** Asks the server; with a body it is a POST. A refusal is an error with the server's sentence. */
export const ask = async (path, body) => {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${response.status}`);
  return answer;
};

// Drawn, because not every machine has a font with such signs.
const SHAPES = {
  app: "M5 4h14v16H5zM5 9h14",
  back: "M15 5l-7 7 7 7",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11",
  close: "M6 6l12 12M18 6L6 18",
  contact: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c1-6 13-6 14 0",
  copy: "M9 9h10v10H9zM5 15V5h10",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  forward: "M14 6l6 6-6 6M20 12H9a5 5 0 0 0-5 5v1",
  link: "M8 16l9-9M9 7h8v8",
  phone: "M6 3h4l1.5 5L9 9.5a12 12 0 0 0 5.5 5.5L16 12.5l5 1.5v4a2.5 2.5 0 0 1-2.7 2.5A16 16 0 0 1 3.5 5.7 2.5 2.5 0 0 1 6 3z",
  plus: "M12 5v14M5 12h14",
  send: "M4 5l17 7-17 7 3-7zM7 12h8",
  slash: "M15 5L9 19",
};

/** A drawn sign in the colour and size of the text around it. */
export const icon = (name) => el("span", {
  class: "glyph", "aria-hidden": "true",
  html: `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${SHAPES[name]}"/></svg>`,
});

const hue = (id) => (Math.abs(id) * 47) % 360;

/** The round sign of a person, bot or group. */
export const avatar = (id, name) => el("span", { class: "avatar", style: `--hue:${hue(id)}`, "aria-hidden": "true" }, (name || "?").slice(0, 1).toUpperCase());

/** Hours and minutes of a time in Unix seconds, where this browser is. */
export const clockText = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

const signs = new WeakMap();

/**
 * Shows `items` in `box`, one node each. The node of an item that did not change stays, so that what is pointed at,
 * focused or selected stays too; where a focused one did change, the focus goes to the same button of the new one.
 */
export const keep = (box, items, key, make) => {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const old = new Map([...box.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const name = `${key(item)}`;
    const sign = JSON.stringify(item);
    const before = old.get(name);
    if (before && signs.get(before) === sign) return before;
    const node = make(item);
    node.dataset.key = name;
    signs.set(node, sign);
    if (focused && before?.contains(focused)) queueMicrotask(() => (node.querySelector(`[data-button="${focused.dataset.button}"]`) ?? node.querySelector("button"))?.focus({ preventScroll: true }));
    return node;
  });
  const wanted = new Set(nodes);
  for (const node of [...box.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (box.children[index] !== node) box.insertBefore(node, box.children[index] ?? null);
  });
};
