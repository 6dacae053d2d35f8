//! The person is called by Telegram.

use super::*;
use domain::call::Awaited;

const TELEGRAM: PhoneId = PhoneId(9);

/// Ivan has no phone open, and can be called by Telegram.
fn scene() -> Scene {
    let mut scene = Scene::with(Limits::default());
    scene.input(Input::Summonable(true));
    scene
}

fn unreachable() -> Input {
    let reason = "Callback is restricted".to_owned();
    Input::SummonsFailed(SummonsFailure::Unreachable { code: 380, reason })
}

fn flood() -> Input {
    Input::SummonsFailed(SummonsFailure::Flood { retry_after: 37 })
}

impl Scene {
    fn summons(&self) -> usize {
        self.recent().filter(|output| **output == Output::Summon).count()
    }

    fn says(&self, output: &Output) -> bool {
        self.recent().any(|said| said == output)
    }

    /// Ivan answers the Telegram call, and its sound comes.
    fn picks_up(&mut self) -> &mut Self {
        self.input(Input::SummonsAnswered { phone: TELEGRAM }).input(Input::PhoneSound { phone: TELEGRAM })
    }

    fn talks_by_telegram(&mut self) -> LegId {
        let leg = self.is_called(1, account());
        self.picks_up();
        leg
    }
}

#[test]
fn a_caller_is_answered_when_the_person_answers_in_telegram() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    assert_eq!(scene.summons(), 1);
    scene.input(Input::SummonsAnswered { phone: TELEGRAM });
    assert_eq!(scene.said_in_sip(leg), [], "not before there is sound");
    scene.input(Input::PhoneSound { phone: TELEGRAM });
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Answer]);
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::With(Party::Phone(TELEGRAM)));
}

#[test]
fn a_number_from_the_chat_is_dialled_when_the_person_answers_in_telegram() {
    let mut scene = scene();
    scene.input(Input::Requested { order: order(1), callback: true });
    assert_eq!(scene.summons(), 1);
    scene.picks_up();
    scene.dialled_leg();
}

#[test]
fn an_answer_in_the_browser_ends_the_ringing_in_telegram() {
    let mut scene = scene();
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    let leg = scene.is_called(1, account());
    assert_eq!(scene.summons(), 1, "both ring");
    scene.asks(1, Verb::Answer);
    assert!(scene.says(&Output::Dismiss));
    assert!(scene.hear_each_other(leg));
}

#[test]
fn a_caller_who_gives_up_ends_the_ringing_in_telegram() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.sip(leg, fails(487));
    assert!(scene.says(&Output::Dismiss));
    scene.input(Input::SummonsFailed(SummonsFailure::Missed));
    assert!(scene.calls.is_empty(), "what comes late is of no call any longer");
}

#[test]
fn a_person_who_declines_in_telegram_is_busy_to_the_caller() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(Input::SummonsFailed(SummonsFailure::Declined));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 486 }]);
}

#[test]
fn a_person_who_does_not_answer_in_telegram_has_missed_the_call() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(Input::SummonsFailed(SummonsFailure::Missed));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
    assert_eq!(scene.ended(1).map(|(outcome, _)| outcome.cause), Some(finish::EndCause::Missed));
}

#[test]
fn whoever_hangs_up_in_telegram_ends_the_call() {
    let mut scene = scene();
    let leg = scene.talks_by_telegram();
    scene.input(Input::HungUpByPerson { phone: TELEGRAM });
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
    assert!(scene.ended(1).is_some());
}

#[test]
fn when_the_far_end_hangs_up_the_telegram_call_is_let_go() {
    let mut scene = scene();
    let leg = scene.talks_by_telegram();
    scene.sip(leg, bye());
    assert!(scene.says(&Output::Release { phone: TELEGRAM }));
    scene.wait(seconds(2));
    assert!(scene.calls.is_empty());
}

#[test]
fn a_second_caller_rings_in_telegram_once_the_app_has_seen_the_end_of_the_first_call() {
    let mut scene = scene();
    let first = scene.talks_by_telegram();
    scene.is_called(2, second_account());
    assert_eq!(scene.summons(), 0, "the person is there");
    scene.sip(first, bye());
    assert_eq!(scene.summons(), 0);
    scene.wait(seconds(2));
    assert_eq!(scene.summons(), 1);
}

#[test]
fn a_person_at_a_browser_is_not_called_by_telegram_as_well() {
    let mut scene = scene();
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    scene.talks(1);
    scene.is_called(2, second_account());
    assert_eq!(scene.summons(), 0);
}

#[test]
fn privacy_ends_a_call_of_ones_own_with_its_code_where_no_other_phone_rings() {
    let mut scene = scene();
    scene.input(Input::Requested { order: order(1), callback: true });
    scene.input(unreachable());
    let (outcome, _) = scene.ended(1).expect("over");
    assert_eq!((outcome.code, outcome.reason.as_str()), (380, "Callback is restricted"));
}

#[test]
fn privacy_leaves_a_caller_a_little_time_for_the_web_phone_and_hears_nothing_of_the_reason() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(unreachable());
    assert_eq!((scene.summons(), scene.ended(1)), (0, None));
    scene.wait(seconds(20));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
    assert_eq!(scene.ended(1).map(|(outcome, _)| outcome.code), Some(380), "the person is told why");
}

#[test]
fn a_web_phone_that_is_opened_meanwhile_takes_the_call() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(unreachable()).wait(seconds(10)).input(Input::PhoneOpened { phone: PHONE, sound: true });
    scene.wait(seconds(20)).asks(1, Verb::Answer);
    assert!(scene.hear_each_other(leg));
}

