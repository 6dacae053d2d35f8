//! `parse_mode=HTML`, with Telegram's tags and Telegram's complaints.
//!
//! Source: <https://core.telegram.org/bots/api#html-style> and `parse_html` in
//! <https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp>.

use super::{Entity, Formatted};
use crate::{error::ApiError, limits};

/// Reads Telegram's HTML.
///
/// # Errors
///
/// "can't parse entities: …" with the byte offset, as Telegram says it.
pub(crate) fn parse(html: &str) -> Result<Formatted, ApiError> {
    let mut reader =
        Reader { html, at: 0, text: String::new(), units: 0, open: Vec::new(), found: Vec::new() };
    while let Some(next) = reader.peek() {
        match next {
            '&' => reader.reference(),
            '<' if reader.rest().starts_with("</") => reader.end_tag()?,
            '<' => reader.start_tag()?,
            other => reader.push(other),
        }
    }
    match reader.open.pop() {
        Some(open) => Err(ApiError::entities(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.name
        ))),
        None => Ok(Formatted { text: reader.text, entities: reader.found }),
    }
}

struct Open {
    name: String,
    argument: String,
    offset: usize,
    text_from: usize,
}

struct Reader<'a> {
    html: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<Open>,
    found: Vec<Entity>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.html[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, c: char) {
        self.at += c.len_utf8();
        self.emit(c);
    }

    fn emit(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    fn reference(&mut self) {
        match decode(self.rest()) {
            Some((c, bytes)) => {
                self.at += bytes;
                self.emit(c);
            }
            None => self.push('&'),
        }
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\0', '\u{b}']).len();
    }

    /// Takes characters up to one of the ends, lower-cased.
    fn word(&mut self, ends: &[char]) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_ascii_whitespace() || ends.contains(&c)).unwrap_or(rest.len());
        let word = rest[..end].to_lowercase();
        self.at += end;
        word
    }

    fn start_tag(&mut self) -> Result<(), ApiError> {
        let begin = self.at;
        self.at += 1;
        let name = self.word(&['>']);
        if self.rest().is_empty() {
            return Err(ApiError::entities(format!("Unclosed start tag at byte offset {begin}")));
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(ApiError::entities(format!(
                "Unsupported start tag \"{name}\" at byte offset {begin}"
            )));
        }
        let argument = self.attributes(&name, begin)?;
        if name == "span" && argument != "tg-spoiler" {
            return Err(ApiError::entities(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            )));
        }
        self.open.push(Open { name, argument, offset: self.units, text_from: self.text.len() });
        Ok(())
    }

    /// Reads up to and with the `>`; gives the one attribute that matters for the tag.
    fn attributes(&mut self, name: &str, begin: usize) -> Result<String, ApiError> {
        let mut argument = String::new();
        loop {
            self.skip_spaces();
            if self.rest().starts_with('>') {
                self.at += 1;
                return Ok(argument);
            }
            let (attribute, value) = self.attribute(name, begin)?;
            match (name, attribute.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
                ("code", "class") => {
                    argument = value.strip_prefix("language-").unwrap_or_default().to_owned();
                }
                ("span", "class") => argument = value,
                ("blockquote", "expandable") => argument = "expandable".to_owned(),
                (_, _) => (),
            }
        }
    }

    fn attribute(&mut self, name: &str, begin: usize) -> Result<(String, String), ApiError> {
        let unclosed = || ApiError::entities(format!("Unclosed start tag \"{name}\" at byte offset {begin}"));
        let attribute = self.word(&['=', '>', '/', '"', '\'']);
        if attribute.is_empty() {
            return Err(ApiError::entities(format!(
                "Empty attribute name in the tag \"{name}\" at byte offset {begin}"
            )));
        }
        self.skip_spaces();
        if !self.rest().starts_with('=') {
            return if self.rest().is_empty() { Err(unclosed()) } else { Ok((attribute, String::new())) };
        }
        self.at += 1;
        self.skip_spaces();
        match self.peek() {
            None => Err(unclosed()),
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                let Some(end) = self.rest().find(quote) else {
                    return Err(ApiError::entities(format!("Unclosed start tag at byte offset {begin}")));
                };
                let value = decode_all(&self.rest()[..end]);
                self.at += end + 1;
                Ok((attribute, value))
            }
            Some(_) => self.bare_value().map(|value| (attribute, value)),
        }
    }

    fn bare_value(&mut self) -> Result<String, ApiError> {
        let from = self.at;
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len());
        let value = rest[..end].to_lowercase();
        self.at += end;
        match self.peek() {
            Some(c) if c.is_ascii_whitespace() || c == '>' => Ok(value),
            Some(_) | None => {
                Err(ApiError::entities(format!("Unexpected end of name token at byte offset {from}")))
            }
        }
    }

    fn end_tag(&mut self) -> Result<(), ApiError> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(ApiError::entities(format!("Unexpected end tag at byte offset {begin}")));
        };
        self.at += 2;
        let found = self.word(&['>']);
        self.skip_spaces();
        if !self.rest().starts_with('>') {
            return Err(ApiError::entities(format!("Unclosed end tag at byte offset {begin}")));
        }
        self.at += 1;
        if !found.is_empty() && found != open.name {
            return Err(ApiError::entities(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{found}>\"",
                open.name
            )));
        }
        self.close(open);
        Ok(())
    }

    fn close(&mut self, open: Open) {
        let length = self.units - open.offset;
        if length == 0 {
            return;
        }
        let mut entity = Entity::new("", open.offset, length);
        entity.kind = match open.name.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "blockquote" if open.argument == "expandable" => "expandable_blockquote",
            "blockquote" => "blockquote",
            "pre" => return self.close_pre(entity),
            "code" => {
                entity.language = Some(open.argument).filter(|language| !language.is_empty());
                "code"
            }
            "a" => {
                let shown = self.text[open.text_from..].to_owned();
                let Some(url) = link(if open.argument.is_empty() { &shown } else { &open.argument }) else {
                    return;
                };
                entity.url = Some(url);
                "text_link"
            }
            // Custom emoji need a purchased user name; Telegram leaves the plain emoji.
            _ => return,
        }
        .to_owned();
        self.found.push(entity);
    }

    /// `<pre><code class="language-x">` is one `pre` with a language.
    fn close_pre(&mut self, mut pre: Entity) {
        pre.kind = "pre".to_owned();
        if let Some(code) = self.found.last()
            && (code.kind.as_str(), code.offset, code.length) == ("code", pre.offset, pre.length)
        {
            pre.language = self.found.pop().and_then(|code| code.language);
        }
        self.found.push(pre);
    }
}

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// Makes an address that a client would open; an unusable one leaves plain text.
fn link(url: &str) -> Option<String> {
    let url = url.trim();
    let lower = url.to_lowercase();
    if ["http://", "https://", "tg://", "ton://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return Some(url.to_owned());
    }
    let plain = !url.contains(char::is_whitespace) && url.contains('.') && !url.contains(':');
    plain.then(|| format!("http://{url}"))
}

