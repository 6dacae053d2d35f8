// A newcomer does what the strips on the page say, and comes to the first Take; the strip goes when it is dismissed.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await ivan.starts();
  await ivan.seesButton("Softphone");
  await olga.opens("ivan");
  await olga.column.locator(".welcome .try").click();
  await olga.column.getByRole("option", { name: "Give 1001 at pbx.example.org" }).waitFor();
  await olga.input.press("ArrowDown");
  await olga.input.press("Enter");
  await ivan.column.getByRole("button", { name: "New message from Olga" }).click();
  await stage.powerCut();
  await ivan.presses("Take");
  await ivan.seesToast("Taken. The account is in your list.");
  await olga.column.getByRole("button", { name: "Dismiss the hint" }).click();
  await stage.page.reload();
  await ivan.seesButton("Softphone");
  await olga.seesButton("Softphone");
  if (await olga.column.locator(".welcome").count()) throw new Error("The strip is back.");
};
