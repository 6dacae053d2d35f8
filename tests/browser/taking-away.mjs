// A former owner takes an account away with its password. A wrong one proposes nothing.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await ivan.starts();
  await ivan.seesButton("Softphone");
  const account = await olga.creates("1001", stage.password);
  await olga.offers("Ivan", "Transfer the SIP account");
  await ivan.opens("olga");
  await ivan.presses("Take");
  await ivan.sees(/belongs to Ivan/);

  await olga.input.fill(`@tandem_bot ${account} wrong-7`);
  await olga.column.getByRole("option", { name: "How to share settings" }).waitFor();
  if (await olga.column.getByRole("option").count() > 1) throw new Error("A wrong password opens something.");
  await olga.input.fill(`@tandem_bot ${account} ${stage.password}`);
  await olga.column.getByRole("option", { name: "Take the SIP account back" }).waitFor();
  await stage.powerCut();
  await olga.input.press("ArrowDown");
  await olga.input.press("Enter");
  await olga.presses("Take");
  await olga.sees(/is back with Olga/);
  await ivan.opens("tandem_bot");
  await ivan.sees(/took 1001@pbx\.example\.org back with its password/);
};
