// A person's phone is switched to Telegram: the service account rings in the page, and the page's button answers.

/** The person's tone begins here, and each person has another. */
const LOWEST = 440;

/** The far side's tone, which is the person's own at 600. */
const hears = (where, wanted) => where.locator(`[data-level=far][data-hz="${wanted}"]`).waitFor();

export const story = async (stage) => {
  const { olga } = stage;
  await olga.opens("tandem_bot");
  await olga.writes("/start 1001=practice-1001=practice");
  await olga.sees(/Add the SIP account 1001/);
  await olga.presses("Yes");
  await olga.sees(/is active: the provider accepted it/);
  const { column } = olga;
  await column.getByRole("button", { name: "Phone of Olga" }).click();
  const phone = column.locator(".phone");
  await phone.getByRole("radio", { name: "Telegram" }).click();
  await phone.getByText(/Telegram rings here/).waitFor();

  // A number that is typed into the phone goes to the bot, and Telegram rings.
  const number = phone.getByRole("textbox", { name: "Number for Olga to call" });
  await number.fill("600");
  await number.press("Enter");
  await phone.locator("[data-state=ringing]").waitFor();
  await phone.getByRole("button", { name: "Answer", exact: true }).click();
  await phone.locator("[data-state=talking]").waitFor();
  await hears(phone, LOWEST + 60);

  // The app talks on when the page is loaded anew, and its buttons are there again.
  await stage.page.reload();
  await hears(phone, LOWEST + 60);
  await phone.getByRole("button", { name: "End", exact: true }).click();
  await phone.locator(".phone-call").waitFor({ state: "detached" });

  // And back to the browser.
  await phone.getByRole("radio", { name: "Browser" }).click();
  await column.locator(".lamp.ready").waitFor();
  await phone.getByText(/^1001/).waitFor();
};
