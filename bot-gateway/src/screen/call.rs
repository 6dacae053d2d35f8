//! The card of a call: one message, from the first ring to the finish code (product reference 3.3 to 3.5).

use super::not_rung::{NotRung, not_rung};
use super::parts::{Page, call_code, moment, phone_key, phone_keys, press, title};
use crate::button::{Button, OnCall};
use crate::outgoing::{Key, Screen};
use crate::text::Html;
use crate::view::Reader;
use crate::view::call::{Awaiting, CallCard, Ending, Phone, RecordingKey, Stage};
use domain::call::{Awaited, Digit, Direction, EndCause, Party};

/// The card, as far as the call has come.
#[must_use]
pub fn card(reader: &Reader<'_>, card: &CallCard) -> Screen {
    let t = reader.t();
    let mut page = Page::new(head(reader, card));
    if let (Some(_), Some(number)) = (&card.name, &card.number) {
        page = page.line(t.call_number(number));
    }
    page = page.line(t.call_line(&title(reader, &card.line)));
    for line in state(reader, card) {
        page = page.line(line);
    }
    if let (Some(other), false) = (&card.other, is_over(card)) {
        let who = if other.who.is_empty() { t.call_unknown() } else { other.who.clone() };
        page = page.line(t.call_other_line(&who));
    }
    rows(reader, card).into_iter().fold(page, Page::row).screen()
}

/// What can be said of a far end in one line.
#[must_use]
pub fn who(reader: &Reader<'_>, card: &CallCard) -> String {
    match (&card.name, &card.number) {
        (Some(who), _) | (None, Some(who)) => who.clone(),
        (None, None) => reader.t().call_unknown(),
    }
}

fn head(reader: &Reader<'_>, card: &CallCard) -> Html {
    let (t, who) = (reader.t(), who(reader, card));
    match (card.direction, &card.stage) {
        (Direction::Out, _) => t.call_to(&who),
        (Direction::In, Stage::Ended(ending)) if is_missed(ending) => t.call_missed(&who),
        (Direction::In, _) => t.call_from(&who),
    }
}

/// Whether the person may want to know that somebody called.
fn is_missed(ending: &Ending) -> bool {
    match ending.cause {
        EndCause::Missed | EndCause::Cancelled | EndCause::Busy => true,
        EndCause::Failed | EndCause::Lost => ending.talked == 0,
        EndCause::Hangup { .. } | EndCause::Declined | EndCause::Replaced => false,
    }
}

/// Whether the person talks, or holds somebody, on the other line.
fn has_two_lines(card: &CallCard) -> bool {
    card.other.as_ref().is_some_and(|other| other.answered)
}

fn is_over(card: &CallCard) -> bool {
    matches!(card.stage, Stage::Ended(_))
}

fn state(reader: &Reader<'_>, card: &CallCard) -> Vec<Html> {
    let t = reader.t();
    let hint = |app: Html, page: Html, both: Html| match (&card.phone.account, &card.phone.page) {
        (Some(_), None) => app,
        (Some(_), Some(_)) => both,
        (None, Some(_) | None) => page,
    };
    match (&card.stage, card.direction) {
        (Stage::Asked, _) => vec![t.call_asked()],
        (Stage::CallingYou, _) => {
            vec![hint(t.call_calling_you_app(), t.call_calling_you_page(), t.call_calling_you())]
        }
        (Stage::AwaitingYou(awaited), _) => awaiting(reader, card, awaited),
        (Stage::Dialling, _) => vec![t.call_dialling()],
        (Stage::Ringing, Direction::Out) => vec![t.call_ringing()],
        (Stage::Ringing, Direction::In) if has_two_lines(card) => vec![t.call_rings_second()],
        (Stage::Ringing, Direction::In) => {
            vec![hint(t.call_rings_you_app(), t.call_rings_you_page(), t.call_rings_you())]
        }
        (Stage::Talking { since }, _) => vec![t.call_talking(&moment(reader, *since))],
        (Stage::Held { since }, _) => vec![t.call_held(&moment(reader, *since))],
        (Stage::Ended(ending), direction) => match not_rung(ending) {
            Some(why) => why_not_rung(reader, card, ending, why),
            None => ended(reader, ending, direction),
        },
    }
}

