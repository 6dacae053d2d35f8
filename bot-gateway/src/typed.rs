//! What buttons type into a chat behind the bot's name, and what our own links to the bot carry, with their codecs.
//!
//! Such a button tells the bot nothing at once: it opens an inline query that the person can look at, add to, and send. So
//! an id in it is worth nothing by itself; who may do what is decided when the query comes and again at the Take.

use domain::ids::{AccountNumber, OfferToken, UserId};
use std::fmt;
use std::str::FromStr;

/// An inline query that one of our buttons began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Hand an account over: `acc:123456789`, bound to one person `acc:123456789:for:42`.
    Transfer {
        /// The account.
        account: AccountNumber,
        /// The only person who may take it.
        to: Option<UserId>,
    },
    /// Give an account back, or take it back with the password typed after it: `123456789 `. Both sides of a transfer see
    /// the same `Transfer back` button, so both are the same query, and who asks decides which of the two it is.
    Back {
        /// The account.
        account: AccountNumber,
    },
    /// Send one offer out of a prepared list: `offer:123456789:<22 characters>`.
    Send {
        /// The account.
        account: AccountNumber,
        /// The offer.
        offer: OfferToken,
    },
}

/// The query was typed by a person from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this query was not begun by a button")]
pub struct NotOurs;

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer { account, to: None } => write!(f, "acc:{account}"),
            Self::Transfer { account, to: Some(user) } => write!(f, "acc:{account}:for:{user}"),
            Self::Back { account } => write!(f, "{account} "),
            Self::Send { account, offer } => write!(f, "offer:{account}:{offer}"),
        }
    }
}

impl FromStr for Typed {
    type Err = NotOurs;

    /// Reads what a button typed. With a password behind it a [`Typed::Back`] is no longer ours alone: see the grammar of
    /// taking away.
    fn from_str(query: &str) -> Result<Self, NotOurs> {
        let query = query.trim();
        let parts: Vec<&str> = query.split(':').collect();
        Ok(match parts.as_slice() {
            ["acc", account] => Self::Transfer { account: read(account)?, to: None },
            ["acc", account, "for", user] => {
                Self::Transfer { account: read(account)?, to: Some(UserId(read(user)?)) }
            }
            ["offer", account, offer] => Self::Send { account: read(account)?, offer: read(offer)? },
            [account] => Self::Back { account: read(account)? },
            _ => return Err(NotOurs),
        })
    }
}

/// What follows `/start` when a person comes from one of our own buttons. Links that carry settings are the domain's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Show the card of an account: `acc_123456789`.
    Account(AccountNumber),
    /// Go on with an offer that was pressed before the person knew the bot: `t_123456789_<22 characters>`.
    Offer {
        /// The account.
        account: AccountNumber,
        /// The offer.
        offer: OfferToken,
    },
    /// Explain how to share: `share`.
    Share,
}

impl Payload {
    /// The link that opens the chat with the bot and starts it with this.
    #[must_use]
    pub fn link(&self, bot: &str) -> String {
        format!("https://t.me/{bot}?start={self}")
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "acc_{account}"),
            Self::Offer { account, offer } => write!(f, "t_{account}_{offer}"),
            Self::Share => f.write_str("share"),
        }
    }
}

impl FromStr for Payload {
    type Err = NotOurs;

    fn from_str(payload: &str) -> Result<Self, NotOurs> {
        if payload == "share" {
            return Ok(Self::Share);
        }
        if let Some(account) = payload.strip_prefix("acc_") {
            return Ok(Self::Account(read(account)?));
        }
        // A token may have `_` in it, an account number may not.
        let (account, offer) =
            payload.strip_prefix("t_").and_then(|rest| rest.split_once('_')).ok_or(NotOurs)?;
        Ok(Self::Offer { account: read(account)?, offer: read(offer)? })
    }
}

fn read<T: FromStr>(part: &str) -> Result<T, NotOurs> {
    part.parse().map_err(|_| NotOurs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_typed_is_read_back() {
        let account = AccountNumber::MAX;
        let offer = OfferToken::from_bits([255; 16]);
        for typed in [
            Typed::Transfer { account, to: None },
            Typed::Transfer { account, to: Some(UserId(i64::MAX)) },
            Typed::Back { account },
            Typed::Send { account, offer },
        ] {
            assert_eq!(typed.to_string().parse(), Ok(typed));
        }
    }

    #[test]
    fn what_a_link_of_ours_carried_is_read_back_and_fits_telegrams_64_characters() {
        let account = AccountNumber::MAX;
        for bits in [[0; 16], [255; 16], [0x7f; 16]] {
            let offer = OfferToken::from_bits(bits);
            for payload in [Payload::Account(account), Payload::Offer { account, offer }, Payload::Share] {
                let text = payload.to_string();
                assert!(text.len() <= 64, "{text}");
                assert_eq!(text.parse(), Ok(payload));
            }
        }
    }

    #[test]
    fn a_referral_or_settings_in_a_link_are_not_ours() {
        for payload in ["", "utm_docs", "1001=secret=asterisk", "t_123", "acc_x"] {
            assert_eq!(payload.parse::<Payload>(), Err(NotOurs), "{payload}");
        }
    }

    #[test]
    fn what_a_person_typed_is_not_taken_for_a_button() {
        for query in
            ["", "1001 secret pbx.example", "123456789 secret", "acc:12", "acc:123456789:for:x", "a:b"]
        {
            assert_eq!(query.parse::<Typed>(), Err(NotOurs), "{query}");
        }
    }
}
