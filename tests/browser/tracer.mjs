// Dial rules are written, a wrong one is explained, and a number is tried rule by rule.

export const story = async (stage) => {
  const { olga } = stage;
  await olga.creates("1001", stage.password);
  await olga.presses("Dial Rules: –");
  await olga.answers("Edit rules", "^8(=7");
  await olga.sees(/a \( is not closed/);
  await olga.writes("[^+*#\\w]= ^8=7");
  await olga.sees(/Rules, from first to last/);
  await stage.powerCut();
  await olga.answers("Try a number", "8 (926) 123-45-67");
  await olga.sees(/replaces 6 places/);
  await olga.sees("79261234567");
};
