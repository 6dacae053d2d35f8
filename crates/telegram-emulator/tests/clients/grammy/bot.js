// A small bot as grammY's guide writes one. It knows nothing of the emulator but the address it is given.
import { Bot, InlineKeyboard } from "grammy";

const bot = new Bot(process.env.BOT_TOKEN, { client: { apiRoot: process.env.API_ROOT } });
const keyboard = () => new InlineKeyboard().text("Take", "take");

bot.command("start", (ctx) =>
  ctx.reply(`<b>Hello</b>, ${ctx.from.first_name}: ${ctx.match}`, { parse_mode: "HTML", reply_markup: keyboard() }));
bot.on("inline_query", (ctx) =>
  ctx.answerInlineQuery([{
    type: "article", id: "gift", title: `Give ${ctx.inlineQuery.query}`,
    input_message_content: { message_text: "A gift" }, reply_markup: keyboard(),
  }], { cache_time: 0, is_personal: true }));
bot.on("chosen_inline_result", (ctx) => console.log("chosen", ctx.chosenInlineResult.result_id));
bot.callbackQuery("take", async (ctx) => {
  await ctx.answerCallbackQuery({ text: `Taken by ${ctx.from.first_name}` });
  await ctx.editMessageText("Taken");
});
bot.on("message:document", async (ctx) => ctx.reply((await ctx.getFile()).file_path));

await bot.start();
