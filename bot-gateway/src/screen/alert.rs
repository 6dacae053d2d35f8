//! Short answers to a press: toasts for what went well, alerts for what did not.

use super::parts::{Page, press};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::view::Reader;

/// What went well, in a word or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toast {
    /// A setting is saved; it acts on Apply.
    Saved,
    /// The settings act now.
    Applied,
    /// Nothing waited to be applied.
    NothingToApply,
    /// The account is switched on or off.
    Switched {
        /// On or off.
        on: bool,
    },
    /// Callback mode is switched on or off.
    CallbackMode {
        /// On or off.
        on: bool,
    },
    /// The button was of an older menu; it is drawn anew.
    MenuUpdated,
    /// The language is chosen.
    LanguageChosen,
    /// The account is deleted.
    Deleted,
    /// The account went back to its owner.
    GivenBack,
    /// The owner is the user again.
    Unlinked,
    /// The account is the presser's, or for them to use.
    Taken,
    /// The Take was taken back.
    Undone,
    /// The offer was called back.
    OfferCancelled,
    /// The account out of a link is added.
    Added,
    /// What waited is forgotten.
    Dropped,
    /// A recording begins or ends.
    Recording {
        /// Begins.
        on: bool,
    },
    /// The account is registered anew.
    Reconnecting,
    /// The question stands in the chat with the bot.
    AskedInBotChat,
    /// A call is given up.
    Cancelling,
}

/// What does not go with a call just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTrouble {
    /// It is over.
    Over,
    /// It has not come so far, or is past it.
    NotNow,
    /// The owner records; the user can't stop it.
    RecordingLocked,
    /// The last recording is being stored.
    RecordingSaving,
    /// The person places more calls than the bot allows.
    TooManyCalls,
    /// The numbers of a chooser are forgotten.
    ChoiceOver,
}

/// The text of an alert about a call, at most 200 characters.
#[must_use]
pub fn call_trouble(reader: &Reader<'_>, trouble: CallTrouble) -> String {
    let t = reader.t();
    match trouble {
        CallTrouble::Over => t.alert_call_over(),
        CallTrouble::NotNow => t.alert_not_now(),
        CallTrouble::RecordingLocked => t.alert_recording_locked(),
        CallTrouble::RecordingSaving => t.alert_recording_saving(),
        CallTrouble::TooManyCalls => t.alert_dial_too_fast(),
        CallTrouble::ChoiceOver => t.alert_choice_over(),
    }
}

/// What did not go, for other reasons than a refusal of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A fault of ours.
    SomethingWrong,
    /// The person is faster than the bot allows.
    TooFast,
    /// The button was of an older menu, and there is nothing to draw in its place.
    StaleMenu,
    /// The person owns as many accounts as they may.
    LimitReached {
        /// How many.
        limit: usize,
    },
    /// What was typed, or waited, is over.
    InputOver,
    /// A draft of a share is over before it was sent or taken.
    DraftOver,
    /// A settings link can't be used.
    BadLink,
    /// A file is too large, or is not a text.
    BadFile,
}

/// The text of a toast.
#[must_use]
pub fn toast(reader: &Reader<'_>, toast: Toast) -> String {
    let t = reader.t();
    match toast {
        Toast::Saved => t.toast_saved(),
        Toast::Applied => t.toast_applied(),
        Toast::NothingToApply => t.toast_nothing_to_apply(),
        Toast::Switched { on: true } => t.toast_switched_on(),
        Toast::Switched { on: false } => t.toast_switched_off(),
        Toast::CallbackMode { on: true } => t.toast_callback_on(),
        Toast::CallbackMode { on: false } => t.toast_callback_off(),
        Toast::MenuUpdated => t.toast_menu_updated(),
        Toast::LanguageChosen => t.toast_language(),
        Toast::Deleted => t.toast_deleted(),
        Toast::GivenBack => t.toast_given_back(),
        Toast::Unlinked => t.toast_unlinked(),
        Toast::Taken => t.toast_taken(),
        Toast::Undone => t.toast_undone(),
        Toast::OfferCancelled => t.toast_offer_cancelled(),
        Toast::Added => t.toast_added(),
        Toast::Dropped => t.toast_dropped(),
        Toast::Recording { on: true } => t.toast_recording(),
        Toast::Recording { on: false } => t.toast_recording_stops(),
        Toast::Reconnecting => t.toast_reconnecting(),
        Toast::AskedInBotChat => t.toast_asked_in_bot_chat(reader.bot),
        Toast::Cancelling => t.toast_cancelling(),
    }
}

/// The text of an alert, at most 200 characters.
#[must_use]
pub fn trouble(reader: &Reader<'_>, trouble: Trouble) -> String {
    let t = reader.t();
    match trouble {
        Trouble::SomethingWrong => t.trouble_fault(),
        Trouble::TooFast => t.trouble_too_fast(),
        Trouble::StaleMenu => t.trouble_stale(),
        Trouble::LimitReached { limit } => t.trouble_limit(limit),
        Trouble::InputOver => t.trouble_input_over(),
        Trouble::DraftOver => t.trouble_draft_over(),
        Trouble::BadLink => t.trouble_bad_link(),
        Trouble::BadFile => t.trouble_bad_file(),
    }
}

/// The same as a message, where there is no press to answer.
#[must_use]
pub fn trouble_screen(reader: &Reader<'_>, which: Trouble) -> Screen {
    let t = reader.t();
    Page::new(crate::text::escaped(&trouble(reader, which), 200))
        .row([press(t.softphone(), Button::Accounts(0)), press(t.help(), Button::Help)])
        .screen()
}
