// Olga shares settings by one typed line, the power fails, Ivan takes them, and the account is in his list.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await olga.opens("ivan");
  await olga.proposes(`1001 ${stage.password} pbx.example.org`, "Give 1001 at pbx.example.org");
  await olga.sees("Olga gives you a SIP account");
  await stage.powerCut();

  // Ivan is in his chat with the bot: the message announces itself.
  await ivan.starts();
  await ivan.seesButton("Softphone");
  await ivan.opens("olga");
  await ivan.presses("Take");
  await ivan.sees(/belongs to Ivan/);
  await olga.sees(/belongs to Ivan/);
  await ivan.asksForTheList();
  await ivan.seesButton(/^1001@pbx\.example\.org · connecting/);
};
