// On a phone, in the dark: one person at a time, nothing wider than the screen, and an offer that expires.

export const look = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true, isMobile: true };

const fits = async (stage) => {
  const wide = await stage.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) throw new Error(`The page is ${wide} pixels wider than the screen.`);
};

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await olga.seesButton("Softphone");
  await fits(stage);
  const dark = await stage.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  if (dark !== "rgb(14, 22, 33)") throw new Error(`In the dark the page is ${dark}.`);

  await olga.opens("ivan");
  await olga.proposes(`1001 ${stage.password} pbx.example.org`, "Give 1001 at pbx.example.org");
  await olga.seesButton("Take");
  await fits(stage);
  await stage.page.getByRole("tab", { name: "Ivan 1" }).waitFor(); // an unread message, although Ivan is not on the screen
  await ivan.opens("olga");
  await ivan.seesButton("Take");
  await stage.laterByFiveMinutes();
  await ivan.sees(/has expired/);
  await ivan.button("Take").waitFor({ state: "detached" });
  await fits(stage);
};
