//! Why somebody is not let in, and what to do about it.

use crate::telegram::call::Trouble;
use crate::telegram::server::TestServerError;
use event_store::log::Fault;
use std::time::Duration;

/// Why a login does not go on. Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Nothing answers.
    #[error(
        "Telegram can't be reached: see whether this machine may connect to the internet, then try again"
    )]
    Unreachable,
    /// The number is none.
    #[error("Telegram does not know this number: type it in international form, such as +44 20 7946 0000")]
    BadNumber,
    /// The number is barred.
    #[error("Telegram has barred this number: take another account, or write to recover@telegram.org")]
    Banned,
    /// Nobody has registered with the number.
    #[error("this number has no Telegram account: register it with a Telegram app on a phone first")]
    NotRegistered,
    /// The account is a bot's.
    #[error("bots can't make calls: sign in with a person's account")]
    Bot,
    /// Telegram wants to be left alone.
    #[error("Telegram wants to be left alone for {} seconds after too many tries: wait, then try again", .0.as_secs())]
    Flood(Duration),
    /// A code was not asked for.
    #[error("no code was asked for yet")]
    NoCode,
    /// The code is wrong.
    #[error("the code is wrong: type the newest one that Telegram has sent")]
    WrongCode,
    /// The code is too old.
    #[error("the code is too old: begin anew, and Telegram sends another one")]
    OldCode,
    /// The password is wrong.
    #[error(
        "the two-step password is wrong: it is the one set in Telegram under Settings, Privacy and Security"
    )]
    WrongPassword,
    /// The password is asked for in a way that is not known here.
    #[error("Telegram asks for the password in a way that this version of Tandem does not know: update it")]
    UnknownPassword,
    /// The operator's application is unknown.
    #[error(
        "Telegram does not take `telegram_api_id` and `telegram_api_hash`: copy both from https://my.telegram.org"
    )]
    BadApplication,
    /// Telegram wants money for the code.
    #[error(
        "Telegram sends codes to this number only for a fee: sign in with an official app once, or use --qr"
    )]
    Payment,
    /// Telegram wants an e-mail address before it sends codes.
    #[error(
        "Telegram wants an e-mail address for this account first: set one with an official app, then try again, or use --qr"
    )]
    EmailFirst,
    /// Telegram sends the code only to an app of its own.
    #[error(
        "Telegram sends this code only to its own app on a phone: sign in there, then try again, or use --qr"
    )]
    OfficialAppFirst,
    /// The file of the test server.
    #[error(transparent)]
    TestServer(TestServerError),
    /// The database.
    #[error("the database can't be used")]
    Fault(#[source] Fault),
    /// Anything else, in Telegram's word.
    #[error("Telegram refused: {0}")]
    Unexpected(String),
}

/// Why Telegram does not let somebody in.
pub(super) fn refused(trouble: Trouble) -> LoginError {
    let words = match trouble {
        Trouble::Unreachable => return LoginError::Unreachable,
        Trouble::Flood(wait) => return LoginError::Flood(wait),
        Trouble::Nonsense => return LoginError::Unexpected("an answer that makes no sense".to_owned()),
        Trouble::Refused { words, .. } => words,
    };
    match words.as_str() {
        "PHONE_NUMBER_INVALID" => LoginError::BadNumber,
        "PHONE_NUMBER_BANNED" | "USER_DEACTIVATED" | "USER_DEACTIVATED_BAN" => LoginError::Banned,
        "PHONE_NUMBER_UNOCCUPIED" => LoginError::NotRegistered,
        "PHONE_NUMBER_FLOOD" | "PHONE_PASSWORD_FLOOD" => LoginError::Flood(Duration::from_secs(24 * 60 * 60)),
        "PHONE_CODE_INVALID" | "PHONE_CODE_EMPTY" => LoginError::WrongCode,
        "PHONE_CODE_EXPIRED" => LoginError::OldCode,
        "PASSWORD_HASH_INVALID" => LoginError::WrongPassword,
        "API_ID_INVALID" | "API_ID_PUBLISHED_FLOOD" => LoginError::BadApplication,
        _ => LoginError::Unexpected(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do_next() {
        let told = |words: &str| refused(Trouble::Refused { code: 400, words: words.to_owned() }).to_string();
        assert!(told("PHONE_CODE_INVALID").contains("the newest one"));
        assert!(told("API_ID_INVALID").contains("my.telegram.org"));
        assert_eq!(told("SOMETHING_NEW"), "Telegram refused: SOMETHING_NEW");
        assert!(refused(Trouble::Flood(Duration::from_secs(37))).to_string().contains("37 seconds"));
    }
}
