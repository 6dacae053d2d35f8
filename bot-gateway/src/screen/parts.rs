//! What screens are put together from: paragraphs, rows of keys, and the words for persons, moments and states.

use crate::button::Button;
use crate::outgoing::{Key, KeyDoes, Keys, Screen};
use crate::text::{Html, Texts, cut};
use crate::typed::{Payload, Typed};
use crate::view::call::Phone;
use crate::view::{Health, PersonView, Reader};
use chrono::{DateTime, Utc};

/// A label up to this many characters may stand beside another one.
const SHORT: usize = 18;

/// Values on buttons are cut to this many characters.
const VALUE: usize = 24;

impl Reader<'_> {
    /// The sentences in the reader's language.
    pub(crate) fn t(&self) -> &'static Texts {
        Texts::of(self.language)
    }
}

/// A list ends when the message has so many characters, markup included. Telegram allows 4096 without it (Bot API,
/// `sendMessage`); the rest is for what follows the list.
const LIST_ROOM: usize = 3000;

/// A screen in the making.
pub(crate) struct Page {
    html: String,
    rows: Vec<Vec<Key>>,
    silent: bool,
}

impl Page {
    pub(crate) fn new(first: Html) -> Self {
        Self { html: first.to_string(), rows: Vec::new(), silent: false }
    }

    /// One more line.
    pub(crate) fn line(mut self, line: Html) -> Self {
        self.html.push('\n');
        self.html.push_str(&line.to_string());
        self
    }

    /// One more paragraph.
    pub(crate) fn para(mut self, paragraph: Html) -> Self {
        self.html.push('\n');
        self.line(paragraph)
    }

    /// A list, one line each, as far as the message has room; then how many more there are.
    pub(crate) fn list(mut self, reader: &Reader<'_>, lines: impl ExactSizeIterator<Item = Html>) -> Self {
        let count = lines.len();
        for (shown, line) in lines.enumerate() {
            let line = line.to_string();
            if self.html.encode_utf16().count() + line.encode_utf16().count() > LIST_ROOM {
                return self.line(reader.t().and_more(count - shown));
            }
            self.html.push('\n');
            self.html.push_str(&line);
        }
        self
    }

    /// One more row; none where there is no key in it.
    pub(crate) fn row(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        let row: Vec<Key> = keys.into_iter().collect();
        if !row.is_empty() {
            self.rows.push(row);
        }
        self
    }

    /// Rows of one key, or of two where both are short.
    pub(crate) fn flow(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        let short = |key: &Key| key.label.chars().count() <= SHORT;
        let mut keys = keys.into_iter().peekable();
        while let Some(key) = keys.next() {
            let pair = if short(&key) { keys.next_if(short) } else { None };
            self = self.row(std::iter::once(key).chain(pair));
        }
        self
    }

    /// A row to the pages before and behind; none where there is one page only.
    pub(crate) fn pager(self, page: u16, pages: u16, to: impl Fn(u16) -> Button) -> Self {
        if pages <= 1 {
            return self;
        }
        let before = page.checked_sub(1).map(|before| press("‹", to(before)));
        let here = press(format!("{}/{pages}", page + 1), to(page));
        let behind = (page + 1 < pages).then(|| press("›", to(page + 1)));
        self.row(before.into_iter().chain([here]).chain(behind))
    }

    /// It arrives without a sound.
    pub(crate) fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    pub(crate) fn screen(self) -> Screen {
        let keys = if self.rows.is_empty() { Keys::None } else { Keys::Inline(self.rows) };
        Screen { html: self.html, keys, protect: false, silent: self.silent }
    }

    /// With something else than buttons under it.
    pub(crate) fn with(self, keys: Keys) -> Screen {
        Screen { keys, ..self.screen() }
    }
}

/// How many pages so many things fill. Never none.
pub(crate) fn pages(total: usize, page: usize) -> u16 {
    u16::try_from(total.div_ceil(page)).unwrap_or(u16::MAX).max(1)
}

pub(crate) fn press(label: impl Into<String>, button: Button) -> Key {
    Key { label: label.into(), does: KeyDoes::Press(button.to_string()) }
}

pub(crate) fn choose_chat(label: impl Into<String>, query: &Typed) -> Key {
    Key { label: label.into(), does: KeyDoes::ChooseChat { query: query.to_string() } }
}

pub(crate) fn type_here(label: impl Into<String>, query: &Typed) -> Key {
    Key { label: label.into(), does: KeyDoes::TypeHere { query: query.to_string() } }
}

pub(crate) fn open(label: impl Into<String>, reader: &Reader<'_>, payload: &Payload) -> Key {
    Key { label: label.into(), does: KeyDoes::Open { url: payload.link(reader.bot) } }
}

/// The key that opens the phone: the page inside Telegram, else the chat of the account that rings people; none where the
/// operator has set up neither.
pub(crate) fn phone_key(reader: &Reader<'_>, phone: &Phone) -> Option<Key> {
    let t = reader.t();
    if let Some(url) = &phone.page {
        return Some(Key { label: t.open_phone(), does: KeyDoes::WebApp { url: url.clone() } });
    }
    let url = format!("https://t.me/{}", phone.account.as_ref()?);
    Some(Key { label: t.go_to_calls(), does: KeyDoes::Open { url } })
}

