//! Draws a text with entities as HTML that a page may insert as it is.

use super::{Entity, Formatted};

/// Escapes a text for HTML content and attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// HTML with the tags that `docs/emulator.md` names. Overlapping entities are split so that the tags nest.
pub(crate) fn html(formatted: &Formatted) -> String {
    let units: Vec<u16> = formatted.text.encode_utf16().collect();
    let mut cuts: Vec<usize> = vec![0, units.len()];
    for entity in &formatted.entities {
        cuts.push(entity.offset.min(units.len()));
        cuts.push((entity.offset + entity.length).min(units.len()));
    }
    cuts.sort_unstable();
    cuts.dedup();

    let mut out = String::new();
    let mut open: Vec<usize> = Vec::new();
    for pair in cuts.windows(2) {
        let wanted: Vec<usize> = (0..formatted.entities.len())
            .filter(|i| {
                let entity = &formatted.entities[*i];
                entity.offset <= pair[0] && pair[1] <= entity.offset + entity.length
            })
            .collect();
        let kept = open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        for i in open.drain(kept..).rev() {
            out.push_str(tags(&formatted.entities[i], &units).1);
        }
        for i in &wanted[kept..] {
            out.push_str(&tags(&formatted.entities[*i], &units).0);
            open.push(*i);
        }
        out.push_str(&escape(&String::from_utf16_lossy(&units[pair[0]..pair[1]])));
    }
    for i in open.into_iter().rev() {
        out.push_str(tags(&formatted.entities[i], &units).1);
    }
    out
}

fn tags(entity: &Entity, units: &[u16]) -> (String, &'static str) {
    let end = (entity.offset + entity.length).min(units.len());
    let shown = || escape(&String::from_utf16_lossy(&units[entity.offset.min(end)..end]));
    let (open, close) = match entity.kind.as_str() {
        "bold" => ("<b>".into(), "</b>"),
        "italic" => ("<i>".into(), "</i>"),
        "underline" => ("<u>".into(), "</u>"),
        "strikethrough" => ("<s>".into(), "</s>"),
        "code" => ("<code>".into(), "</code>"),
        "pre" => ("<pre>".into(), "</pre>"),
        "spoiler" => ("<span class=\"tg-spoiler\">".into(), "</span>"),
        "blockquote" | "expandable_blockquote" => ("<blockquote>".into(), "</blockquote>"),
        "bot_command" => (format!("<a class=\"tg-command\" data-command=\"{}\">", shown()), "</a>"),
        "mention" => (
            format!("<a class=\"tg-mention\" data-username=\"{}\">", shown().trim_start_matches('@')),
            "</a>",
        ),
        "email" => (format!("<a href=\"mailto:{}\">", shown()), "</a>"),
        "url" | "text_link" => return link(entity, &shown()),
        _ => (String::new(), ""),
    };
    (open, close)
}

fn link(entity: &Entity, shown: &str) -> (String, &'static str) {
    let url = entity.url.as_deref().map_or_else(|| shown.to_owned(), escape);
    let url = if url.starts_with("t.me/") { format!("https://{url}") } else { url };
    let safe = ["http://", "https://", "tg://", "mailto:"].iter().any(|s| url.to_lowercase().starts_with(s));
    if safe { (format!("<a href=\"{url}\">"), "</a>") } else { (String::new(), "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_writes_cannot_become_markup() {
        let text = Formatted::plain("<script>alert('x')</script> & /help");
        assert_eq!(
            html(&text),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; <a class=\"tg-command\" data-command=\"/help\">/help</a>"
        );
    }

    #[test]
    fn overlapping_entities_still_nest() {
        let text = Formatted {
            text: "abc".into(),
            entities: vec![Entity::new("bold", 0, 2), Entity::new("italic", 1, 2)],
        };
        assert_eq!(html(&text), "<b>a<i>b</i></b><i>c</i>");
    }

    #[test]
    fn an_address_that_runs_code_is_not_a_link() {
        let mut entity = Entity::new("text_link", 0, 1);
        entity.url = Some("javascript:alert(1)".into());
        assert_eq!(html(&Formatted { text: "x".into(), entities: vec![entity] }), "x");
    }
}
