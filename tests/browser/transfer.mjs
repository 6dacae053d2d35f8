// An account is lent for use by an offer in a chat, and comes back by «Transfer back» in the same chat.

export const story = async (stage) => {
  const { olga, ivan } = stage;
  await olga.creates("1001", stage.password);
  await olga.offers("Ivan", "Assign a user to the SIP account");
  await ivan.opens("olga");
  await ivan.presses("Take");
  await ivan.sees(/SIP account \d{9}/); // who never started the bot is led to it
  await stage.powerCut();

  await ivan.opens("olga");
  await ivan.presses(/^Transfer back/);
  await ivan.proposes(undefined, "Give the SIP account back");
  await olga.presses("Take");
  await olga.sees(/is back with Olga/);
  await olga.asksForTheList();
  await olga.seesButton(/^1001@pbx\.example\.org · connecting/);
};
