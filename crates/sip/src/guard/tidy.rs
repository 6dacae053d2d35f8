//! Takes odd but lawful spelling out of the headers that transactions go by, so that the stack's parser can read them.

use super::values::{outside_quotes, tag};
use sha2::{Digest as _, Sha256};

/// The message with plain spelling of Via, From and To: no white space around separators, and a tag in From,
/// which clients of RFC 2543 leave out. `None` where nothing has to change, which is nearly always.
#[must_use]
pub fn tidy(message: &[u8]) -> Option<Vec<u8>> {
    let end = message.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&message[..end]).ok()?;
    let unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut changed = false;
    let lines = unfolded.split("\r\n").map(|line| match plain(line, text) {
        Some(plain) => {
            changed = true;
            plain
        }
        None => line.to_owned(),
    });
    let head = lines.collect::<Vec<String>>().join("\r\n");
    changed.then(|| [head.as_bytes(), &message[end..]].concat())
}

fn plain(line: &str, head: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let is_from = matches!(name.trim_end().to_ascii_lowercase().as_str(), "from" | "f");
    if !is_from && !matches!(name.trim_end().to_ascii_lowercase().as_str(), "to" | "t" | "via" | "v") {
        return None;
    }
    let shape = outside_quotes(value)?;
    let is_odd = |pair: &[u8]| {
        matches!(pair, [b' ' | b'\t', b';' | b'=' | b'/' | b','] | [b';' | b'=' | b'/', b' ' | b'\t'])
    };
    let spaced = shape.as_bytes().windows(2).any(is_odd);
    let tagless = is_from && tag(value).is_none();
    if !spaced && !tagless {
        return None;
    }
    let mut value = if spaced { without_gaps(value.trim()) } else { value.trim().to_owned() };
    if tagless {
        let hash = Sha256::digest(head);
        let made_up: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        value = format!("{value};tag={made_up}");
    }
    Some(format!("{}: {value}", name.trim_end()))
}

/// Drops white space around `;`, `=`, `/` and `,` outside quotes, and makes every other run of it one space.
fn without_gaps(value: &str) -> String {
    let mut tidy = String::with_capacity(value.len());
    let (mut quoted, mut escaped, mut gap) = (false, false, false);
    for letter in value.chars() {
        if quoted {
            tidy.push(letter);
            quoted = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        if letter.is_whitespace() {
            gap = true;
            continue;
        }
        let joins = |letter: char| matches!(letter, ';' | '=' | '/' | ',');
        if gap && !joins(letter) && !tidy.ends_with(joins) {
            tidy.push(' ');
        }
        gap = false;
        quoted = letter == '"';
        tidy.push(letter);
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(head: &str) -> Option<String> {
        tidy(format!("{head}\r\n\r\nbody").as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn usual_messages_stay_as_they_are() {
        assert_eq!(
            tidied(
                "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a:1;branch=z\r\nFrom: \"a ; b\" <sip:a@b>;tag=1\r\nTo: c"
            ),
            None
        );
    }

    #[test]
    fn white_space_around_separators_goes_and_quotes_stay() {
        let head = "OPTIONS sip:a SIP/2.0\r\nv:  SIP  / 2.0  / TCP     a   ;\r\n branch  =   z  ,\r\n SIP / 2.0 / UDP b\r\nfrom : \"J ; \\\"\"   <sip:a@b>\r\n ;\r\n  tag = 1";
        let expected = "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/TCP a;branch=z,SIP/2.0/UDP b\r\nfrom: \"J ; \\\"\" <sip:a@b>;tag=1\r\n\r\nbody";
        assert_eq!(tidied(head).unwrap(), expected);
    }

    #[test]
    fn a_client_of_the_old_days_gets_a_tag_and_always_the_same() {
        let head = "OPTIONS sip:a SIP/2.0\r\nFrom: <sip:a@b>";
        let once = tidied(head).unwrap();
        assert!(once.contains("From: <sip:a@b>;tag=") && tidied(head) == Some(once));
    }

    proptest::proptest! {
        #[test]
        fn no_head_makes_it_panic(head in "(From|To|Via|X) ?:([ -~é]|\r\n ){0,40}") {
            let _ = tidied(&head);
        }
    }
}