/// The person could not be rung: that, the code, and what they can do.
fn why_not_rung(reader: &Reader<'_>, card: &CallCard, ending: &Ending, why: NotRung) -> Vec<Html> {
    let t = reader.t();
    let words = match card.direction {
        Direction::Out => t.over_not_rung(),
        Direction::In => t.over_not_rung_in(&moment(reader, ending.at)),
    };
    let account = match &card.phone.account {
        Some(account) => format!("@{account}"),
        None => t.service_account(),
    };
    let help = match why {
        NotRung::Restricted => t.not_rung_privacy(&account),
        NotRung::Flood => t.not_rung_flood(),
        NotRung::Unknown => t.not_rung_unknown(&account),
        NotRung::Outdated => t.not_rung_outdated(),
        NotRung::Slow => t.not_rung_slow(),
        NotRung::Broken => t.not_rung_broken(),
    };
    let page = card.phone.page.as_ref().map(|_| t.not_rung_page());
    [Some(words), code(reader, ending), Some(help), page].into_iter().flatten().collect()
}

fn code(reader: &Reader<'_>, ending: &Ending) -> Option<Html> {
    ending.code.map(|code| {
        let reason = ending.reason.as_deref().filter(|reason| !reason.trim().is_empty());
        let reason = reason.unwrap_or_else(|| domain::call::codes::reason(code));
        reader.t().call_code(&code.to_string(), reason)
    })
}

/// The person calls, and is connected: within which time, and why they are not rung.
fn awaiting(reader: &Reader<'_>, card: &CallCard, awaited: &Awaiting) -> Vec<Html> {
    let t = reader.t();
    let seconds = usize::try_from((awaited.until - reader.now).num_seconds()).unwrap_or_default();
    let call = match &card.phone.account {
        Some(account) => t.call_awaits_app(account, seconds),
        None => t.call_awaits_page(seconds),
    };
    let limit = awaited.retry_after.map(|seconds| {
        let (code, words) = domain::call::codes::too_many_requests(seconds);
        t.call_code(&code.to_string(), &words)
    });
    match awaited.why {
        Awaited::CallbackOff => vec![call],
        Awaited::Flood => [Some(t.call_flood()), limit, Some(call)].into_iter().flatten().collect(),
    }
}

fn ended(reader: &Reader<'_>, ending: &Ending, direction: Direction) -> Vec<Html> {
    let t = reader.t();
    let time = duration(ending.talked);
    let words = match (ending.cause, direction) {
        (EndCause::Missed | EndCause::Failed, Direction::Out) if !ending.dialled && is_unanswered(ending) => {
            t.over_you_did_not_answer()
        }
        (EndCause::Hangup { by: Party::User }, _) => t.over_you(&time),
        (EndCause::Hangup { by: Party::FarEnd }, _) => t.over_them(&time),
        (EndCause::Declined, Direction::In) => t.over_you_declined(),
        (EndCause::Declined, Direction::Out) => t.over_they_declined(),
        (EndCause::Busy, Direction::In) => t.over_you_talked(),
        (EndCause::Busy, Direction::Out) => t.over_busy(),
        (EndCause::Missed, Direction::In) => t.over_missed(&moment(reader, ending.at)),
        (EndCause::Missed, Direction::Out) => t.over_no_answer(),
        (EndCause::Cancelled, Direction::In) => t.over_caller_gave_up(&moment(reader, ending.at)),
        (EndCause::Cancelled, Direction::Out) => t.over_cancelled(),
        (EndCause::Failed, _) => t.over_failed(),
        (EndCause::Lost, _) => t.over_lost(),
        (EndCause::Replaced, _) => t.over_transferred(&time),
    };
    let means = match ending.cause {
        EndCause::Failed if !ending.dialled && is_unanswered(ending) => None,
        EndCause::Failed => ending.code.map(|code| call_code(reader, code)),
        EndCause::Hangup { .. }
        | EndCause::Declined
        | EndCause::Busy
        | EndCause::Missed
        | EndCause::Cancelled
        | EndCause::Lost
        | EndCause::Replaced => None,
    };
    [Some(words), code(reader, ending), means].into_iter().flatten().collect()
}

/// Whether nobody was there to answer: 480, or no code at all.
fn is_unanswered(ending: &Ending) -> bool {
    ending.code.is_none_or(|code| code == domain::call::codes::USER_DID_NOT_ANSWER.0)
}

/// "2:05", "1:02:05".
pub(crate) fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

