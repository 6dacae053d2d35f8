// The chat page: a column for each person, each a small Telegram over the API of docs/emulator.md.

import { ask, clockText, el } from "./parts.js";
import { Person } from "./person.js";
import { phoneModules } from "./phone.js";
import { telegramApps } from "./telegram-app.js";

/** How often the clock on the page is read, in milliseconds. */
const CLOCK = 15000;

const world = { people: [], bots: [], hints: {}, phone: null, telegramApps: {} };
const columns = document.getElementById("columns");
const tabs = document.getElementById("tabs");

let modules; // the gateway's, as soon as it is there

const person = (id) => world.people.find((it) => it.user.id === id);

/** On a narrow screen: one person at a time. */
const select = (chosen) => {
  for (const it of world.people) {
    it.root.classList.toggle("shown", it === chosen);
    it.tab.setAttribute("aria-selected", `${it === chosen}`);
    it.tab.tabIndex = it === chosen ? 0 : -1;
  }
  chosen.draw();
};

const unread = (it, count) => {
  it.tab.replaceChildren(it.user.name, el("span", { class: "badge", hidden: count === 0 }, `${count}`));
};

/** Nobody sits at a service account: it is a program that is signed in as a person. */
const SERVICE = "service account";

/** Adds a column and a tab for everybody who is not on the page yet. */
const gather = async () => {
  for (const user of await ask("/sim/users")) {
    if (user.about === SERVICE) continue;
    const known = person(user.id);
    if (known) { known.user = user; known.showLanguage(); continue; }
    const it = new Person(user, world);
    it.root.id = `person-${user.id}`;
    it.tab = el("button", { role: "tab", "aria-controls": it.root.id, onclick: () => select(it) }, user.name);
    it.onunread = (count) => unread(it, count);
    world.people.push(it);
    columns.append(it.root);
    tabs.append(it.tab);
    it.show(world.bots[0]?.id ?? null);
    it.phone?.offerTelegram(world.telegramApps);
    if (modules) it.phone?.begin(modules, world.phone);
  }
};

/** Changes of everybody come over one connection: a browser keeps only six to one server. */
const follow = () => {
  const lost = document.getElementById("lost");
  const events = new EventSource("/sim/events");
  events.addEventListener("hello", () => {
    lost.hidden = true;
    for (const it of world.people) it.refresh();
  });
  events.addEventListener("change", (event) => {
    const { user, chat } = JSON.parse(event.data);
    const it = person(user);
    if (it && chat !== undefined) it.refresh(chat);
    else gather().then(() => { for (const other of world.people) other.refresh(); tellTime(); }).catch(() => {});
  });
  events.addEventListener("typing", (event) => {
    const { user, chat } = JSON.parse(event.data);
    const open = person(user)?.chat;
    if (open?.id === chat) open.subtitle(true);
  });
  events.onerror = () => { lost.hidden = false; };
};

const tellTime = async () => {
  const { now } = await ask("/sim/clock");
  document.getElementById("clock").textContent = clockText(now);
};

const themes = () => {
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = dark === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
};

const later = async () => {
  await ask("/sim/clock/advance", { seconds: 300 });
  await tellTime();
};

/** Everybody's phone connects once the gateway is there. */
const phones = async () => {
  if (!world.phone) return;
  modules = await phoneModules(world.phone);
  for (const it of world.people) it.phone?.begin(modules, world.phone);
};

/** Everybody's phone may be switched to a Telegram app where such apps can be had. */
const apps = async () => {
  if (!world.phone) return;
  await telegramApps((state) => {
    world.telegramApps = state;
    for (const it of world.people) it.phone?.offerTelegram(state);
  });
};

const begin = async () => {
  themes();
  [world.bots, world.hints, { url: world.phone }] = await Promise.all([ask("/sim/bots"), ask("/sim/hints"), ask("/sim/phone")]);
  columns.replaceChildren();
  await gather();
  if (world.people.length) select(world.people[0]);
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...tabs.children];
    const next = step && all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next?.click();
    next?.focus();
  });
  document.getElementById("later").addEventListener("click", () => later().catch(() => {}));
  document.addEventListener("visibilitychange", () => { for (const it of world.people) it.draw(); });
  follow();
  phones().catch(() => {});
  apps().catch(() => {});
  await tellTime();
  setInterval(() => tellTime().catch(() => {}), CLOCK);
};

begin().catch((error) => {
  columns.textContent = `The page could not start: ${error.message}`;
});
