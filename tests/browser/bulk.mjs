// An administrator sends a file, makes an offer for each line, sends one, and watches the board.

export const story = async (stage) => {
  const { olga, petr } = stage;
  await petr.starts();
  await petr.seesButton("Softphone");
  await olga.opens("tandem_bot");
  await olga.writes("/bulk pbx.example.org");
  await olga.sees("Many accounts at once");
  const chooser = stage.page.waitForEvent("filechooser");
  await olga.column.getByRole("button", { name: "Attach" }).click();
  await olga.picks("A file");
  const buffer = Buffer.from(`login;password;name\n1001;${stage.password};Anna\n1002;${stage.password};Petr\n`);
  await (await chooser).setFiles({ name: "team.csv", mimeType: "text/csv", buffer });
  await olga.sees(/2 accounts/);
  await olga.presses("Make the offers");
  await olga.sees(/2 offers: 2 to send/);
  await stage.powerCut();

  await olga.presses(/^Send: Petr/);
  await olga.picks("Petr");
  await olga.proposes(undefined, /^Send/);
  await petr.opens("olga");
  await petr.presses("Take");
  await petr.sees(/uses Petr now/);
  await olga.opens("tandem_bot");
  await olga.presses("Refresh");
  await olga.sees(/Petr: taken by Petr/);
  await olga.sees(/Anna: to be sent/);
};
