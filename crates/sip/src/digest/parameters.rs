//! The `Digest name=value, …` of challenges and answers, read the way that real servers and phones write it.

/// The longest header value that we read.
const LONGEST: usize = 4096;

/// Why a header is no digest challenge or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another scheme, such as Basic or Bearer.
    #[error("the scheme is not Digest")]
    Scheme,
    /// Not a list of names and values, or far too long.
    #[error("the header can't be read")]
    Malformed,
    /// A parameter that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An algorithm, a quality of protection or a hidden user name that we do not do.
    #[error("{0} is of a kind that is not supported")]
    Unsupported(&'static str),
}

/// Names (in lower case) and values of one header.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a header value, which holds one challenge or answer.
    pub(super) fn read(header: &str) -> Result<Self, HeaderError> {
        let header = header.trim();
        if header.len() > LONGEST {
            return Err(HeaderError::Malformed);
        }
        let end = header.find(|c: char| c.is_ascii_whitespace()).ok_or(HeaderError::Scheme)?;
        let (scheme, rest) = header.split_at(end);
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(HeaderError::Scheme);
        }
        list(rest).map(Self)
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub(super) fn need(&self, name: &'static str) -> Result<String, HeaderError> {
        self.get(name).map(str::to_owned).ok_or(HeaderError::Missing(name))
    }
}

fn list(text: &str) -> Result<Vec<(String, String)>, HeaderError> {
    let mut rest = text.trim_start();
    let mut found: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (name, after) = rest.split_once('=').ok_or(HeaderError::Malformed)?;
        let name = name.trim().to_ascii_lowercase();
        let (value, after) = value(after.trim_start())?;
        // A parameter given twice could mean one thing to us and another to whoever checks: that is a forgery.
        if name.is_empty()
            || name.contains([' ', '\t', ',', '"'])
            || found.iter().any(|(one, _)| *one == name)
        {
            return Err(HeaderError::Malformed);
        }
        found.push((name, value));
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return Err(HeaderError::Malformed);
        }
    }
    Ok(found)
}

/// One value, quoted or not, and what follows it.
fn value(text: &str) -> Result<(String, &str), HeaderError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return Ok((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' => value.push(letters.next().ok_or(HeaderError::Malformed)?.1),
            other => value.push(other),
        }
    }
    Err(HeaderError::Malformed)
}

/// A value in quotes, so that no character in it can end them.
pub(super) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for letter in value.chars().filter(|letter| !letter.is_control()) {
        if matches!(letter, '"' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_commas_and_quotes_within_quotes_are_read() {
        let read = Parameters::read(r#"digest  Realm = "a \"b\", c" ,, qop=auth , stale=FALSE"#).unwrap();
        assert_eq!(read.get("realm"), Some(r#"a "b", c"#));
        assert_eq!(
            (read.get("qop"), read.get("stale"), read.get("nonce")),
            (Some("auth"), Some("FALSE"), None)
        );
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in [
            r#"Digest realm="a"#,
            "Digest realm",
            r#"Digest realm="a" nonce="b""#,
            "Digest a=1, a=2",
            "Digest =x",
        ] {
            assert_eq!(Parameters::read(bad).err(), Some(HeaderError::Malformed), "{bad}");
        }
        assert_eq!(Parameters::read("Basic a=b").err(), Some(HeaderError::Scheme));
        assert_eq!(Parameters::read("Digest").err(), Some(HeaderError::Scheme));
        assert_eq!(
            Parameters::read(&format!("Digest a={}", "b".repeat(5000))).err(),
            Some(HeaderError::Malformed)
        );
    }

    #[test]
    fn quoting_is_undone_by_reading() {
        let nasty = r#"o'ne \ "two""#;
        let header = format!("Digest a={}, b=1", quoted(nasty));
        assert_eq!(Parameters::read(&header).unwrap().get("a"), Some(nasty));
        assert_eq!(quoted("a\r\nb"), "\"ab\"");
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(text in r#"(Digest )?([a-z]{0,6} ?= ?("[ -~é]{0,9}"?|[ -~]{0,9}),? ?){0,6}\PC{0,5}"#) {
            let _ = Parameters::read(&text);
        }
    }
}
