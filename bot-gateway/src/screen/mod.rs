//! What the bot shows: pure functions from a [view](crate::view) to plain data. No business rule, no SQL and no Telegram
//! library in here. Every function takes the [`Reader`](crate::view::Reader) first.
//!
//! | module | functions |
//! |---|---|
//! | `home` | `home(reader)`, `help(reader)`, `share_help(reader)`, `languages(reader)` → `Screen`; `commands(language)` → names and descriptions |
//! | `list` | `list(reader, &AccountList)` |
//! | `card` | `card(reader, &AccountCard)`, `deleted_meanwhile(reader)` |
//! | `prompt` | `waiting(reader, &AccountCard, Ask)` (in place of the menu: example, Clear, Cancel), `prompt(reader, &AccountCard, Ask)` (a message with ForceReply), `wrong(reader, Ask, &BadSetting)`, `password_saved(reader, deleted: bool)` |
//! | `template` | `templates(reader, &AccountCard, &TemplatePage)` |
//! | `audio` | `codecs(reader, &AccountCard)`, `dtmf(reader, &AccountCard)` |
//! | `rules` | `rules(reader, &AccountCard)`, `trace(reader, &AccountCard, &domain::dial_rules::Trace)` |
//! | `settings` | `worker(reader, &AccountCard)`, `recording_chat(reader, &AccountCard)`, `pick_recording_chat(reader, chat_request, channel_request)` |
//! | `people` | `user(reader, &AccountCard)`, `pick_user(reader, &AccountCard, PickFor, request)`, `lend(reader, &AccountCard)`, `picked(reader)` (takes the picker's keyboard away) |
//! | `transfer` | `transfer(reader, &AccountCard, bound: Option<&PersonView>)` |
//! | `delete` | `ask(reader, &AccountCard)`, `deleted(reader, title)`, `given_back(reader, title, &PersonView)` |
//! | `dialled` | `dialled(reader, &Dialled)`: which accounts may dial a number |
//! | `offer` | `offer(reader, &OfferView)`, `offer_over(reader, &OfferView, &OfferFate)` |
//! | `inline` | `share(reader, &ShareView, give: ResultView, assign: ResultView)`, `account(reader, …)`, `hint(reader, &domain::share::Hint)`, `private_only(reader)` → `Vec<InlineResult>` |
//! | `notice` | `notice(reader, &Notice)` → `Screen` |
//! | `refusal` | `refused(reader, &Refusal)` → alert text |
//! | `alert` | `toast(reader, Toast)`, `trouble(reader, Trouble)` → text |
//! | `link` | `confirm(reader, &LinkedAccount)`, `added(reader, …)`, `links(reader, &AccountCard, &LinkForms)` |
//! | `bulk` | `start(reader, &[BatchLine])`, `preview(reader, &BulkPreview)`, `board(reader, &BulkBoard)`, `problem(…)` |

pub mod alert;
pub mod audio;
pub mod bulk;
pub mod card;
pub mod delete;
pub mod dialled;
pub mod home;
pub mod inline;
pub mod link;
pub mod list;
pub mod notice;
pub mod offer;
pub(crate) mod parts;
pub mod people;
pub mod prompt;
pub mod refusal;
pub mod rules;
pub mod settings;
pub mod template;
pub mod transfer;
pub(crate) mod wrong;

#[cfg(test)]
mod tests;
