"""A small bot as aiogram's guide writes one. It knows nothing of the emulator but the address it is given."""
import asyncio, os
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import (CallbackQuery, ChosenInlineResult, InlineKeyboardButton, InlineKeyboardMarkup, InlineQuery,
                           InlineQueryResultArticle, InputTextMessageContent, Message)

session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["API_ROOT"]))
bot, dp = Bot(os.environ["BOT_TOKEN"], session=session), Dispatcher()
keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Take", callback_data="take")]])


@dp.message(CommandStart())
async def start(message: Message, command: CommandObject):
    text = f"<b>Hello</b>, {message.from_user.first_name}: {command.args}"
    await message.answer(text, parse_mode="HTML", reply_markup=keyboard)


@dp.inline_query()
async def inline(query: InlineQuery):
    content = InputTextMessageContent(message_text="A gift")
    gift = InlineQueryResultArticle(id="gift", title=f"Give {query.query}", input_message_content=content,
                                    reply_markup=keyboard)
    await query.answer([gift], cache_time=0, is_personal=True)


@dp.chosen_inline_result()
async def chosen(result: ChosenInlineResult):
    print("chosen", result.result_id)


@dp.callback_query(F.data == "take")
async def take(query: CallbackQuery):
    await query.answer(f"Taken by {query.from_user.first_name}")
    inline = {"inline_message_id": query.inline_message_id}
    place = inline if query.inline_message_id else {"chat_id": query.from_user.id, "message_id": query.message.message_id}
    await bot.edit_message_text("Taken", **place)


@dp.message(F.document)
async def document(message: Message):
    await message.answer((await bot.get_file(message.document.file_id)).file_path)

asyncio.run(dp.start_polling(bot))
