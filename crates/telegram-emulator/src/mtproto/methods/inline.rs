//! messages.getInlineBotResults and sendInlineBotResult: a client asks a bot, and sends one of its results.

use super::{Caller, NOT_READABLE, Outcome, Reply, chats};
use crate::{
    calls::refused::Refused,
    limits,
    mtproto::objects::{message, user},
    world::{
        chat::ChatKey,
        inline::{Offer, Typed},
    },
};
use grammers_tl_types as tl;
use std::time::Duration;
use tl::{Deserializable, Serializable, functions::messages};

const BOT: Refused = Refused::new(400, "BOT_INVALID");
const TIMEOUT: Refused = Refused::new(400, "BOT_RESPONSE_TIMEOUT");
const QUERY: Refused = Refused::new(400, "QUERY_ID_INVALID");
const RESULT: Refused = Refused::new(400, "RESULT_ID_INVALID");
const TOO_LONG: Refused = Refused::new(400, "QUERY_TOO_LONG");

/// Questions whose results can still be sent.
const REMEMBERED: usize = 1000;

/// A question on its way.
struct Question {
    viewer: i64,
    bot: i64,
    chat: ChatKey,
    query: String,
    offset: String,
}

/// messages.getInlineBotResults, which waits for the bot.
pub(super) fn ask(caller: Caller, body: &[u8]) -> Reply {
    let Ok(asked) = messages::GetInlineBotResults::from_bytes(body) else {
        return Reply::Now(Err(NOT_READABLE));
    };
    match question(&caller, asked) {
        Ok(question) => Reply::Later(Box::pin(results(caller, question))),
        Err(refusal) => Reply::Now(Err(refusal)),
    }
}

fn question(caller: &Caller, asked: messages::GetInlineBotResults) -> Result<Question, Refused> {
    let viewer = caller.user()?;
    let bot = user::named(viewer, &asked.bot).map_err(|_| BOT)?;
    caller.telegram.look(|world, _| {
        let chat = user::chat(world, viewer, &asked.peer)?;
        if !world.bots.contains(&bot) {
            return Err(BOT);
        }
        Ok(Question { viewer, bot, chat, query: asked.query.trim().to_owned(), offset: asked.offset })
    })
}

async fn results(caller: Caller, question: Question) -> Outcome {
    let Question { viewer, bot, chat, query, offset } = question;
    let typed = caller.telegram.act(|world, now| {
        world.inline_typed((viewer, chat), (bot, query.clone()), offset, now).map_err(|_| TOO_LONG)
    })?;
    if let Typed::Asked(id) = typed {
        let answered = caller.telegram.wait_for(Duration::from_secs(limits::INLINE_WAIT), |world, _| {
            let expired = !world.inline_queries.contains(&id);
            let answer = world.inline_results(&id);
            (answer.is_some() || expired).then_some(answer.is_some())
        });
        if answered.await != Some(true) {
            return Err(TIMEOUT);
        }
    }
    // What was shown is what can be chosen.
    let shown = caller.telegram.look(|world, _| world.shown.get(&(viewer, bot, query.clone())).cloned());
    let shown = shown.ok_or(TIMEOUT)?;
    let query_id = remember(&caller, (viewer, bot, query));
    let users = caller.telegram.look(|world, _| user::users(world, viewer, [bot]));
    let results = shown.results.iter().map(result).collect();
    let next_offset = Some(shown.next_offset).filter(|offset| !offset.is_empty());
    let answer = tl::types::messages::BotResults {
        gallery: false,
        query_id,
        next_offset,
        switch_pm: None,
        switch_webview: None,
        results,
        cache_time: 0,
        users,
    };
    Ok(tl::enums::messages::BotResults::from(answer).to_bytes())
}

fn remember(caller: &Caller, asked: (i64, i64, String)) -> i64 {
    let id = caller.telegram.act(|world, _| world.next_id());
    let mut keys = caller.telegram.keys();
    if keys.asked.len() == REMEMBERED {
        keys.asked.pop_first();
    }
    keys.asked.insert(id, asked);
    id
}

fn result(offer: &Offer) -> tl::enums::BotInlineResult {
    tl::types::BotInlineResult {
        id: offer.id.clone(),
        r#type: offer.kind.to_owned(),
        title: Some(offer.title.clone()),
        description: offer.description.clone(),
        url: None,
        thumb: None,
        content: None,
        send_message: message::inline_message(&offer.content, offer.inline.as_ref()),
    }
    .into()
}

/// messages.sendInlineBotResult
pub(super) fn send(
    caller: &Caller,
    asked: messages::SendInlineBotResult,
) -> Result<tl::enums::Updates, Refused> {
    let viewer = caller.user()?;
    let question = caller.telegram.keys().asked.get(&asked.query_id).cloned();
    let (_, bot, query) = question.filter(|(owner, ..)| *owner == viewer).ok_or(QUERY)?;
    if asked.hide_via {
        caller.violation("messages.sendInlineBotResult", "only Telegram's own bots may be hidden");
    }
    let chat = caller.telegram.look(|world, _| user::chat(world, viewer, &asked.peer))?;
    chats::use_random_id(caller, viewer, asked.random_id)?;
    let id = caller.telegram.act(|world, now| {
        world.made_by = Some(caller.line);
        world.choose((viewer, chat), (bot, query), &asked.id, now).map_err(|_| RESULT)
    })?;
    Ok(chats::sent(caller, viewer, id, asked.random_id))
}