fn decode_all(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, bytes) = if c == '&' { decode(rest).unwrap_or((c, 1)) } else { (c, c.len_utf8()) };
        out.push(c);
        rest = &rest[bytes..];
    }
    out
}

/// Reads `&lt;`, `&gt;`, `&amp;`, `&quot;` and numbers; every other name stays as it is.
fn decode(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, skipped) = match number.strip_prefix('x') {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let c = u32::from_str_radix(&digits[..length], radix).ok().and_then(char::from_u32)?;
        let end = usize::from(digits[length..].starts_with(';'));
        return (c != '\0').then_some((c, skipped + length + end));
    }
    [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')].into_iter().find_map(|(name, c)| {
        let after = body.strip_prefix(name)?;
        let boundary = after.starts_with(';') || !after.starts_with(|c: char| c.is_ascii_alphanumeric());
        boundary.then(|| (c, 1 + name.len() + usize::from(after.starts_with(';'))))
    })
}

/// Reads the text of a method: `parse_mode` and `entities` decide how.
pub(crate) fn formatted(
    text: &str,
    parse_mode: Option<&str>,
    entities: Option<Vec<Entity>>,
) -> Result<Formatted, ApiError> {
    let read = match parse_mode.map(str::to_lowercase).as_deref() {
        None | Some("") => Formatted { text: text.to_owned(), entities: entities.unwrap_or_default() },
        Some("html") => parse(text)?,
        Some(mode @ ("markdown" | "markdownv2")) => {
            return Err(ApiError::not_emulated(format!("parse_mode {mode}; use HTML")));
        }
        Some(_) => return Err(crate::error::PARSE_MODE),
    };
    let end = limits::utf16(&read.text);
    match read.entities.iter().find(|entity| entity.offset + entity.length > end) {
        Some(entity) => Err(ApiError::new(
            400,
            format!(
                "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset {}",
                entity.offset
            ),
        )),
        None => Ok(read.finished()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(html: &str, why: &str) {
        let error = parse(html).expect_err(html);
        assert_eq!(error.description, format!("Bad Request: can't parse entities: {why}"), "{html}");
    }

    #[test]
    fn offsets_of_complaints_are_in_bytes() {
        refused("🏟 🏟&lt;<abac>", r#"Unsupported start tag "abac" at byte offset 13"#);
        refused("🏟 🏟&lt;<i   =aba>", r#"Empty attribute name in the tag "i" at byte offset 13"#);
        refused("🏟 🏟&lt;<i    aba>", r#"Can't find end tag corresponding to start tag "i""#);
        refused("🏟 🏟&lt;<i    aba  =  ", r#"Unclosed start tag "i" at byte offset 13"#);
        refused("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27");
        refused("🏟 🏟&lt;<i    aba  =  \"&lt;&gt;&quot;>", "Unclosed start tag at byte offset 13");
        refused("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13");
        refused("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20");
        refused("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17");
        refused(
            "🏟 🏟&lt;<i>a</em   >",
            r#"Unmatched end tag at byte offset 17, expected "</i>", found "</em>""#,
        );
        refused("1 < 2", r#"Unsupported start tag "" at byte offset 2"#);
    }

    #[test]
    fn entities_are_counted_in_utf16_units() {
        let read = parse("➡️ ➡️<i>➡️ ➡️</i> 🏟<b>x</b>").unwrap();
        assert_eq!(read.text, "➡️ ➡️➡️ ➡️ 🏟x");
        assert_eq!(read.entities, [Entity::new("italic", 5, 5), Entity::new("bold", 13, 1)]);
    }

    #[test]
    fn only_four_named_references_are_known() {
        assert_eq!(parse("&ge;&lt;&gt;&amp;&quot;&laquo;&#65;&#x42;").unwrap().text, "&ge;<>&\"&laquo;AB");
    }

    #[test]
    fn a_program_in_a_language_is_one_entity() {
        let read = parse("<pre><code class=\"language-rust\">x</code></pre>").unwrap();
        assert_eq!(read.entities, [Entity { language: Some("rust".into()), ..Entity::new("pre", 0, 1) }]);
    }

    #[test]
    fn spaces_around_a_text_go_and_its_entities_move() {
        let read = formatted("  <b>Hello</b>\n", Some("HTML"), None).unwrap();
        assert_eq!((read.text.as_str(), &read.entities[..]), ("Hello", &[Entity::new("bold", 0, 5)][..]));
    }
}
