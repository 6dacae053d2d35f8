// What Telegram tells a Mini App, and what a Mini App tells Telegram. <https://core.telegram.org/bots/webapps>
//
// Telegram's own script is used where the page has it; without it the same comes from the page's fragment and by messages.

const fragment = new URLSearchParams(location.hash.slice(1));
const app = window.Telegram?.WebApp;

/** What Telegram signed about who opened the page; empty when it was not opened from Telegram. */
export const initData = app?.initData || fragment.get("tgWebAppData") || "";

/** The person's language: Telegram's, or else the browser's. */
export const language = () => {
  try {
    const user = JSON.parse(new URLSearchParams(initData).get("user") ?? "{}");
    if (user.language_code) return user.language_code;
  } catch {
    // What is signed is checked by the gateway; here it only chooses the words.
  }
  return navigator.language;
};

/** Tells Telegram something. */
const tell = (eventType, eventData = {}) => {
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(eventType, JSON.stringify(eventData));
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
};

/** Takes over the colours of the person's Telegram; without Telegram the style sheet follows the browser. */
const paint = (colours) => {
  if (!colours) return;
  const { style, dataset } = document.documentElement;
  for (const [name, colour] of Object.entries(colours)) {
    if (/^#[0-9a-f]{3,8}$/i.test(colour)) style.setProperty(`--tg-theme-${name.replaceAll("_", "-")}`, colour);
  }
  if (colours.bg_color) dataset.theme = dark(colours.bg_color) ? "dark" : "light";
};

const dark = (colour) => {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128;
};

const heard = (type, data) => {
  if (type === "theme_changed") paint(data?.theme_params);
};

/** Asks before the page is closed, which it does while somebody talks. */
export const guardClosing = (guard) => tell("web_app_setup_closing_behavior", { need_confirmation: guard });

/** Begins: colours, the whole height, and "here I am". */
export const begin = () => {
  try {
    paint(app?.themeParams ?? JSON.parse(fragment.get("tgWebAppThemeParams") ?? "null"));
  } catch {
    // Colours that cannot be read are not worth an error: the page has its own.
  }
  if (app) app.onEvent?.("themeChanged", () => paint(app.themeParams));
  else if (initData) {
    window.Telegram ??= {};
    window.Telegram.WebView ??= { receiveEvent: heard };
    window.addEventListener("message", ({ data }) => {
      if (typeof data !== "string" || !data.startsWith("{")) return;
      const { eventType, eventData } = JSON.parse(data);
      heard(eventType, eventData);
    });
  }
  if (initData) { tell("web_app_ready"); tell("web_app_expand"); }
};
