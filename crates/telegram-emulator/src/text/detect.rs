//! What Telegram finds in a text by itself: commands, mentions, hashtags, links and mail addresses.
//!
//! Client libraries rely on it: several recognise a command by its entity and not by its text.
//! Source: `find_entities` in <https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp>, in its plain cases.

use super::{Entity, Formatted};

/// Adds the entities found outside of code.
pub(crate) fn add_found(formatted: &mut Formatted) {
    let mut offset = 0;
    let mut found = Vec::new();
    for word in formatted.text.split_inclusive(char::is_whitespace) {
        let lead: usize = word.chars().take_while(|c| "([{\"'«".contains(*c)).map(char::len_utf8).sum();
        let bare = &word[lead..];
        let lead_units = word[..lead].encode_utf16().count();
        if let Some((kind, length)) = classify(bare) {
            found.push(Entity::new(kind, offset + lead_units, length));
        }
        offset += word.encode_utf16().count();
    }
    let covered = |entity: &Entity| {
        let end = entity.offset + entity.length;
        formatted.entities.iter().any(|other| {
            matches!(other.kind.as_str(), "code" | "pre" | "text_link")
                && other.offset < end
                && entity.offset < other.offset + other.length
        }) || formatted.entities.contains(entity)
    };
    let found: Vec<Entity> = found.into_iter().filter(|entity| !covered(entity)).collect();
    formatted.entities.extend(found);
}

/// The kind and the length in UTF-16 units of what a word begins with.
fn classify(word: &str) -> Option<(&'static str, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let taken = |rest: &str| rest.chars().take_while(|c| is_name(*c)).count();
    if let Some(rest) = word.strip_prefix('/') {
        let command = taken(rest);
        let after = &rest[command..];
        let bot =
            after.strip_prefix('@').map(taken).filter(|length| *length >= 3).map_or(0, |length| length + 1);
        let clean = !after[bot..].starts_with('/');
        return ((1..=64).contains(&command) && clean).then_some(("bot_command", 1 + command + bot));
    }
    if let Some(rest) = word.strip_prefix('@') {
        let name = taken(rest);
        return (3..=32).contains(&name).then_some(("mention", 1 + name));
    }
    if let Some(rest) = word.strip_prefix('#') {
        let tag: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let real = tag.chars().any(|c| !c.is_ascii_digit());
        return (real && !tag.is_empty()).then(|| ("hashtag", 1 + tag.encode_utf16().count()));
    }
    let trimmed = word.trim_end().trim_end_matches(['.', ',', '!', '?', ')', ';', ':', '"', '\'', '»']);
    let units = trimmed.encode_utf16().count();
    if trimmed.starts_with("http://") || trimmed.starts_with("https://") || trimmed.starts_with("t.me/") {
        return trimmed.contains('.').then_some(("url", units));
    }
    let (name, domain) = trimmed.split_once('@')?;
    let mail = !name.is_empty() && domain.contains('.') && domain.is_ascii() && name.is_ascii();
    mail.then_some(("email", units))
}

#[cfg(test)]
mod tests {
    use crate::text::Formatted;

    fn kinds(text: &str) -> Vec<(String, usize, usize)> {
        Formatted::plain(text).entities.into_iter().map(|e| (e.kind, e.offset, e.length)).collect()
    }

    #[test]
    fn commands_mentions_and_links_are_found() {
        assert_eq!(kinds("/start t_abc"), [("bot_command".into(), 0, 6)]);
        assert_eq!(kinds("/start@tandem_bot"), [("bot_command".into(), 0, 17)]);
        assert_eq!(kinds("🏟 @olga, hi"), [("mention".into(), 3, 5)]);
        assert_eq!(kinds("see (https://t.me/x)."), [("url".into(), 5, 14)]);
        assert_eq!(kinds("a@b.example"), [("email".into(), 0, 11)]);
    }

    #[test]
    fn numbers_and_paths_are_not_commands() {
        assert_eq!(kinds("a/b #5 and/or @x /"), []);
    }
}
