//! Messages as TL `Message`, as one of the two people sees them.

use crate::{
    text::{Entity, Formatted},
    world::{
        chat::ChatKey,
        markup::{Does, Inline, InlineButton},
        message::{Contact, Content, Message},
    },
};
use grammers_tl_types as tl;

fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn size(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn peer(user_id: i64) -> tl::enums::Peer {
    tl::types::PeerUser { user_id }.into()
}

/// Everybody who is named in a message of a private chat.
pub(in crate::mtproto) fn people(message: &Message) -> Vec<i64> {
    let pair = match message.chat {
        ChatKey::Pair(a, b) => vec![a, b],
        ChatKey::Group(_) => vec![message.from],
    };
    let contact = match &message.content {
        Content::Contact(contact) => contact.user,
        Content::Text(_)
        | Content::File { .. }
        | Content::UsersShared { .. }
        | Content::ChatShared { .. } => None,
    };
    pair.into_iter().chain(message.via_bot).chain(contact).collect()
}

/// A message as this viewer sees it.
pub(in crate::mtproto) fn message(message: &Message, viewer: i64) -> tl::enums::Message {
    let text = message.text();
    let entities = text.filter(|text| !text.entities.is_empty()).map(|text| entities(&text.entities));
    let media = media(&message.content);
    let reply_to = message.reply_to.map(reply_header);
    let words = text.map_or(String::new(), |text| text.text.clone());
    tl::types::Message {
        out: message.from == viewer,
        mentioned: false,
        media_unread: false,
        silent: false,
        post: false,
        from_scheduled: false,
        legacy: false,
        edit_hide: false,
        pinned: false,
        noforwards: message.protected,
        invert_media: false,
        offline: false,
        video_processing_pending: false,
        paid_suggested_post_stars: false,
        paid_suggested_post_ton: false,
        id: int(message.id),
        from_id: Some(peer(message.from)),
        from_boosts_applied: None,
        from_rank: None,
        peer_id: peer(message.chat.seen_by(viewer)),
        saved_peer_id: None,
        fwd_from: None,
        via_bot_id: message.via_bot,
        via_business_bot_id: None,
        guestchat_via_from: None,
        reply_to,
        date: int(message.date),
        message: words,
        media,
        reply_markup: message.inline().map(markup),
        entities,
        views: None,
        forwards: None,
        replies: None,
        edit_date: message.edited.map(int),
        post_author: None,
        grouped_id: None,
        reactions: None,
        restriction_reason: None,
        ttl_period: None,
        quick_reply_shortcut_id: None,
        effect: None,
        factcheck: None,
        report_delivery_until_date: None,
        paid_message_stars: None,
        suggested_post: None,
        schedule_repeat_period: None,
        summary_from_language: None,
        rich_message: None,
    }
    .into()
}

fn reply_header(to: i64) -> tl::enums::MessageReplyHeader {
    tl::types::MessageReplyHeader {
        reply_to_scheduled: false,
        forum_topic: false,
        quote: false,
        reply_to_ephemeral: false,
        reply_to_msg_id: Some(int(to)),
        reply_to_peer_id: None,
        reply_from: None,
        reply_media: None,
        reply_to_top_id: None,
        quote_text: None,
        quote_entities: None,
        quote_offset: None,
        todo_item_id: None,
        poll_option: None,
    }
    .into()
}

fn media(content: &Content) -> Option<tl::enums::MessageMedia> {
    match content {
        Content::Text(_) => None,
        Content::Contact(contact) => Some(
            tl::types::MessageMediaContact {
                phone_number: contact.phone.trim_start_matches('+').to_owned(),
                first_name: contact.first_name.clone(),
                last_name: contact.last_name.clone().unwrap_or_default(),
                vcard: contact.vcard.clone().unwrap_or_default(),
                user_id: contact.user.unwrap_or_default(),
            }
            .into(),
        ),
        Content::File { .. } | Content::UsersShared { .. } | Content::ChatShared { .. } => {
            Some(tl::enums::MessageMedia::Unsupported)
        }
    }
}

/// What an inline result would send.
pub(in crate::mtproto) fn inline_message(
    content: &Content,
    inline: Option<&Inline>,
) -> tl::enums::BotInlineMessage {
    let reply_markup = inline.map(markup);
    match content {
        Content::Contact(Contact { phone, first_name, last_name, vcard, .. }) => {
            tl::types::BotInlineMessageMediaContact {
                phone_number: phone.trim_start_matches('+').to_owned(),
                first_name: first_name.clone(),
                last_name: last_name.clone().unwrap_or_default(),
                vcard: vcard.clone().unwrap_or_default(),
                reply_markup,
            }
            .into()
        }
        Content::Text(text) | Content::File { caption: text, .. } => inline_text(text, reply_markup),
        Content::UsersShared { .. } | Content::ChatShared { .. } => {
            inline_text(&Formatted::default(), reply_markup)
        }
    }
}

fn inline_text(
    text: &Formatted,
    reply_markup: Option<tl::enums::ReplyMarkup>,
) -> tl::enums::BotInlineMessage {
    tl::types::BotInlineMessageText {
        no_webpage: false,
        invert_media: false,
        message: text.text.clone(),
        entities: Some(entities(&text.entities)).filter(|entities| !entities.is_empty()),
        reply_markup,
    }
    .into()
}

fn markup(inline: &Inline) -> tl::enums::ReplyMarkup {
    let row = |row: &Vec<InlineButton>| {
        tl::types::KeyboardInlineButtonRow { buttons: row.iter().map(button).collect() }.into()
    };
    tl::types::ReplyInlineMarkup { force_reply: false, rows: inline.0.iter().map(row).collect() }.into()
}

fn button(button: &InlineButton) -> tl::enums::KeyboardInlineButton {
    let kind: tl::enums::InlineButtonType = match &button.does {
        Does::Callback(data) => {
            let data = data.clone().into_bytes();
            tl::types::InlineButtonTypeCallback { requires_password: false, data }.into()
        }
        Does::Url(url) => tl::types::InlineButtonTypeUrl { url: url.clone() }.into(),
        Does::Copy(text) => tl::types::InlineButtonTypeCopy { copy_text: text.clone() }.into(),
        Does::WebApp(url) => tl::types::InlineButtonTypeWebView { url: url.clone() }.into(),
        Does::Switch(query) | Does::SwitchChosen { query, .. } => switch(query, false),
        Does::SwitchHere(query) => switch(query, true),
    };
    tl::types::KeyboardInlineButton { style: None, text: button.text.clone(), r#type: kind }.into()
}

fn switch(query: &str, same_peer: bool) -> tl::enums::InlineButtonType {
    let query = query.to_owned();
    tl::types::InlineButtonTypeSwitchInline { same_peer, query, peer_types: None }.into()
}

fn entities(entities: &[Entity]) -> Vec<tl::enums::MessageEntity> {
    entities.iter().filter_map(entity).collect()
}

/// None for kinds that only clients draw, such as links found in a text.
fn entity(entity: &Entity) -> Option<tl::enums::MessageEntity> {
    let (offset, length) = (size(entity.offset), size(entity.length));
    Some(match entity.kind.as_str() {
        "bold" => tl::types::MessageEntityBold { offset, length }.into(),
        "italic" => tl::types::MessageEntityItalic { offset, length }.into(),
        "underline" => tl::types::MessageEntityUnderline { offset, length }.into(),
        "strikethrough" => tl::types::MessageEntityStrike { offset, length }.into(),
        "spoiler" => tl::types::MessageEntitySpoiler { offset, length }.into(),
        "code" => tl::types::MessageEntityCode { offset, length }.into(),
        "pre" => {
            let language = entity.language.clone().unwrap_or_default();
            tl::types::MessageEntityPre { offset, length, language }.into()
        }
        "blockquote" => tl::types::MessageEntityBlockquote { collapsed: false, offset, length }.into(),
        "text_link" => {
            let url = entity.url.clone().unwrap_or_default();
            tl::types::MessageEntityTextUrl { offset, length, url }.into()
        }
        "mention" => tl::types::MessageEntityMention { offset, length }.into(),
        "bot_command" => tl::types::MessageEntityBotCommand { offset, length }.into(),
        "url" => tl::types::MessageEntityUrl { offset, length }.into(),
        "phone_number" => tl::types::MessageEntityPhone { offset, length }.into(),
        _ => return None,
    })
}

/// Entities of a client, as they are kept; none where there is one that is not emulated.
pub(in crate::mtproto) fn read_entities(given: &[tl::enums::MessageEntity]) -> Option<Vec<Entity>> {
    given.iter().map(read_entity).collect()
}

fn read_entity(given: &tl::enums::MessageEntity) -> Option<Entity> {
    use tl::enums::MessageEntity as Given;
    let plain = |kind: &str, offset: i32, length: i32| {
        Some(Entity::new(kind, usize::try_from(offset).ok()?, usize::try_from(length).ok()?))
    };
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Telegram's kinds are many; what is not known here is refused"
    )]
    match given {
        Given::Bold(at) => plain("bold", at.offset, at.length),
        Given::Italic(at) => plain("italic", at.offset, at.length),
        Given::Underline(at) => plain("underline", at.offset, at.length),
        Given::Strike(at) => plain("strikethrough", at.offset, at.length),
        Given::Spoiler(at) => plain("spoiler", at.offset, at.length),
        Given::Code(at) => plain("code", at.offset, at.length),
        Given::Pre(at) => {
            let language = Some(at.language.clone()).filter(|language| !language.is_empty());
            plain("pre", at.offset, at.length).map(|entity| Entity { language, ..entity })
        }
        Given::Blockquote(at) => plain("blockquote", at.offset, at.length),
        Given::TextUrl(at) => {
            let url = Some(at.url.clone());
            plain("text_link", at.offset, at.length).map(|entity| Entity { url, ..entity })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_marks_is_what_others_see_marked() {
        let marked: Vec<Entity> =
            ["bold", "italic", "underline", "strikethrough", "spoiler", "code", "blockquote"]
                .iter()
                .map(|kind| Entity::new(kind, 1, 2))
                .collect();
        assert_eq!(read_entities(&entities(&marked)), Some(marked));
        let unknown = tl::types::MessageEntityHashtag { offset: 0, length: 1 }.into();
        assert_eq!(read_entities(&[unknown]), None);
    }
}
