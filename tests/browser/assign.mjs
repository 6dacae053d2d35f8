// Olga picks Ivan as the user of her account: he has it at once, and she takes it back.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await ivan.starts();
  await ivan.seesButton("Softphone");
  await olga.creates("1001", stage.password);
  await olga.presses("User: you");
  await olga.presses("Select user");
  await olga.sees(/Who should use/);
  await olga.column.locator(".board").getByRole("button", { name: "Select user" }).click();
  await olga.picks("Ivan");
  await olga.seesButton("User: Ivan");
  await ivan.sees(/made you the user of/);
  await stage.powerCut();

  await ivan.asksForTheList();
  await ivan.seesButton(/^1001@pbx\.example\.org · owner Olga/);
  await olga.asksForTheList();
  await olga.presses(/^1001@pbx\.example\.org · used by Ivan/);
  await olga.presses(/^User: Ivan/);
  await olga.presses("Unlink");
  await ivan.sees(/is no longer yours to use/);
};
