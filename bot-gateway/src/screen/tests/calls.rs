//! Specimens of calls: the card at every stage, choosers, reasons why no line fits, recordings.

use super::people::{at, failed, ivan, number, reader};
use super::specimens::{Specimen, screen, text};
use crate::screen::alert::{CallTrouble, Toast, call_trouble, toast};
use crate::screen::recording::{self, Recorded};
use crate::screen::{call, dial, prompt, settings};
use crate::view::Health;
use crate::view::call::{
    Awaiting, CallCard, Choice, Ending, Line, NoLine, OtherLine, Phone, RecordingKey, Stage, WhyNot,
};
use domain::call::{Awaited, Direction, EndCause, Party, codes};
use domain::dial_rules::Outcome;
use domain::ids::CallId;
use domain::person::Language;

pub(super) fn page() -> Phone {
    Phone { page: Some("https://phone.example/".to_owned()), ..Phone::default() }
}

fn app() -> Phone {
    Phone { telegram: true, account: Some("tandem_calls".to_owned()), page: None }
}

fn both() -> Phone {
    Phone { page: page().page, ..app() }
}

fn id() -> CallId {
    CallId::from_bits(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057)
}

pub(super) fn outgoing() -> CallCard {
    CallCard {
        call: id(),
        direction: Direction::Out,
        line: "Office".to_owned(),
        number: Some("+7 926 123-45-67".to_owned()),
        name: None,
        stage: Stage::Asked,
        recording: RecordingKey::Start,
        other: None,
        phone: page(),
    }
}

fn incoming() -> CallCard {
    CallCard {
        direction: Direction::In,
        number: Some("100".to_owned()),
        name: Some("Petr <b>Boss</b>".to_owned()),
        stage: Stage::Ringing,
        ..outgoing()
    }
}

fn other(answered: bool) -> Option<OtherLine> {
    Some(OtherLine { who: "+74950000000".to_owned(), answered })
}

pub(super) fn ended(cause: EndCause, code: Option<u16>, talked: u32) -> Stage {
    let reason = code.map(|_| "Words <of> the provider".to_owned());
    Stage::Ended(Ending { cause, code, reason, talked, at: at(-2), dialled: true, again: true })
}

pub(super) fn calls(language: Language) -> Vec<Specimen> {
    let reader = &reader(language);
    let mut all = Vec::new();
    let mut show = |name: &str, card: CallCard| all.push(screen(name, call::card(reader, &card)));
    let (out, into) = (outgoing, incoming);
    let talking = Stage::Talking { since: at(-1) };
    let awaiting = |why, retry_after| Stage::AwaitingYou(Awaiting { until: at(1), why, retry_after });
    show("asked", out());
    show("ringing the person, page", CallCard { stage: Stage::CallingYou, ..out() });
    show("ringing the person, app", CallCard { stage: Stage::CallingYou, phone: app(), ..out() });
    show("ringing the person, both", CallCard { stage: Stage::CallingYou, phone: both(), ..out() });
    show("callback off, page", CallCard { stage: awaiting(Awaited::CallbackOff, None), ..out() });
    show(
        "callback off, app",
        CallCard { stage: awaiting(Awaited::CallbackOff, None), phone: app(), ..out() },
    );
    show("flood", CallCard { stage: awaiting(Awaited::Flood, Some(37)), phone: both(), ..out() });
    show("dialling", CallCard { stage: Stage::Dialling, ..out() });
    show("ringing", CallCard { stage: Stage::Ringing, ..out() });
    show("talking", CallCard { stage: talking.clone(), ..out() });
    for (name, recording) in [
        ("recording starts", RecordingKey::Starting),
        ("recording", RecordingKey::Stop),
        ("recording is saved", RecordingKey::Saving),
        ("recording is locked", RecordingKey::Locked),
        ("recording failed", RecordingKey::Failed),
    ] {
        show(name, CallCard { stage: Stage::Held { since: at(-1) }, recording, ..out() });
    }
    show("comes in", into());
    show("comes in, app", CallCard { phone: app(), ..into() });
    show("comes in without a name", CallCard { name: None, phone: both(), ..into() });
    show("comes in without a number", CallCard { name: None, number: None, ..into() });
    show("second line rings", CallCard { other: other(true), ..into() });
    show("second line talks", CallCard { stage: talking, other: other(true), ..into() });
    show("first line waits", CallCard { stage: Stage::Held { since: at(-9) }, other: other(true), ..out() });
    for direction in [Direction::Out, Direction::In] {
        let base = || if direction == Direction::Out { out() } else { into() };
        for (cause, code, talked) in [
            (EndCause::Hangup { by: Party::User }, None, 125),
            (EndCause::Hangup { by: Party::FarEnd }, Some(200), 3_725),
            (EndCause::Declined, Some(603), 0),
            (EndCause::Busy, Some(486), 0),
            (EndCause::Missed, Some(480), 0),
            (EndCause::Cancelled, None, 0),
            (EndCause::Lost, None, 0),
            (EndCause::Replaced, None, 61),
        ] {
            show(&format!("{direction:?} {cause}"), CallCard { stage: ended(cause, code, talked), ..base() });
        }
    }
    for (code, reason) in [
        codes::CALLBACK_RESTRICTED,
        (503, "Too Many Requests: retry after 37"),
        codes::NOT_KNOWN,
        codes::APP_TOO_OLD,
        codes::TELEGRAM_TIMEOUT,
        codes::TELEGRAM_CALL_LOST,
    ] {
        let ending = Ending {
            cause: EndCause::Failed,
            code: Some(code),
            reason: Some(reason.to_owned()),
            talked: 0,
            at: at(0),
            dialled: false,
            again: true,
        };
        let stage = Stage::Ended(ending);
        show(
            &format!("not rung: {code} {reason}"),
            CallCard { stage: stage.clone(), phone: both(), ..out() },
        );
        show(&format!("not rung, comes in: {code} {reason}"), CallCard { stage, phone: app(), ..into() });
    }
    for code in [380, 401, 402, 404, 408, 480, 488, 503, 699] {
        let stage = ended(EndCause::Failed, Some(code), 0);
        show(&format!("failed with {code}"), CallCard { stage, ..out() });
    }
    let unanswered = Stage::Ended(Ending {
        cause: EndCause::Failed,
        code: Some(480),
        reason: None,
        talked: 0,
        at: at(0),
        dialled: false,
        again: true,
    });
    show("the person did not answer", CallCard { stage: unanswered, ..out() });
    let last = Stage::Ended(Ending {
        cause: EndCause::Hangup { by: Party::User },
        code: None,
        reason: None,
        talked: 1,
        at: at(0),
        dialled: true,
        again: false,
    });
    show("can't be dialled again", CallCard { stage: last, line: String::new(), number: None, ..out() });
    all
}