/// The keys to talk: the page inside Telegram, and the chat of the account that rings people.
pub(crate) fn phone_keys(reader: &Reader<'_>, phone: &Phone) -> Vec<Key> {
    let page = Phone { account: None, ..phone.clone() };
    let account = Phone { page: None, ..phone.clone() };
    [page, account].iter().filter_map(|phone| phone_key(reader, phone)).collect()
}

pub(crate) fn copy(label: impl Into<String>, text: &str) -> Key {
    Key { label: label.into(), does: KeyDoes::Copy { text: text.to_owned() } }
}

/// "Label: value", or the label alone with a dash where nothing is set.
pub(crate) fn labelled(caption: &str, value: Option<&str>) -> String {
    let value = value.map(|value| crate::text::cleaned(value, VALUE)).filter(|value| !value.is_empty());
    format!("{caption}: {}", value.as_deref().unwrap_or("–"))
}

/// The account as people know it.
pub(crate) fn title(reader: &Reader<'_>, title: &str) -> String {
    if title.trim().is_empty() { reader.t().account_without_name() } else { title.to_owned() }
}

/// The title as it stands on a button.
pub(crate) fn short_title(reader: &Reader<'_>, text: &str) -> String {
    cut(&title(reader, text), VALUE)
}

/// A person in words: the name, with the `@name` where there is one.
pub(crate) fn person(reader: &Reader<'_>, person: &PersonView) -> String {
    let name = person.name.trim();
    match (&person.username, name.is_empty()) {
        (Some(username), true) => format!("@{username}"),
        (Some(username), false) => format!("{} (@{username})", cut(name, 40)),
        (None, false) => name.to_owned(),
        (None, true) => reader.t().person_without_name(&person.id.to_string()),
    }
}

/// A person in as few words as a button allows.
pub(crate) fn short_person(reader: &Reader<'_>, who: &PersonView) -> String {
    let name = who.name.trim();
    if name.is_empty() { person(reader, who) } else { name.to_owned() }
}

/// How long it is until then: "4 minutes", "3 days"; at least one minute.
pub(crate) fn left(reader: &Reader<'_>, until: DateTime<Utc>) -> String {
    let seconds = (until - reader.now).num_seconds().max(1);
    let minutes = usize::try_from((seconds + 59) / 60).unwrap_or(1);
    match minutes {
        0..=119 => reader.t().span_minutes(minutes),
        120..=2879 => reader.t().span_hours((minutes + 30) / 60),
        _ => reader.t().span_days((minutes + 720) / 1440),
    }
}

/// A moment with its offset, and with its day where that is another one than now.
pub(crate) fn moment(reader: &Reader<'_>, at: DateTime<Utc>) -> String {
    let time = at.format("%H:%M").to_string();
    if at.date_naive() == reader.now.date_naive() {
        reader.t().moment_today(&time)
    } else {
        reader.t().moment_later(&at.format("%Y-%m-%d").to_string(), &time)
    }
}

/// The state in a word or two, for lists.
pub(crate) fn health_word(reader: &Reader<'_>, health: &Health) -> String {
    let t = reader.t();
    match health {
        Health::Incomplete => t.health_word_incomplete(),
        Health::Off => t.health_word_off(),
        Health::NotRegisteredYet => t.health_word_waiting(),
        Health::Active => t.health_word_active(),
        Health::Failed { code, .. } => t.health_word_failed(&code.to_string()),
    }
}

/// The state in a sentence: code, the provider's words, and ours (product reference 3.5).
pub(crate) fn health(reader: &Reader<'_>, health: &Health) -> Html {
    let t = reader.t();
    match health {
        Health::Incomplete => t.health_incomplete(),
        Health::Off => t.health_off(),
        Health::NotRegisteredYet => t.health_waiting(),
        Health::Active => t.health_active(),
        Health::Failed { code, reason } => {
            t.health_failed(&code.to_string(), reason.as_str(), &sip_code(reader, *code, reason.as_str()))
        }
    }
}

/// How the reason begins where a server's name leads nowhere; such a failure counts as 503 (RFC 3261, 8.1.3.1).
const NOWHERE: &str = "Resolution failed";

/// What a SIP code means for the owner, and what to do (product reference 3.5).
pub(crate) fn sip_code(reader: &Reader<'_>, code: u16, reason: &str) -> Html {
    let t = reader.t();
    match code {
        503 if reason.starts_with(NOWHERE) => t.sip_nowhere(),
        401 | 403 | 407 => t.sip_credentials(),
        404 => t.sip_unknown(),
        408 | 504 => t.sip_silent(),
        480 | 486 => t.sip_unavailable(),
        500..=599 => t.sip_provider(),
        _ => t.sip_other(),
    }
}

/// What a code means for somebody who calls, and what to do (product reference 3.5).
pub(crate) fn call_code(reader: &Reader<'_>, code: u16) -> Html {
    let t = reader.t();
    match code {
        401 | 403 | 407 => t.code_refused(),
        402 => t.code_plan(),
        404 | 410 | 484 | 604 => t.code_unknown(),
        408 | 504 => t.code_silent(),
        480 => t.code_unavailable(),
        415 | 488 | 606 => t.code_codecs(),
        500..=599 => t.code_provider(),
        _ => t.code_other(),
    }
}
