//! The phone numbers of a contact card (RFC 6350), which may hold several where Telegram shows one.

/// Every number of a contact: the one Telegram shows first, then those of its card, each once.
pub(crate) fn phones(shown: &str, card: Option<&str>) -> Vec<String> {
    let mut phones: Vec<String> = Vec::new();
    let of_card = card.map(unfold).unwrap_or_default();
    let numbers = of_card.lines().filter_map(telephone).map(str::to_owned);
    for number in std::iter::once(shown.trim().to_owned()).chain(numbers) {
        let known = phones.iter().any(|phone| digits(phone) == digits(&number));
        if !digits(&number).is_empty() && !known {
            phones.push(number);
        }
    }
    phones
}

/// A long line goes on in the next one after a space or a tab (RFC 6350 section 3.2).
fn unfold(card: &str) -> String {
    card.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}

/// The number of a line like `TEL;TYPE=work:+1 555` or `item1.TEL;VALUE=uri:tel:+1-555`.
fn telephone(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let property = name.split(';').next()?;
    let property = property.rsplit('.').next()?;
    let value = value.trim();
    property.eq_ignore_ascii_case("TEL").then(|| value.strip_prefix("tel:").unwrap_or(value))
}

/// What makes two spellings the same number.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_with_several_numbers_gives_each_of_them_once() {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nTEL;TYPE=cell:+7 900 000-00-01\r\n\
                    item1.TEL;VALUE=uri:tel:+7-900-000-00-02\r\ntel:8 (495)\r\n  123-45-67\r\nEND:VCARD\r\n";
        let expected = ["+79000000001", "+7-900-000-00-02", "8 (495) 123-45-67"];
        assert_eq!(phones("+79000000001", Some(card)), expected);
    }

    #[test]
    fn a_contact_without_a_card_has_one_number() {
        assert_eq!(phones("79000000001", None), ["79000000001"]);
        assert_eq!(phones("79000000001", Some("not a card")), ["79000000001"]);
    }
}