pub(super) fn dialling(language: Language) -> Vec<Specimen> {
    let reader = &reader(language);
    let line = |title: &str, dials: &str| Line {
        account: number(),
        title: title.to_owned(),
        dials: dials.to_owned(),
    };
    let lines = [line("Office", "79261234567"), line("1001@pbx.example.com", "8926"), line("", "8926")];
    let not = |title: &str, why| NoLine { account: number(), title: title.to_owned(), why };
    let whys = [
        not("Draft", WhyNot::Health(Health::Incomplete)),
        not("Spare", WhyNot::Health(Health::Off)),
        not("Broken", WhyNot::Health(failed())),
        not("Lent", WhyNot::UsedByAnother),
        not("Mobile", WhyNot::Rules(Outcome::Refused { rule: r"^79\d{9}$".to_owned() })),
        not("Empty", WhyNot::Rules(Outcome::Allowed(String::new()))),
        not("Long", WhyNot::Rules(Outcome::TooLong)),
    ];
    let numbers = vec!["+7 926 123-45-67".to_owned(), "112".to_owned()];
    let recorded = Recorded {
        direction: Direction::In,
        who: "Petr".to_owned(),
        title: "Office".to_owned(),
        at: at(-5),
        seconds: 125,
    };
    let out = Recorded { direction: Direction::Out, who: String::new(), ..recorded.clone() };
    let troubles = [
        CallTrouble::Over,
        CallTrouble::NotNow,
        CallTrouble::RecordingLocked,
        CallTrouble::RecordingSaving,
        CallTrouble::TooManyCalls,
        CallTrouble::ChoiceOver,
    ];
    let toasts = [
        Toast::Recording { on: true },
        Toast::Recording { on: false },
        Toast::Reconnecting,
        Toast::AskedInBotChat,
        Toast::Cancelling,
    ];
    let mut all = vec![
        screen("several lines", dial::choose_line(reader, 77, 0, "8926", &lines)),
        screen("several numbers", dial::choose_number(reader, &Choice { choice: 77, numbers })),
        screen("no lines", dial::no_lines(reader, "8 926", &whys)),
        screen("no accounts", dial::no_lines(reader, "8 926", &[])),
        screen("no number", dial::bad_number(reader)),
        screen("the phone", dial::phone(reader, &page())),
        screen("no phone page", dial::phone(reader, &Phone::default())),
        screen("help with both", dial::help(reader, &both())),
        screen("help without a page", dial::help(reader, &app())),
        screen("transfer to", prompt::transfer(reader, "Petr")),
        screen("transferring", prompt::transferring(reader, "", "112")),
        screen("a recording", recording::recorded(reader, &recorded, None)),
        screen("a recording in a chat", recording::recorded(reader, &out, Some(&ivan()))),
        screen("a chat is lost", recording::fallen_back(reader, &recorded, Some("Sales"))),
        screen("a chat without a name is lost", recording::fallen_back(reader, &recorded, None)),
        screen("the owner is told", recording::owner_told(reader, number(), "Office")),
        screen("a recording is lost", recording::lost(reader, "", "the disk is full")),
        screen("trying a chat", settings::recording_chat_trying(reader, "Sales")),
        screen("a test post", settings::recording_chat_test(reader, "Office", &ivan())),
    ];
    all.extend(troubles.map(|which| text(format!("{which:?}"), call_trouble(reader, which))));
    all.extend(toasts.map(|which| text(format!("{which:?}"), toast(reader, which))));
    all
}
