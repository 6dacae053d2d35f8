//! Links that carry settings: the question before an account is added, and the links of an account (product reference 4.3).

use super::parts::{Page, copy, press, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::text::Long;
use crate::view::{AccountCard, LinkedAccount, Reader};
use domain::settings::TemplateCode;

/// Whether the account out of a link should be added: a link may come from anybody.
#[must_use]
pub fn confirm(reader: &Reader<'_>, linked: &LinkedAccount) -> Screen {
    let t = reader.t();
    let server = match &linked.template {
        Some(template) => format!("{template} ({})", linked.server),
        None => linked.server.clone(),
    };
    Page::new(t.link_confirm(&linked.login, &server))
        .para(t.link_confirm_means())
        .row([
            press(t.no(), Button::DropLink(linked.draft.clone())),
            press(t.yes(), Button::AddFromLink(linked.draft.clone())),
        ])
        .screen()
}

/// How links to this account's settings are made, for a company's own pages. The password's place is held by a word: a
/// chat never shows it.
#[must_use]
pub fn links(reader: &Reader<'_>, card: &AccountCard, template: Option<&TemplateCode>) -> Screen {
    let t = reader.t();
    let login = card.login.clone().unwrap_or_else(|| t.links_login());
    let password = t.links_password();
    let start = |payload: &str| format!("https://t.me/{}?start={payload}", reader.bot);
    let mut page = Page::new(t.links_title(&title(reader, &card.title))).para(t.links_means());
    let payload = template.map(|code| format!("{login}={password}={code}"));
    if let Some(payload) = payload.filter(|_| is_plain(&login)) {
        let link = start(&payload);
        page = page.para(t.links_plain(Long(&link))).row([copy(t.links_copy(), &link)]);
    }
    let server =
        template.map(ToString::to_string).or_else(|| card.domain.clone()).or_else(|| card.proxy.clone());
    let server = server.unwrap_or_else(|| t.links_server());
    let line = format!("{login} {password} {server}");
    page.para(t.links_base64(Long(&line), Long(&start("…"))))
        .para(t.links_share())
        .row([press(t.share_help_button(), Button::ShareHelp)])
        .row([press(t.back(), Button::Account(card.account))])
        .screen()
}

/// Whether a login can stand in a link as it is.
fn is_plain(login: &str) -> bool {
    login.len() <= 24
        && login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
