//! Two ends that negotiate, with time handed in.

use super::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

#[expect(clippy::disallowed_methods, reason = "a test needs a first instant; all others are counted from it")]
fn start() -> Instant {
    Instant::now()
}

struct End {
    negotiation: Negotiation,
    random: StdRng,
    now: Instant,
}

impl End {
    fn new(role: Role, ssrc: u32) -> Self {
        let random = StdRng::seed_from_u64(u64::from(ssrc));
        Self { negotiation: Negotiation::new(role, ssrc), random, now: start() }
    }

    fn offer(&mut self) -> NegotiateChannels {
        only_message(&[self.negotiation.offer(self.now, &mut self.random)])
    }

    fn hears(&mut self, message: &NegotiateChannels) -> Vec<Step> {
        self.negotiation.receive(message, self.now, &mut self.random)
    }
}

fn messages(steps: &[Step]) -> Vec<NegotiateChannels> {
    let message = |step: &Step| match step {
        Step::Send(message) => Some(message.clone()),
        Step::MaySend | Step::Refused | Step::Expect { .. } => None,
    };
    steps.iter().filter_map(message).collect()
}

fn only_message(steps: &[Step]) -> NegotiateChannels {
    let [message] = &messages(steps)[..] else { panic!("one message in {steps:?}") };
    message.clone()
}

#[test]
fn two_exchanges_make_a_call() {
    let (mut caller, mut callee) = (End::new(Role::Caller, 1), End::new(Role::Callee, 2));
    let offer = caller.offer();
    let steps = callee.hears(&offer);
    assert_eq!(steps[0], Step::Expect { ssrc: 1, payload_type: OPUS });
    let [answer, callees_offer] = &messages(&steps)[..] else { panic!("an answer and an offer") };
    assert_eq!(answer.exchange_id, offer.exchange_id);
    assert_eq!(caller.hears(answer), [Step::MaySend]);
    let steps = caller.hears(callees_offer);
    assert_eq!(steps[0], Step::Expect { ssrc: 2, payload_type: OPUS });
    assert_eq!(callee.hears(&only_message(&steps)), [Step::MaySend]);
    assert_eq!(caller.negotiation.poll_timeout(), None);
    assert_eq!(callee.negotiation.poll_timeout(), None);
}

#[test]
fn when_offers_cross_the_callers_stands() {
    let (mut caller, mut callee) = (End::new(Role::Caller, 1), End::new(Role::Callee, 2));
    let (callers, callees) = (caller.offer(), callee.offer());
    assert_eq!(caller.hears(&callees), [], "the caller ignores it");
    let [answer, again] = &messages(&callee.hears(&callers))[..] else { panic!("an answer and an offer") };
    assert_eq!(caller.hears(answer), [Step::MaySend]);
    assert_ne!(again.exchange_id, callees.exchange_id);
    let answered = only_message(&caller.hears(again));
    assert_eq!(callee.hears(&answered), [Step::MaySend]);
}

#[test]
fn a_callees_offer_that_stays_unanswered_is_made_again_under_another_name() {
    let mut callee = End::new(Role::Callee, 1);
    let first = callee.offer();
    let at = callee.negotiation.poll_timeout().expect("it waits");
    assert_eq!(callee.negotiation.handle_timeout(at - Duration::from_millis(1), &mut callee.random), None);
    let again = callee.negotiation.handle_timeout(at, &mut callee.random).expect("it is time");
    let again = only_message(&[again]);
    assert_ne!(again.exchange_id, first.exchange_id);
    assert_eq!(again.contents, first.contents);
}

#[test]
fn a_caller_waits_for_its_answer_since_a_second_offer_would_cost_the_callee_its_own() {
    let mut caller = End::new(Role::Caller, 1);
    caller.offer();
    assert_eq!(caller.negotiation.poll_timeout(), None);
}

#[test]
fn video_is_declined_by_leaving_it_out() {
    let mut callee = End::new(Role::Callee, 2);
    let mut offer = End::new(Role::Caller, 1).offer();
    let video = Content { kind: "video".into(), ssrc: 9, ..offer.contents[0].clone() };
    offer.contents.push(video);
    let answer = messages(&callee.hears(&offer))[0].clone();
    assert_eq!(answer.contents.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(), ["audio"]);
}

#[test]
fn of_many_codecs_only_opus_is_taken_and_its_number_kept() {
    let mut callee = End::new(Role::Callee, 2);
    let mut offer = End::new(Role::Caller, 1).offer();
    let opus = offer.contents[0].payload_types.remove(0);
    let other = PayloadType { id: 9, name: "G722".into(), ..opus.clone() };
    offer.contents[0].payload_types = vec![other, PayloadType { id: 100, name: "OPUS".into(), ..opus }];
    offer.contents[0].rtp_extensions.push(RtpExtension { uri: "urn:later".into(), id: 9 });
    let steps = callee.hears(&offer);
    assert_eq!(steps[0], Step::Expect { ssrc: 1, payload_type: 100 });
    let accepted = &messages(&steps)[0].contents[0];
    assert_eq!(accepted.payload_types.iter().map(|it| it.id).collect::<Vec<_>>(), [100]);
    assert_eq!(accepted.rtp_extensions.len(), 2);
}

#[test]
fn opus_under_a_number_that_means_something_else_is_declined() {
    for id in [0, 8, 63, 95, 128, 367] {
        let mut callee = End::new(Role::Callee, 2);
        let mut offer = End::new(Role::Caller, 1).offer();
        offer.contents[0].payload_types[0].id = id;
        assert_eq!(messages(&callee.hears(&offer))[0].contents, [], "{id}");
    }
}

#[test]
fn a_later_offer_is_answered_and_ours_is_not_made_anew() {
    let (mut caller, mut callee) = (End::new(Role::Caller, 1), End::new(Role::Callee, 2));
    let [answer, offer] = &messages(&callee.hears(&caller.offer()))[..] else { panic!("both") };
    caller.hears(answer);
    let answered = only_message(&caller.hears(offer));
    callee.hears(&answered);
    let with_video = caller.offer();
    assert_eq!(messages(&callee.hears(&with_video)).len(), 1, "only the answer");
}

#[test]
fn a_far_side_without_our_sound_is_noticed() {
    let mut caller = End::new(Role::Caller, 1);
    let offer = caller.offer();
    assert_eq!(caller.hears(&NegotiateChannels { contents: Vec::new(), ..offer }), [Step::Refused]);
}

#[test]
fn an_answer_to_an_offer_that_was_let_go_is_no_offer() {
    let (mut caller, mut callee) = (End::new(Role::Caller, 1), End::new(Role::Callee, 2));
    let dropped = callee.offer();
    callee.hears(&caller.offer());
    let late = NegotiateChannels { exchange_id: dropped.exchange_id, contents: vec![content(2)] };
    assert_eq!(callee.hears(&late), [Step::MaySend], "and it says that our sound is taken");
    assert_eq!(callee.hears(&late), [], "once");
}

#[test]
fn who_likes_pauses_to_be_left_out_says_so_in_its_answer() {
    let (mut caller, mut callee) = (End::new(Role::Caller, 1), End::new(Role::Callee, 2));
    callee.negotiation.want_pauses(true);
    let steps = callee.hears(&caller.offer());
    let [answer, callees_offer] = &messages(&steps)[..] else { panic!("an answer and an offer") };
    caller.hears(answer);
    callee.hears(&only_message(&caller.hears(callees_offer)));
    assert!(caller.negotiation.takes_pauses(), "{answer:?}");
    assert!(!callee.negotiation.takes_pauses(), "the caller has not said so");
}
