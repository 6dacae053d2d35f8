//! Addresses as headers carry them: `"Olga" <sip:1001@pbx.test>;tag=1`, alone or in lists (RFC 3261 section 20).

use crate::uri::Uri;

/// A display name, an address and the parameters after it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NameAddr {
    pub(crate) name: Option<String>,
    pub(crate) uri: Uri,
    pub(crate) params: Vec<(String, Option<String>)>,
}

impl NameAddr {
    /// Reads one address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, uri, params) = parts(text)?;
        Some(NameAddr { name, uri: uri.parse().ok()?, params: parameters(params) })
    }

    /// The tag alone: it must be found even where the address is one that we could not call.
    pub(crate) fn tag_of(text: &str) -> Option<String> {
        let (_, _, params) = parts(text)?;
        let tag = parameters(params).into_iter().find(|(n, _)| n.eq_ignore_ascii_case("tag"))?;
        tag.1.filter(|t| !t.is_empty())
    }

    /// The value of a parameter behind the address.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(found.1.as_deref().unwrap_or(""))
    }
}

/// `"name" <uri>params` as a header value; the name is quoted and escaped.
pub(crate) fn format(name: Option<&str>, uri: &Uri) -> String {
    let name = name.map(|n| n.chars().filter(|c| !c.is_control()).collect::<String>());
    match name.as_deref().map(str::trim).filter(|n| !n.is_empty()) {
        Some(name) => format!("\"{}\" <{uri}>", name.replace('\\', "\\\\").replace('"', "\\\"")),
        None => format!("<{uri}>"),
    }
}

/// Splits at commas that stand outside quotes and angle brackets.
pub(crate) fn split_list(text: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, _) in outside(text).filter(|(_, c)| *c == ',') {
        parts.push(text[start..at].trim());
        start = at + 1;
    }
    parts.push(text[start..].trim());
    parts.retain(|p| !p.is_empty());
    parts
}

/// Name, address and raw parameters.
fn parts(text: &str) -> Option<(Option<String>, &str, &str)> {
    let text = text.trim();
    match unquoted(text).find(|(_, c)| *c == '<') {
        Some((open, _)) => {
            let close = open + text[open..].find('>')?;
            Some((display(&text[..open]), &text[open + 1..close], &text[close + 1..]))
        }
        // Without brackets the parameters belong to the header, not to the address (RFC 3261 section 20.10).
        None => {
            let end = text.find(';').unwrap_or(text.len());
            Some((None, &text[..end], &text[end..]))
        }
    }
}

fn display(text: &str) -> Option<String> {
    let text = text.trim();
    let name = match text.strip_prefix('"') {
        Some(quoted) => unescape_quoted(quoted),
        None => text.to_owned(),
    };
    (!name.is_empty()).then_some(name)
}

fn unescape_quoted(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '"' => break,
            c => out.push(c),
        }
    }
    out
}

fn parameters(text: &str) -> Vec<(String, Option<String>)> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, _) in unquoted(text).filter(|(_, c)| *c == ';') {
        parts.push(&text[start..at]);
        start = at + 1;
    }
    parts.push(&text[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|p| !p.is_empty());
    parts
        .map(|p| match p.split_once('=') {
            Some((n, v)) => (n.trim().to_owned(), Some(v.trim().trim_matches('"').to_owned())),
            None => (p.to_owned(), None),
        })
        .collect()
}

/// Characters outside quoted strings.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().filter(move |(_, c)| {
        let was = quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => (),
        }
        !was && *c != '"'
    })
}

/// Characters outside quoted strings and angle brackets.
fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut depth = 0_u32;
    unquoted(text).filter(move |(_, c)| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => (),
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_may_hold_anything() {
        let addr = NameAddr::parse(r#""O, \"Olga\" <x>; k" <sip:1@h.test;lr>;tag=a;x="b;c""#).unwrap();
        assert_eq!(addr.name.as_deref(), Some(r#"O, "Olga" <x>; k"#));
        assert_eq!(addr.uri.to_string(), "sip:1@h.test;lr");
        assert_eq!((addr.param("tag"), addr.param("x")), (Some("a"), Some("b;c")));
    }

    #[test]
    fn without_brackets_parameters_belong_to_the_header() {
        let addr = NameAddr::parse("sip:1@h.test;tag=7").unwrap();
        assert_eq!((addr.uri.to_string().as_str(), addr.param("tag")), ("sip:1@h.test", Some("7")));
    }

    #[test]
    fn a_tag_is_found_behind_an_address_of_another_kind() {
        assert_eq!(NameAddr::tag_of("<isbn:2983792873>;tag=9").as_deref(), Some("9"));
    }

    #[test]
    fn a_list_is_cut_only_between_its_members() {
        let text = r#""a,b" <sip:1@h;x=1,2>;q=1, <sip:2@h>,sip:3@h"#;
        assert_eq!(split_list(text), [r#""a,b" <sip:1@h;x=1,2>;q=1"#, "<sip:2@h>", "sip:3@h"]);
    }

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        let uri: Uri = "sip:1@h".parse().unwrap();
        assert_eq!(format(Some("a\"\r\nX: y\\"), &uri), r#""a\"X: y\\" <sip:1@h>"#);
    }
}
