//! Results of inline queries: what is understood and will be sent, or what is still missing.

use super::offer::offer;
use super::parts::{Page, moment, open, person, title};
use super::wrong::{bad_rule, bad_setting_line};
use crate::outgoing::{InlineButton, InlineResult};
use crate::text::{Long, cut};
use crate::typed::Payload;
use crate::view::{OfferView, Reader, ResultView, ShareView};
use domain::share::Hint;

/// Typed settings, understood: two results, to give them away or to stay their owner. The description repeats what was
/// understood, with the password masked, so that the sender can check the entry (product reference 4.1 step 7).
#[must_use]
pub fn share(
    reader: &Reader<'_>,
    share: &ShareView,
    give: &ResultView,
    assign: &ResultView,
) -> Vec<InlineResult> {
    let t = reader.t();
    let name = &share.login;
    let server = share.template.as_deref().unwrap_or(&share.server);
    let understood = understood(reader, share);
    vec![
        result(reader, give, t.share_give(name, server), t.share_give_description(Long(&understood))),
        result(reader, assign, t.share_assign(name, server), t.share_assign_description(Long(&understood))),
    ]
}

fn understood(reader: &Reader<'_>, share: &ShareView) -> String {
    let t = reader.t();
    let mut parts = vec![t.understood_password(share.password_length), share.server.clone()];
    let mut add = |part: Option<String>| parts.extend(part);
    add(share.domain.as_ref().map(|domain| t.understood_domain(domain)));
    add(share.codecs.as_ref().map(ToString::to_string));
    add(share.dtmf.as_ref().map(ToString::to_string));
    add(share.rules.as_ref().map(|rules| t.understood_rules(rules)));
    cut(&parts.join(" · "), 400)
}

/// An account that its owner hands over: assign a user, or transfer it.
#[must_use]
pub fn account(reader: &Reader<'_>, assign: &ResultView, transfer: &ResultView) -> Vec<InlineResult> {
    let t = reader.t();
    vec![
        result(reader, assign, t.result_assign(), t.result_assign_description(&line(reader, &assign.offer))),
        result(
            reader,
            transfer,
            t.result_transfer(),
            t.result_transfer_description(&line(reader, &transfer.offer)),
        ),
    ]
}

/// An account that goes back to whom it came from.
#[must_use]
pub fn give_back(reader: &Reader<'_>, back: &ResultView) -> Vec<InlineResult> {
    let t = reader.t();
    let to = back.offer.to.as_ref().map(|to| person(reader, to)).unwrap_or_default();
    let description = t.result_return_description(&line(reader, &back.offer), &to);
    vec![result(reader, back, t.result_return(), description)]
}

/// The password fits: the former owner may send this and take the account.
#[must_use]
pub fn take_away(reader: &Reader<'_>, away: &ResultView) -> Vec<InlineResult> {
    let t = reader.t();
    vec![result(
        reader,
        away,
        t.result_take_away(),
        t.result_take_away_description(&line(reader, &away.offer)),
    )]
}

/// One offer out of a prepared list.
#[must_use]
pub fn prepared(reader: &Reader<'_>, one: &ResultView) -> Vec<InlineResult> {
    let t = reader.t();
    let until = moment(reader, one.offer.until);
    let description = t.result_prepared_description(&until);
    vec![result(reader, one, t.result_prepared(&line(reader, &one.offer)), description)]
}

/// What is missing or wrong. Sent by mistake, it is a harmless text that explains how to share.
#[must_use]
pub fn hint(reader: &Reader<'_>, hint: &Hint) -> Vec<InlineResult> {
    let t = reader.t();
    vec![teaching(reader, "hint", hint_line(reader, hint), t.hint_form())]
}

/// Offers are for private chats: in a group, whoever is first would take them.
#[must_use]
pub fn private_only(reader: &Reader<'_>) -> Vec<InlineResult> {
    let t = reader.t();
    vec![teaching(reader, "private-only", t.private_only(), t.private_only_description())]
}

/// The button above the results: help on sharing, in the chat with the bot.
#[must_use]
pub fn help_button(reader: &Reader<'_>) -> InlineButton {
    InlineButton { label: reader.t().inline_help(), start: Payload::Share.to_string() }
}

fn result(reader: &Reader<'_>, view: &ResultView, title: String, description: String) -> InlineResult {
    InlineResult { id: view.id.clone(), title, description, screen: offer(reader, &view.offer) }
}

fn line(reader: &Reader<'_>, view: &OfferView) -> String {
    title(reader, &view.title)
}

fn teaching(reader: &Reader<'_>, id: &str, title: String, description: String) -> InlineResult {
    let t = reader.t();
    let screen =
        Page::new(t.hint_message(reader.bot)).row([open(t.open_bot(), reader, &Payload::Share)]).screen();
    InlineResult { id: id.to_owned(), title, description, screen }
}

fn hint_line(reader: &Reader<'_>, hint: &Hint) -> String {
    let t = reader.t();
    let bad = |why| bad_setting_line(reader, why);
    match hint {
        Hint::NothingTyped => t.hint_nothing(),
        Hint::PasswordMissing => t.hint_password_missing(),
        Hint::ServerMissing => t.hint_server_missing(),
        Hint::TooLong { max } => t.hint_too_long(*max),
        Hint::BadLogin(why) => t.hint_bad_login(&bad(why)),
        Hint::BadPassword(why) => t.hint_bad_password(&bad(why)),
        Hint::NoSuchTemplate { typed } => t.hint_no_template(typed),
        Hint::BadServer { typed, why: _ } => t.hint_bad_server(typed),
        Hint::TemplateNeedsServer { template: _, name } => t.hint_needs_server(name),
        Hint::DomainNeedsRegistrar { typed } => t.hint_domain_alone(typed),
        Hint::BadCodecs(why) => t.hint_bad_codecs(&bad(why)),
        Hint::BadDtmf(why) => t.hint_bad_dtmf(&bad(why)),
        Hint::BadRules(why) => t.hint_bad_rules(&bad(why)),
        Hint::CodecsTwice => t.hint_codecs_twice(),
        Hint::DtmfTwice => t.hint_dtmf_twice(),
        Hint::RulesComeLast { typed } => t.hint_rules_last(typed),
        Hint::BadRule { rule, why } => t.line_rule(rule, &bad_rule(reader, why)),
    }
}
