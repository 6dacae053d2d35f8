//! The Contact headers of a REGISTER.

/// What a REGISTER says about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) uri: String,
    pub(super) expires: Option<u32>,
    pub(super) preference: u16,
    pub(super) instance: Option<String>,
}

/// The Contact headers together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contacts {
    /// `*`: all of them.
    All,
    /// These; none of them is a question.
    Some(Vec<Contact>),
}

/// Reads the Contact headers; `None` where they are malformed.
pub(super) fn read<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Contacts> {
    let values: Vec<&str> = headers.flat_map(elements).collect();
    if values == ["*"] {
        return Some(Contacts::All);
    }
    let read: Option<Vec<Contact>> = values.into_iter().map(one).collect();
    read.map(Contacts::Some)
}

/// Splits a list at the commas outside quotes and angle brackets.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut angle, mut escaped) = (false, false, false);
    let split = list.split(move |letter| {
        let was_escaped = std::mem::take(&mut escaped);
        match letter {
            '\\' if quoted && !was_escaped => escaped = true,
            '"' if !was_escaped => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            ',' => return !quoted && !angle,
            _ => (),
        }
        false
    });
    split.map(str::trim).filter(|element| !element.is_empty())
}

fn one(value: &str) -> Option<Contact> {
    let (uri, parameters) = match bracket(value) {
        Some(open) => {
            let close = value[open..].find('>')? + open;
            (&value[open + 1..close], &value[close + 1..])
        }
        // Without brackets, every parameter is the header's, and headers of the URI can't be told apart (RFC 3261 section 20.10).
        None => {
            let (uri, parameters) = value.split_once(';').unwrap_or((value, ""));
            if uri.contains('?') {
                return None;
            }
            (uri, parameters)
        }
    };
    let uri = uri.trim();
    let (scheme, rest) = uri.split_once(':')?;
    if rest.is_empty() || scheme.is_empty() || uri.contains(char::is_whitespace) || uri.len() > 1024 {
        return None;
    }
    let mut contact = Contact { uri: uri.to_owned(), expires: None, preference: 1000, instance: None };
    for parameter in parameters.split(';') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            // A malformed value counts as 3600 (RFC 3261 section 20.10), one too large as the largest.
            "expires" => {
                contact.expires = Some(value.parse::<u64>().map_or(3600, |secs| secs.min(1 << 31) as u32))
            }
            "q" => contact.preference = preference(value),
            "+sip.instance" => contact.instance = Some(value.trim_matches('"').to_owned()),
            _ => (),
        }
    }
    Some(contact)
}

/// The bracket that opens the address: the first that no quotes are around.
fn bracket(value: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    value.find(|letter| {
        let was_escaped = std::mem::take(&mut escaped);
        match letter {
            '\\' if quoted && !was_escaped => escaped = true,
            '"' if !was_escaped => quoted = !quoted,
            '<' => return !quoted,
            _ => (),
        }
        false
    })
}

fn preference(value: &str) -> u16 {
    value.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map_or(1000, |q| (q * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uris(header: &str) -> Option<Vec<String>> {
        match read([header].into_iter())? {
            Contacts::All => Some(vec!["*".to_owned()]),
            Contacts::Some(some) => Some(some.into_iter().map(|contact| contact.uri).collect()),
        }
    }

    #[test]
    fn lists_with_commas_and_semicolons_in_them_are_read() {
        let list = "\"a, <b\" <sip:a@192.0.2.1;transport=tcp,x>;expires=60;q=0.5, sip:c@d;expires=7";
        assert_eq!(uris(list).unwrap(), ["sip:a@192.0.2.1;transport=tcp,x", "sip:c@d"]);
        let Some(Contacts::Some(read)) = read([list].into_iter()) else { panic!("not read") };
        assert_eq!((read[0].expires, read[0].preference, read[1].expires), (Some(60), 500, Some(7)));
    }

    #[test]
    fn a_star_stands_alone() {
        assert_eq!(uris("*").unwrap(), ["*"]);
        assert_eq!(uris("*, <sip:a@b>"), None);
    }

    #[test]
    fn malformed_contacts_are_refused_and_malformed_times_are_not() {
        for bad in ["<sip:a@b", "sip:user@example.com?Route=%3Csip:x%3E", "<sip:>", "<x>", "<sip:a b>"] {
            assert_eq!(uris(bad), None, "{bad}");
        }
        let Some(Contacts::Some(read)) =
            read(["<sip:a@b>;expires=soon", "<sip:c@d>;expires=99999999999"].into_iter())
        else {
            panic!("not read")
        };
        assert_eq!((read[0].expires, read[1].expires), (Some(3600), Some(1 << 31)));
    }
}