fn rows(reader: &Reader<'_>, card: &CallCard) -> Vec<Vec<Key>> {
    let t = reader.t();
    let on = |label: String, what: OnCall| press(label, Button::Call(card.call, what));
    let open = || phone_key(reader, &card.phone).into_iter().collect::<Vec<_>>();
    let two_lines = has_two_lines(card);
    match (&card.stage, card.direction) {
        (Stage::Ended(ending), direction) => after(reader, card, ending, direction),
        (Stage::CallingYou, _) => vec![open(), vec![on(t.cancel(), OnCall::HangUp)]],
        (Stage::AwaitingYou(_), _) => {
            vec![phone_keys(reader, &card.phone), vec![on(t.cancel(), OnCall::HangUp)]]
        }
        (Stage::Asked | Stage::Dialling, _) | (Stage::Ringing, Direction::Out) => {
            vec![vec![on(t.cancel(), OnCall::HangUp)]]
        }
        (Stage::Ringing, Direction::In) if two_lines => vec![
            vec![on(t.switch_line(), OnCall::Switch), on(t.end_other(), OnCall::EndOther)],
            vec![on(t.decline(), OnCall::Decline)],
        ],
        (Stage::Ringing, Direction::In) => vec![open(), vec![on(t.decline(), OnCall::Decline)]],
        (Stage::Talking { .. }, _) => {
            let mut rows = keypad(card);
            let transfer = if two_lines { OnCall::Connect } else { OnCall::Transfer };
            rows.push(vec![on(t.hold(), OnCall::Hold), on(t.transfer(), transfer)]);
            rows.push(vec![record(reader, card)]);
            rows.push(vec![on(t.end_call(), OnCall::HangUp)]);
            rows
        }
        (Stage::Held { .. }, _) => {
            let back =
                if two_lines { on(t.switch_line(), OnCall::Switch) } else { on(t.resume(), OnCall::Resume) };
            let transfer = if two_lines { OnCall::Connect } else { OnCall::Transfer };
            vec![
                vec![back, on(t.transfer(), transfer)],
                vec![record(reader, card)],
                vec![on(t.end_call(), OnCall::HangUp)],
            ]
        }
    }
}

/// The twelve keys of a telephone.
fn keypad(card: &CallCard) -> Vec<Vec<Key>> {
    let key = |digit: &Digit| press(digit.get().to_string(), Button::Call(card.call, OnCall::Key(*digit)));
    Digit::KEYPAD.chunks(3).map(|row| row.iter().map(key).collect()).collect()
}

fn record(reader: &Reader<'_>, card: &CallCard) -> Key {
    let t = reader.t();
    let (label, what) = match card.recording {
        RecordingKey::Start => (t.record_start(), OnCall::Record(true)),
        RecordingKey::Starting => (t.record_starting(), OnCall::Record(true)),
        RecordingKey::Stop => (t.record_stop(), OnCall::Record(false)),
        RecordingKey::Saving => (t.record_saving(), OnCall::Record(true)),
        RecordingKey::Locked => (t.record_locked(), OnCall::RecordingLocked),
        RecordingKey::Failed => (t.record_failed(), OnCall::Record(true)),
    };
    press(label, Button::Call(card.call, what))
}

/// The keypad is gone; what is left is to call again.
fn after(reader: &Reader<'_>, card: &CallCard, ending: &Ending, direction: Direction) -> Vec<Vec<Key>> {
    let t = reader.t();
    let label = match direction {
        Direction::Out => t.redial(),
        Direction::In => t.call_back(),
    };
    let again = ending.again.then(|| press(label, Button::Call(card.call, OnCall::Redial)));
    let Some(why) = not_rung(ending) else { return vec![again.into_iter().collect()] };
    let phone = match why {
        // Writing to it is what helps.
        NotRung::Unknown => phone_keys(reader, &card.phone),
        NotRung::Restricted | NotRung::Flood | NotRung::Outdated | NotRung::Slow | NotRung::Broken => {
            phone_keys(reader, &Phone { account: None, ..card.phone.clone() })
        }
    };
    vec![again.into_iter().collect(), phone, vec![press(t.call_help_button(), Button::CallHelp)]]
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_length_is_minutes_and_seconds_and_hours_where_there_are_any() {
        assert_eq!([duration(0), duration(65), duration(3_725)], ["0:00", "1:05", "1:02:05"]);
    }
}
