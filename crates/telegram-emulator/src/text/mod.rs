//! Texts with entities: made from HTML, completed with what Telegram finds by itself, drawn as safe HTML.

pub(crate) mod detect;
pub(crate) mod html;
pub(crate) mod render;

use serde::{Deserialize, Serialize};

/// A text and what is special in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) entities: Vec<Entity>,
}

/// A part of a text; offset and length are in UTF-16 units. Serialised as the Bot API does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
}

impl Entity {
    pub(crate) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, url: None, language: None }
    }
}

impl Formatted {
    /// A text as a person types it: without spaces around it, with commands, mentions and links found.
    pub(crate) fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), entities: Vec::new() }.finished()
    }

    /// Trims the text, as Telegram does, and adds the entities that Telegram finds by itself.
    pub(crate) fn finished(self) -> Self {
        let mut this = self.trimmed();
        detect::add_found(&mut this);
        this.entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        this
    }

    fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let cut = super::limits::utf16(&self.text[..start]);
        let text = self.text.trim().to_owned();
        let end = super::limits::utf16(&text);
        let entities = self
            .entities
            .into_iter()
            .filter_map(|entity| {
                let from = entity.offset.max(cut) - cut;
                let to = (entity.offset + entity.length).max(cut) - cut;
                let to = to.min(end);
                (from < to).then(|| Entity { offset: from, length: to - from, ..entity })
            })
            .collect();
        Self { text, entities }
    }
}
