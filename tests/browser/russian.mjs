// Whose Telegram speaks Russian is spoken to in Russian.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await ivan.column.getByRole("button", { name: "Language: en" }).click();
  await ivan.seesToast(/in Russian/);
  await ivan.starts();
  await ivan.sees("Ваши SIP-аккаунты прямо в Telegram");
  await olga.opens("ivan");
  await olga.proposes(`1001 ${stage.password} pbx.example.org`, "Assign 1001 at pbx.example.org");
  await ivan.opens("olga");
  await ivan.presses("Take");
  await ivan.seesToast("Принято. Аккаунт в вашем списке.");
  await ivan.opens("tandem_bot");
  await ivan.writes("/softphone");
  await ivan.seesButton(/^1001@pbx\.example\.org · владелец Olga/);
};
