//! The sentences of the bot, in every language, by [Fluent](https://projectfluent.org).
//!
//! `en.ftl` and `ru.ftl` hold the words; `sentences.rs` lists every sentence with its values, and a method of [`Texts`] says
//! it. To add one: a line in the list, a message in each file; tests compare the three.

mod escape;
mod sentences;
#[cfg(test)]
mod tests;

pub(crate) use escape::{cut, html as escaped, plain as cleaned};

use domain::person::Language;
use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use std::fmt;
use std::sync::LazyLock;

/// The sentences in one language.
pub(crate) struct Texts(FluentBundle<FluentResource>);

static EN: LazyLock<Texts> = LazyLock::new(|| Texts::load("en", include_str!("en.ftl")));
static RU: LazyLock<Texts> = LazyLock::new(|| Texts::load("ru", include_str!("ru.ftl")));

/// Markup that is ready to be sent. Only a sentence or [`escaped`] makes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Html(pub(in crate::text) String);

/// What a sentence is for. It decides how values get into it and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Part of a message: HTML. Values are escaped.
    Html,
    /// On a button.
    Label,
    /// Answers a press; at most 200 characters with the widest values.
    Alert,
    /// Other plain text: titles and descriptions of inline results, names of commands.
    Line,
    /// In an empty input field, 1 to 64 characters.
    Placeholder,
}

impl Kind {
    /// The longest value in a sentence of this kind, in characters.
    const fn widest_value(self) -> usize {
        match self {
            Self::Html => 128,
            Self::Label => 24,
            Self::Alert => 32,
            Self::Line => 64,
            Self::Placeholder => 32,
        }
    }
}

/// A sentence as the list declares it.
#[cfg(test)]
pub(crate) struct Sentence {
    /// Its name in the files.
    pub(crate) key: &'static str,
    /// What it is for.
    pub(crate) kind: Kind,
    /// The names of its values.
    pub(crate) values: &'static [&'static str],
}

/// A value in a sentence.
pub(crate) enum Value<'a> {
    /// Other people's words: cleaned, cut, and escaped in HTML.
    Text(&'a str),
    /// The same with room for 1024 characters: dial rules, lists.
    Long(&'a str),
    /// Markup made before; only for HTML.
    Html(&'a Html),
    /// A count, for plural forms.
    Count(usize),
}

/// Wraps a text that may be long.
pub(crate) struct Long<'a>(pub(crate) &'a str);

impl Texts {
    /// The sentences in a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Ru => &RU,
        }
    }

    /// Reads sentences that are part of the program: a test reads every file, so reading them again can't fail.
    fn load(tag: &str, source: &str) -> Self {
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, why)| why);
        let tag = tag.parse().expect("the language has a tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks of direction around every value would get into logins that people copy, and eat bytes of buttons.
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource.expect("the sentences are well formed"))
            .expect("no sentence is there twice");
        Self(bundle)
    }

    /// One sentence with its values. Sentences and values are compared with the list by a test, so nothing is missing.
    fn say(&self, key: &str, kind: Kind, values: &[(&'static str, Value<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, fluent_value(kind, value));
        }
        let Some(pattern) = self.0.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        self.0.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

fn fluent_value<'a>(kind: Kind, value: &Value<'a>) -> FluentValue<'a> {
    let text = |text: &str, max: usize| match kind {
        Kind::Html => escaped(text, max).0,
        Kind::Label | Kind::Alert | Kind::Line | Kind::Placeholder => cleaned(text, max),
    };
    match value {
        Value::Text(value) => FluentValue::String(text(value, kind.widest_value()).into()),
        Value::Long(value) => FluentValue::String(text(value, 1024).into()),
        Value::Html(Html(markup)) => match kind {
            Kind::Html => FluentValue::String(markup.clone().into()),
            Kind::Label | Kind::Alert | Kind::Line | Kind::Placeholder => {
                FluentValue::String(cleaned(markup, kind.widest_value()).into())
            }
        },
        Value::Count(count) => FluentValue::from(*count),
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Long<'a>> for Value<'a> {
    fn from(Long(text): Long<'a>) -> Self {
        Self::Long(text)
    }
}

impl<'a> From<&'a Html> for Value<'a> {
    fn from(markup: &'a Html) -> Self {
        Self::Html(markup)
    }
}

impl From<usize> for Value<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<u16> for Value<'_> {
    fn from(count: u16) -> Self {
        Self::Count(count.into())
    }
}
