// The browser and the people in it. Nothing here waits for a time to pass: what a person acts on is awaited.

import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** How long something may take to appear, in milliseconds. Generous, since two cores may be busy. */
const PATIENCE = 20_000;

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** All traffic stays on this machine. */
const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A microphone that is not there says this file, again and again, and nobody is asked for it. */
const microphone = (file) => ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${file}`, "--autoplay-policy=no-user-gesture-required"];

/** Writes a second of a tone as a WAV file; gives its name. */
const tone = (hertz) => {
  const rate = 48000;
  const wav = Buffer.alloc(44 + rate * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + rate * 2, 4);
  wav.write("WAVEfmt ", 8);
  for (const [value, place] of [[16, 16], [rate, 24], [rate * 2, 28], [rate * 2, 40]]) wav.writeUInt32LE(value, place);
  for (const [value, place] of [[1, 20], [1, 22], [2, 32], [16, 34]]) wav.writeUInt16LE(value, place);
  wav.write("data", 36);
  for (let at = 0; at < rate; at += 1) wav.writeInt16LE(Math.round(Math.sin((2 * Math.PI * hertz * at) / rate) * 9000), 44 + at * 2);
  const file = join(mkdtempSync(join(tmpdir(), "tandem-tone-")), "tone.wav");
  writeFileSync(file, wav);
  return file;
};

const browserFile = () => {
  const file = [process.env.TANDEM_CHROMIUM, ...BROWSERS].find((it) => it && existsSync(it));
  if (!file) throw new Error("There is no Chromium: install it (on Debian: apt install chromium), or name its file in TANDEM_CHROMIUM.");
  return file;
};

/** The page with everybody on it. */
export class Stage {
  static async open(url, password, { says, ...look }) {
    const args = says ? [...SWITCHES, ...microphone(tone(says))] : SWITCHES;
    const browser = await chromium.launch({ executablePath: browserFile(), args });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ["clipboard-read", "clipboard-write"], ...look });
    context.setDefaultTimeout(PATIENCE);
    const stage = new Stage();
    Object.assign(stage, { browser, url, password, trouble: [], page: await context.newPage() });
    stage.page.on("console", (line) => ["error", "warning"].includes(line.type()) && stage.trouble.push(line.text()));
    stage.page.on("pageerror", (error) => stage.trouble.push(error.message));
    stage.lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    await stage.page.goto(url);
    for (const name of ["olga", "ivan", "petr"]) stage[name] = new Person(stage.page, name);
    return stage;
  }

  /** The bot is killed and started again. */
  async powerCut() {
    console.log("power cut");
    await this.lines.next();
  }

  async laterByFiveMinutes() {
    await this.page.getByRole("button", { name: "5 minutes later" }).click();
  }

  nothingWentWrong() {
    if (this.trouble.length) throw new Error(`The page complains: ${this.trouble.join("\n")}`);
  }

  close() {
    return this.browser.close();
  }
}

/** One person's column. */
class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.column = page.locator(`[data-person="${name}"]`);
    this.chat = this.column.locator(".messages");
    this.input = this.column.getByRole("combobox");
  }

  /** Comes to the front where only one person fits on the screen. */
  async comes() {
    const tab = this.page.getByRole("tab", { name: new RegExp(this.name, "i") });
    if (await tab.isVisible()) await tab.click();
  }

  /** Opens the chat with a person or a bot, by user name. */
  async opens(chat) {
    await this.comes();
    const back = this.column.getByRole("button", { name: /^Back to chats/ });
    const entry = this.column.locator(`[data-chat="${chat}"]`);
    await back.or(entry).first().waitFor();
    if (await back.isVisible()) await back.click();
    await entry.click();
    await back.waitFor();
  }

  async starts() {
    await this.column.getByRole("button", { name: "Start", exact: true }).click();
  }

  /** Presses the newest button with exactly this caption, or one that fits the expression. */
  async presses(caption) {
    await this.button(caption).last().click();
  }

  button(caption) {
    return this.column.locator(".messages, .board").getByRole("button", { name: caption, exact: true });
  }

  /** Writes a message. */
  async writes(text) {
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Presses a button that asks for a value, and answers. */
  async answers(caption, text) {
    await this.presses(caption);
    await this.column.locator(".answering").waitFor();
    await this.writes(text);
  }

  /** Types an inline query into the open chat, and sends the proposal with this title. */
  async proposes(query, title) {
    if (query !== undefined) await this.input.fill(`@tandem_bot ${query}`);
    await this.column.getByRole("option", { name: title }).click();
  }

  /** Chooses somebody on the sheet that is open. */
  async picks(name) {
    await this.column.getByRole("dialog").getByRole("button", { name }).click();
  }

  /** A message with these words is in the open chat. */
  async sees(words) {
    await this.chat.getByText(words).last().waitFor();
  }

  async seesButton(caption) {
    await this.button(caption).last().waitFor();
  }

  async seesToast(words) {
    await this.column.locator(".toast").getByText(words).waitFor();
  }

  /** The bot says so in an alert, which is closed with Escape. */
  async seesAlert(words) {
    const alert = this.column.getByRole("alertdialog");
    await alert.getByText(words).waitFor();
    await this.page.keyboard.press("Escape");
    await alert.waitFor({ state: "detached" });
  }

  /** Creates an account by the menu; gives back its number. */
  async creates(login, password) {
    await this.opens("tandem_bot");
    await this.writes("/new");
    await this.seesButton("Login: –");
    const text = await this.chat.getByText(/SIP account \d{9}/).last().textContent();
    await this.answers("Login: –", login);
    await this.seesButton(`Login: ${login}`);
    await this.answers("Password: –", password);
    await this.presses("Back to the account");
    await this.seesButton(/^Password: •/);
    await this.answers("Domain: –", "pbx.example.org");
    await this.seesButton("Domain: pbx.example.org");
    await this.presses("Apply");
    await this.seesToast("Applied");
    return /SIP account (\d{9})/.exec(text)[1];
  }

  /** Offers the account whose card is open in the chat with somebody. */
  async offers(to, title) {
    await this.presses("Transfer");
    await this.presses(/^Choose a chat/);
    await this.picks(to);
    await this.proposes(undefined, title);
  }

  /** Asks the bot for the list of accounts. */
  async asksForTheList() {
    await this.opens("tandem_bot");
    await this.writes("/softphone");
    await this.sees("Your SIP accounts");
  }
}
