// Tells one story in a browser: node run.mjs STORY URL PASSWORD PICTURES
//
// A line "power cut" on standard output asks whoever started this to kill the bot and start it again; a line on
// standard input says that it is done. When a story fails, a picture of the page is kept in the folder PICTURES.

import { mkdir } from "node:fs/promises";
import { Stage } from "./kit.mjs";

const [name, url, password, pictures] = process.argv.slice(2);
const { look = {}, story } = await import(`./${name}.mjs`);

const stage = await Stage.open(url, password, look);
try {
  await story(stage);
  stage.nothingWentWrong();
} catch (error) {
  await mkdir(pictures, { recursive: true });
  const picture = `${pictures}/${name}.png`;
  await stage.page.screenshot({ path: picture });
  console.error(`${error.stack}\n\nThe page then: ${picture}`);
  process.exitCode = 1;
} finally {
  await stage.close();
  process.stdin.destroy();
}
