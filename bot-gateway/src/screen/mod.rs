//! What the bot shows: pure functions from a [view](crate::view) to plain data. No business rule, no SQL and no Telegram
//! library in here. Every function takes the [`Reader`](crate::view::Reader) first.
//!
//! | module | what it shows |
//! |---|---|
//! | [`home`] | start, help, how to share, languages, the commands of Telegram's menu |
//! | [`list`] | the list of accounts, or what to do where it is empty |
//! | [`card`] | an account for its owner, its user, its borrower |
//! | [`prompt`] | asking for a value in the next message |
//! | [`template`] | the templates catalogue |
//! | [`audio`] | the editors of codecs and DTMF methods |
//! | [`rules`] | dial rules, and the tracer |
//! | [`dial`] | from a number to a call: which number, which line, or why there is none |
//! | [`call`] | the card of a call |
//! | [`recording`] | what stands under a recording |
//! | [`settings`] | the worker, the chat for recordings |
//! | [`people`] | user, loan, Telegram's own picker |
//! | [`transfer`] | the two kinds of handing over |
//! | [`delete`] | the question, and what came of it |
//! | [`offer`] | special messages in chats, and what became of them |
//! | [`inline`] | results of inline queries, hints |
//! | [`notice`] | what people are told without having asked |
//! | [`refusal`] | refusals of the domain as alerts |
//! | [`alert`] | toasts, and troubles that are no refusal |
//! | [`link`] | links that carry settings |
//! | [`bulk`] | many accounts at once |

pub mod alert;
pub mod audio;
pub mod bulk;
pub mod call;
pub mod card;
pub mod delete;
pub mod dial;
pub mod home;
pub mod inline;
pub mod link;
pub mod list;
mod not_rung;
pub mod notice;
pub mod offer;
pub(crate) mod parts;
pub mod people;
pub mod prompt;
pub mod recording;
pub mod refusal;
pub mod rules;
pub mod settings;
pub mod template;
pub mod transfer;
pub(crate) mod wrong;

#[cfg(test)]
mod tests;
