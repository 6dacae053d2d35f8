// Where a number is entered: the field, the keys, and through which account the call goes.

import { el, icon } from "./dom.js";
import { pad, typed } from "./pad.js";

export class Dialling {
  /** `call` gets the number and the account's number, or nothing for whichever fits. */
  constructor(words, call) {
    this.words = words;
    this.last = "";
    this.input = el("input", { class: "number", type: "text", inputmode: "tel", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go", "aria-label": words.number, placeholder: words.number });
    this.eraser = el("button", { type: "button", class: "round plain", "aria-label": words.erase, title: words.erase, onclick: () => this.erase() }, icon("erase"));
    this.pad = pad(words, words.dialPad, (key) => this.put(key), { plus: true });
    this.account = el("select", { "aria-label": words.accounts });
    this.through = el("label", { class: "through" }, el("span", {}, words.accounts), this.account);
    this.node = el("form", { class: "dialling", onsubmit: (event) => { event.preventDefault(); this.go(call); } },
      this.through, el("div", { class: "entry" }, this.input, this.eraser), this.pad,
      el("button", { class: "round large go", "aria-label": words.call, title: words.call }, icon("phone")));
    this.input.addEventListener("input", () => this.drawn());
    this.drawn();
  }

  /** With nothing entered, the button brings the last number back, as on other telephones. */
  go(call) {
    const number = this.input.value.trim();
    if (!number) { this.input.value = this.last; this.drawn(); return; }
    this.last = number;
    call(number, this.account.value || undefined);
  }

  put(key) {
    this.input.value += key;
    this.drawn();
  }

  erase() {
    this.input.value = this.input.value.slice(0, -1);
    this.drawn();
  }

  clear() {
    this.input.value = "";
    this.drawn();
  }

  drawn() {
    this.eraser.hidden = !this.input.value;
    this.input.classList.toggle("long", this.input.value.length > 14);
  }

  /** A key typed on a keyboard while no field has the focus. */
  typed(event) {
    if (event.key === "Backspace") this.erase();
    else if (event.key === "Enter") this.node.requestSubmit();
    else if (event.key === "+") this.put("+");
    else return typed(this.pad, event.key);
    return true;
  }

  /** Shows these accounts; what was chosen stays chosen while it is there. */
  show(accounts) {
    const chosen = this.account.value;
    const sign = JSON.stringify(accounts);
    if (sign === this.sign) return;
    this.sign = sign;
    const { words } = this;
    this.account.replaceChildren(
      ...(accounts.length > 1 ? [el("option", { value: "" }, words.automatic)] : []),
      ...accounts.map((account) => el("option", { value: account.number, title: account.trouble }, accountText(account, words))));
    if (accounts.some((it) => it.number === chosen)) this.account.value = chosen;
    this.through.hidden = !accounts.length;
  }
}

/** An account in one line: its name, its login where that differs, and whether it is registered. */
export const accountText = ({ name, login, registered, trouble }, words) => {
  const title = name && login && name !== login ? `${name} (${login})` : name || login;
  return registered ? title : `${title} · ${trouble ?? words.unregistered}`;
};