#[test]
fn under_flood_the_person_has_a_minute_to_call() {
    let mut scene = scene();
    scene.input(Input::Requested { order: order(1), callback: true });
    scene.input(flood());
    let (within, why) = (seconds(60), Awaited::Flood);
    assert_eq!(scene.reports(1), [Report::Awaited { within, why, retry_after: Some(37) }]);
    scene.wait(seconds(59)).input(Input::CalledByPerson { phone: TELEGRAM });
    assert!(scene.says(&Output::LetIn { phone: TELEGRAM }));
    scene.picks_up();
    scene.dialled_leg();
}

#[test]
fn after_that_minute_the_call_ends_with_what_telegram_said() {
    let mut scene = scene();
    scene.input(Input::Requested { order: order(1), callback: true });
    scene.input(flood()).wait(seconds(60));
    let (outcome, _) = scene.ended(1).expect("over");
    assert_eq!((outcome.code, outcome.reason.as_str()), (503, "Too Many Requests: retry after 37"));
}

#[test]
fn the_operator_may_give_another_time_than_a_minute() {
    let mut scene = Scene::with(Limits { call_window: seconds(15), ..Limits::default() });
    scene.input(Input::Summonable(true));
    scene.input(Input::Requested { order: order(1), callback: true });
    scene.input(flood()).wait(seconds(14));
    assert_eq!(scene.ended(1), None);
    scene.wait(seconds(1));
    assert_eq!(scene.ended(1).map(|(outcome, _)| outcome.code), Some(503));
}

#[test]
fn a_person_who_calls_for_nothing_is_turned_away() {
    let mut scene = scene();
    scene.input(Input::CalledByPerson { phone: TELEGRAM });
    assert!(scene.says(&Output::TurnAway { phone: TELEGRAM }));
    assert!(scene.calls.is_empty());
}

#[test]
fn a_person_who_calls_while_being_called_is_let_in() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(Input::CalledByPerson { phone: TELEGRAM });
    assert!(scene.says(&Output::Dismiss) && scene.says(&Output::LetIn { phone: TELEGRAM }));
    scene.picks_up();
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Answer]);
}

#[test]
fn a_person_who_talks_in_the_browser_may_go_on_in_telegram() {
    let mut scene = scene();
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    let leg = scene.talks(1);
    scene.input(Input::CalledByPerson { phone: TELEGRAM });
    scene.picks_up();
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::With(Party::Phone(TELEGRAM)));
}

#[test]
fn a_person_whose_telegram_call_broke_off_is_called_back() {
    let mut scene = scene();
    let leg = scene.talks_by_telegram();
    scene.input(Input::PhoneClosed { phone: TELEGRAM });
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Music);
    scene.wait(seconds(2));
    assert_eq!(scene.summons(), 1);
    scene.picks_up();
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::With(Party::Phone(TELEGRAM)));
}

#[test]
fn a_telegram_call_that_is_gone_late_makes_nobody_ring_twice() {
    let mut scene = scene();
    scene.is_called(1, account());
    scene.input(Input::SummonsAnswered { phone: PhoneId(8) });
    scene.input(Input::SummonsAnswered { phone: TELEGRAM });
    scene.asks(1, Verb::Decline);
    scene.input(Input::Requested { order: order(2), callback: true });
    assert_eq!(scene.summons(), 1);
    scene.input(Input::PhoneClosed { phone: PhoneId(8) }).wait(seconds(3));
    assert_eq!(scene.summons(), 0, "it rings already");
}

#[test]
fn whoever_is_there_by_another_telegram_call_is_rung_no_longer() {
    let mut scene = scene();
    scene.is_called(1, account());
    scene.input(Input::SummonsAnswered { phone: PhoneId(8) });
    scene.input(Input::SummonsAnswered { phone: TELEGRAM });
    scene.asks(1, Verb::Decline);
    scene.is_called(2, account());
    assert_eq!(scene.summons(), 1);
    scene.input(Input::PhoneSound { phone: PhoneId(8) });
    assert!(scene.says(&Output::Dismiss));
}

#[test]
fn calling_back_is_tried_once() {
    let mut scene = scene();
    let leg = scene.talks_by_telegram();
    scene.input(Input::PhoneClosed { phone: TELEGRAM }).wait(seconds(2));
    scene.input(Input::SummonsFailed(SummonsFailure::Missed)).wait(seconds(27));
    assert_eq!((scene.summons(), scene.ended(1)), (0, None));
    scene.wait(seconds(1));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
}

#[test]
fn whoever_answers_and_leaves_before_there_is_sound_has_declined() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(Input::SummonsAnswered { phone: TELEGRAM });
    scene.input(Input::HungUpByPerson { phone: TELEGRAM });
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 486 }]);
}

#[test]
fn an_answer_without_sound_is_tried_again() {
    let mut scene = scene();
    scene.is_called(1, account());
    scene.input(Input::SummonsAnswered { phone: TELEGRAM });
    scene.input(Input::PhoneClosed { phone: TELEGRAM }).wait(seconds(2));
    assert_eq!(scene.summons(), 1);
}

#[test]
fn when_telegram_goes_away_a_caller_waits_only_a_little() {
    let mut scene = scene();
    let leg = scene.is_called(1, account());
    scene.input(Input::Summonable(false)).wait(seconds(20));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
}
