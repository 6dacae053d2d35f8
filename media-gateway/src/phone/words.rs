//! What phones tell people, in English and Russian.

use crate::call::Refusal;
use crate::call::finish::{EndCause, Outcome, Side};
use domain::person::Language;

/// The language that a phone asked for, or that the person's Telegram has.
#[must_use]
pub fn language(code: Option<&str>) -> Language {
    match code {
        Some(code) if code.to_ascii_lowercase().starts_with("ru") => Language::Ru,
        Some(_) | None => Language::En,
    }
}

/// Something that a phone is told it cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The frame was not understood.
    NotUnderstood,
    /// Init data is missing, forged, or stale.
    NotLetIn,
    /// No account's rules let the number pass.
    NoLines,
    /// The person has no such account.
    NotYourAccount,
    /// Too many frames.
    TooFast,
    /// The offer has no sound that we could use.
    BadOffer,
    /// The gateway is full, or ends.
    NotNow,
    /// The state machine said no.
    Refused(Refusal),
}

impl Trouble {
    /// The code in `error` (docs/phone.md).
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::NotUnderstood => 400,
            Self::NotLetIn => 401,
            Self::NotYourAccount => 403,
            Self::NoLines => 404,
            Self::TooFast => 429,
            Self::BadOffer => 488,
            Self::NotNow => 503,
            Self::Refused(refusal) => match refusal {
                Refusal::NoSuchCall => 404,
                Refusal::NotNow | Refusal::NoSound | Refusal::TransferFailed => 409,
                Refusal::BothLinesTaken => 486,
                Refusal::TooMuch => 429,
                Refusal::Locked => 403,
            },
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        let (english, russian) = self.both();
        match language {
            Language::En => english,
            Language::Ru => russian,
        }
    }

    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::NotUnderstood => {
                ("The phone said something that I don't understand", "Телефон передал что-то непонятное")
            }
            Self::NotLetIn => {
                ("Please open the phone from the bot again", "Откройте телефон из бота ещё раз")
            }
            Self::NoLines => ("No lines for call", "Нет линий для звонка"),
            Self::NotYourAccount => ("This account is not yours", "Это не ваш аккаунт"),
            Self::TooFast => ("That was too much at once", "Слишком много сразу"),
            Self::BadOffer => ("There is no sound here that I could use", "Здесь нет подходящего звука"),
            Self::NotNow => {
                ("This can't be done now; please try again", "Сейчас не получается, попробуйте ещё раз")
            }
            Self::Refused(refusal) => match refusal {
                Refusal::NoSuchCall => ("This call is over", "Этот звонок уже закончен"),
                Refusal::NotNow => ("That can't be done at this moment", "Сейчас это невозможно"),
                Refusal::NoSound => ("The sound is not ready yet", "Звук ещё не готов"),
                Refusal::BothLinesTaken => ("Both lines are taken", "Обе линии заняты"),
                Refusal::TooMuch => ("That was too much at once", "Слишком много сразу"),
                Refusal::Locked => (
                    "The owner does not let this recording be stopped",
                    "Владелец не разрешает останавливать эту запись",
                ),
                Refusal::TransferFailed => (
                    "The transfer did not work; you have the call back",
                    "Перевод не удался, звонок снова у вас",
                ),
            },
        }
    }
}

/// How a call ended, in words.
#[must_use]
pub fn ended(outcome: &Outcome, language: Language) -> String {
    let (english, russian) = match outcome.cause {
        EndCause::Hangup { by: Side::User } if outcome.code == 200 => ("You hung up", "Вы завершили звонок"),
        EndCause::Hangup { by: Side::FarEnd } if outcome.code == 200 => {
            ("They hung up", "Собеседник завершил звонок")
        }
        EndCause::Replaced => ("Transferred", "Звонок переведён"),
        EndCause::Cancelled if outcome.code == 200 => ("Answered elsewhere", "Ответили на другом устройстве"),
        EndCause::Hangup { .. }
        | EndCause::Declined
        | EndCause::Busy
        | EndCause::Missed
        | EndCause::Cancelled
        | EndCause::Failed
        | EndCause::Lost => return outcome.reason.clone(),
    };
    match language {
        Language::En => english.to_owned(),
        Language::Ru => russian.to_owned(),
    }
}
