// A Mini App in a panel over one person's chats. <https://core.telegram.org/bots/webapps>

import { el, icon } from "./parts.js";

/** What a Mini App may use: a phone needs the microphone. */
const MAY = "microphone; autoplay; clipboard-write";

/** Telegram's names of this page's colours. */
const COLOURS = {
  bg_color: "--panel", secondary_bg_color: "--ground", text_color: "--ink", hint_color: "--faint", subtitle_text_color: "--faint",
  link_color: "--accent", accent_text_color: "--accent", button_color: "--accent", button_text_color: "--on-accent", destructive_text_color: "--danger",
};

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(Object.entries(COLOURS).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
};

export class MiniApp {
  /** Opens `url`, as the server signed it, over the chats of `person`; `closed` is called at the end. */
  constructor(person, url, title, closed) {
    this.closed = closed;
    this.frame = el("iframe", { src: `${url}&tgWebAppThemeParams=${encodeURIComponent(JSON.stringify(colours()))}`, allow: MAY, title: `${title}: Mini App` });
    this.panel = el("div", { class: "miniapp", role: "dialog", "aria-label": title },
      el("div", { class: "head" }, el("button", { class: "icon", "aria-label": "Close the Mini App", title: "Close", onclick: () => this.leave() }, icon("close")), el("div", { class: "title" }, title)),
      this.frame);
    this.hear = (event) => { if (event.source === this.frame.contentWindow) this.heard(event.data); };
    window.addEventListener("message", this.hear);
    // The page's own button, or the system, changes the theme; the app follows.
    this.themes = new MutationObserver(() => this.theme());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    person.root.append(this.panel);
    this.frame.focus();
  }

  heard(data) {
    let event;
    try { event = JSON.parse(data); } catch { return; } // other pages' messages are none of ours
    const { eventType, eventData } = event;
    if (eventType === "web_app_close") this.close();
    if (eventType === "web_app_setup_closing_behavior") this.guarded = Boolean(eventData?.need_confirmation);
    if (eventType === "web_app_request_theme") this.theme();
    if (eventType === "web_app_open_link" && /^https?:/.test(eventData?.url ?? "")) window.open(eventData.url, "_blank", "noopener");
  }

  tell(eventType, eventData) {
    this.frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), "*");
  }

  theme() {
    this.tell("theme_changed", { theme_params: colours() });
  }

  /** The person closes it; where the app asked for that, only after a question. */
  leave() {
    if (!this.guarded || window.confirm("Close it? What you do there is not finished.")) this.close();
  }

  close() {
    window.removeEventListener("message", this.hear);
    this.themes.disconnect();
    this.panel.remove();
    this.closed();
  }
}
