//! What in a text that a person writes is meant to be dialled (product reference 3.3 step 1): a number, a name, a SIP address.

/// What is to be dialled, as it was typed; none where the text is no call.
#[must_use]
pub fn dialled_in(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some((word, rest)) = text.split_once(char::is_whitespace)
        && ["call", "звонок", "позвони"].contains(&word.to_lowercase().as_str())
    {
        let rest = rest.trim();
        return (!rest.is_empty()).then_some(rest);
    }
    if let Some(number) = strip_scheme(text, "tel:") {
        return is_number(number).then_some(number);
    }
    (is_number(text) || is_address(text)).then_some(text)
}

/// What is sent to the provider: of a number, the signs that people put between its digits are left out (RFC 3966 section
/// 3, visual separators). Anything else stays as it is.
#[must_use]
pub fn without_separators(number: &str) -> String {
    let number = number.trim();
    if !number.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c) || is_separator(c)) {
        return number.to_owned();
    }
    number.chars().filter(|c| !is_separator(*c)).collect()
}

fn is_separator(c: char) -> bool {
    "-(). /\u{a0}\u{2011}\u{2013}".contains(c)
}

/// Digits with the usual signs between, at least two.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 2 && text.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c) || is_separator(c))
}

/// `sip:` and something, or `name@host` with a host that is one.
fn is_address(text: &str) -> bool {
    if text.chars().any(char::is_whitespace) {
        return false;
    }
    if let Some(rest) = strip_scheme(text, "sip:").or_else(|| strip_scheme(text, "sips:")) {
        return !rest.is_empty();
    }
    let Some((user, host)) = text.split_once('@') else { return false };
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let dotted = name.contains('.') && !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    let host_like = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    !user.is_empty() && dotted && host.chars().all(host_like)
}

/// The text behind a scheme, in any case.
fn strip_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_with_the_usual_signs() {
        for number in ["8 (926) 123-45-67", "+79261234567", "*100#", "112", "tel:+7-926-123-45-67"] {
            assert!(dialled_in(number).is_some(), "{number}");
        }
        for text in ["hello", "", "1", "100 secret", "10.0.0.1 x", "call", "call "] {
            assert_eq!(dialled_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_dialled_where_it_is_said_so() {
        assert_eq!(dialled_in("call echo"), Some("echo"));
        assert_eq!(dialled_in("Call  ivan petrov "), Some("ivan petrov"));
        assert_eq!(dialled_in("звонок эхо"), Some("эхо"));
        assert_eq!(dialled_in("echo"), None);
    }

    #[test]
    fn a_sip_address_is_dialled_where_it_looks_like_one() {
        for address in
            ["sip:echo@conference.sip2sip.info", "SIP:600", "ivan@pbx.example", "100@10.0.0.1:5070"]
        {
            assert_eq!(dialled_in(address), Some(address));
        }
        for text in ["@tandem_bot", "ivan@", "ivan@pbx", "ivan@.example", "a b@pbx.example", "sip:"] {
            assert_eq!(dialled_in(text), None, "{text}");
        }
    }

    #[test]
    fn signs_between_digits_are_left_out_and_names_and_addresses_stay() {
        assert_eq!(without_separators("8 (926) 123-45-67"), "89261234567");
        assert_eq!(without_separators("+7 926*1#"), "+7926*1#");
        for kept in ["ivan@pbx.example", "echo test", "sip:100@10.0.0.1"] {
            assert_eq!(without_separators(kept), kept);
        }
    }
}
