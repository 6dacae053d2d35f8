//! What a person means who types after the bot's name: `@bot …`, in any chat.

use crate::ids::{AccountNumber, CallId, OfferToken};
use crate::password::Password;
use crate::share::{self, Understood};
use crate::template::Catalogue;
use std::fmt;

/// An inline query, understood. It comes letter by letter, so most of them are beginnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Nothing typed yet.
    Empty,
    /// Settings to share, or a hint what to type next.
    Share(Understood),
    /// Take an account back with its number and password (product reference 5.2).
    ///
    /// A share whose login has nine digits looks the same until its third word is typed,
    /// so a wrong password here need not be an attempt at anything.
    TakeAway {
        /// Which account.
        number: AccountNumber,
        /// What the person says its password is.
        password: Password,
    },
    /// Hand an account over; a button of ours wrote it.
    Transfer(AccountNumber),
    /// Give an account back; a button of ours wrote it.
    Return(AccountNumber),
    /// Send an offer that exists already; a button of ours wrote it.
    Offer(OfferToken),
    /// Show the card of a call; a service account asks for it, to send it into its chat with the person (product
    /// reference 8.2).
    Card(CallId),
}

/// The call whose card a query asks for. Only that: what people type is not looked at.
#[must_use]
pub fn card_in(typed: &str) -> Option<CallId> {
    typed.strip_prefix("call ")?.parse().ok()
}

/// Understands an inline query. Every text means something.
///
/// With two words the first decides: nine digits take away, the words of our buttons do what they say when a number
/// or token follows, and all else is a share.
#[must_use]
pub fn parse(typed: &str, catalogue: &Catalogue) -> Query {
    let words: Vec<&str> = typed.split_whitespace().take(3).collect();
    let of_two = match words.as_slice() {
        [] => return Query::Empty,
        ["transfer", number] => number.parse().ok().map(Query::Transfer),
        ["return", number] => number.parse().ok().map(Query::Return),
        ["offer", token] => token.parse().ok().map(Query::Offer),
        ["call", call] => call.parse().ok().map(Query::Card),
        [number, password] => number
            .parse()
            .ok()
            .zip(password.parse().ok())
            .map(|(number, password)| Query::TakeAway { number, password }),
        _ => None,
    };
    of_two.unwrap_or_else(|| Query::Share(share::parse(typed, catalogue)))
}

/// The queries that buttons write, as they stand in a chat's input field; those that people type hold passwords
/// and are not printed.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer(number) => write!(f, "transfer {number}"),
            Self::Return(number) => write!(f, "return {number}"),
            Self::Offer(token) => write!(f, "offer {token}"),
            Self::Card(call) => write!(f, "call {call}"),
            // The draft that a button writes: the person adds the password.
            Self::TakeAway { number, .. } => write!(f, "{number} "),
            Self::Empty | Self::Share(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::Hint;
    use proptest::prelude::*;

    #[test]
    fn nine_digits_and_a_password_take_an_account_away() {
        let number = "123456789".parse().expect("it is a number");
        let password = "secret".parse().expect("it is a password");
        assert_eq!(query(" 123456789  secret "), Query::TakeAway { number, password });
    }

    #[test]
    fn a_third_word_makes_it_a_share_even_when_the_login_has_nine_digits() {
        let Query::Share(Understood::Shares(shares)) = query("123456789 secret multifon") else {
            panic!("it is a share")
        };
        assert_eq!(shares[0].login.as_str(), "123456789");
    }

    #[test]
    fn a_login_that_is_no_account_number_begins_a_share() {
        for typed in ["12345678 secret", "1234567890 secret", "012345678 secret", "12345678x secret"] {
            assert_eq!(query(typed), Query::Share(Understood::Hint(Hint::ServerMissing)), "{typed}");
        }
    }

    #[test]
    fn what_our_buttons_write_is_read_back() {
        let number: AccountNumber = "123456789".parse().expect("it is a number");
        for written in [
            Query::Transfer(number),
            Query::Return(number),
            Query::Offer(OfferToken::from_bits([7; 16])),
            Query::Card(CallId::from_bits(7)),
        ] {
            assert_eq!(query(&written.to_string()), written);
        }
    }

    #[test]
    fn a_card_is_asked_for_by_its_call_and_by_nothing_that_people_type() {
        let call = CallId::from_bits(7);
        assert_eq!(card_in(&Query::Card(call).to_string()), Some(call));
        for typed in ["call", "call 1001", "call secret pbx.example.org", "Call me"] {
            assert_eq!(card_in(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_words_of_our_buttons_may_be_logins_too() {
        assert_eq!(query("transfer secret"), Query::Share(Understood::Hint(Hint::ServerMissing)));
        assert!(matches!(query("return 123456789 multifon"), Query::Share(Understood::Shares(_))));
    }

    #[test]
    fn nothing_typed_is_nothing() {
        assert_eq!(query("  "), Query::Empty);
    }

    #[test]
    fn a_password_is_not_shown_when_a_query_is_debugged_or_printed() {
        let away = query("123456789 canary-9f2");
        assert!(!format!("{away:?} {away}").contains("canary-9f2"));
    }

    proptest! {
        #[test]
        fn any_text_means_something(typed in ".{0,80}") {
            let _: Query = query(&typed);
        }
    }

    fn query(typed: &str) -> Query {
        parse(typed, &Catalogue::builtin())
    }
}
