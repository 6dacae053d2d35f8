// A newcomer hears himself at 600 with the browser's microphone, drives the menu of 601 by keypad, and does the same on
// the web phone that opens from the bot.

/** What the microphone says, in Hz. */
const TONE = 440;

export const look = { says: TONE };

/** The strongest tone of the far side is this one. */
const hears = (where, hertz) => where.evaluate((root, wanted) => new Promise((resolve) => {
  const look = setInterval(() => {
    const heard = Number(root.querySelector("[data-level=far]")?.dataset.hz);
    if (Math.abs(heard - wanted) > 15) return;
    clearInterval(look);
    resolve();
  }, 50);
}), hertz);

export const story = async (stage) => {
  const { olga } = stage;
  await olga.opens("tandem_bot");
  await olga.writes("/start 1001=practice-1001=practice");
  await olga.sees(/Add the SIP account 1001/);
  await olga.presses("Yes");
  const { column } = olga;
  await column.getByRole("button", { name: "Phone of Olga" }).click();
  await column.locator(".lamp.ready").waitFor();
  const phone = column.locator(".phone");
  await phone.getByText(/^1001/).waitFor();

  // 600: the echo.
  const number = phone.getByRole("textbox", { name: "Number for Olga to call" });
  await number.fill("600");
  await number.press("Enter");
  await phone.locator("[data-state=talking]").waitFor();
  await hears(phone, TONE);
  await phone.getByText(/The far side is heard/).waitFor();
  await phone.getByRole("button", { name: "End", exact: true }).click();
  await phone.locator(".phone-call").waitFor({ state: "detached" });

  // 601: three on the keypad leads to the echo, star and nine lead out.
  await number.fill("601");
  await number.press("Enter");
  await phone.locator("[data-state=talking]").waitFor();
  await phone.getByRole("button", { name: "Keypad", exact: true }).click();
  const key = (name) => phone.getByRole("group", { name: "Keypad" }).getByRole("button", { name, exact: true }).click();
  await key("3");
  await hears(phone, TONE);
  await key("*");
  await key("9");
  await phone.locator(".phone-call").waitFor({ state: "detached" });

  // 602 calls back: it rings, and is answered.
  await number.fill("602");
  await number.press("Enter");
  await phone.locator("[data-state=talking]").waitFor();
  await phone.getByRole("button", { name: "End", exact: true }).click();
  await phone.locator("[data-state=ringing]").waitFor();
  await phone.getByRole("button", { name: "Answer", exact: true }).click();
  await hears(phone, TONE);
  await phone.getByRole("button", { name: "End", exact: true }).click();
  await phone.locator(".phone-call").waitFor({ state: "detached" });
};
