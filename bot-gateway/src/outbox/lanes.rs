//! What waits to be said, chat by chat. Pure: the time is handed in.

use super::Priority;
use super::pacing::{Pacing, Wish};
use crate::outgoing::Outgoing;
use chrono::{DateTime, Utc};
use domain::ids::ChatId;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;

/// What keeps its order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lane {
    /// Everything in one chat, save what is shown under names of its own.
    Chat(ChatId),
    /// Everything that is shown under one name in a chat: it may wait for its place without holding up the chat.
    Slot(ChatId, String),
    /// Everything about one inline message.
    Inline(String),
}

impl Lane {
    /// Where this is said; none for answers, which never wait.
    pub(crate) fn of(outgoing: &Outgoing) -> Option<Self> {
        match outgoing {
            Outgoing::Send { chat, .. } | Outgoing::Post { chat, .. } => Some(Self::Chat(*chat)),
            Outgoing::Show { chat, slot, .. } => Some(Self::Slot(*chat, slot.clone())),
            Outgoing::Edit { message, .. } | Outgoing::Delete { message } => Some(Self::Chat(message.chat)),
            Outgoing::EditInline { inline_message, .. } => Some(Self::Inline(inline_message.clone())),
            Outgoing::AnswerPress { .. } | Outgoing::AnswerInline { .. } => None,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chat(chat) => write!(f, "chat/{}", chat.0),
            Self::Slot(chat, slot) => write!(f, "slot/{}/{slot}", chat.0),
            Self::Inline(message) => write!(f, "inline/{message}"),
        }
    }
}

/// One thing that waits to be said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) key: String,
    pub(crate) lane: Lane,
    pub(crate) seq: i64,
    pub(crate) priority: Priority,
    pub(crate) says: Outgoing,
    pub(crate) attempts: u32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) not_before: Option<DateTime<Utc>>,
}

/// What is to be said now.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Turn {
    /// One for each lane that is free.
    pub(crate) say: Vec<Waiting>,
    /// Changes that a newer change of the same message makes needless.
    pub(crate) needless: Vec<Waiting>,
}

/// Everything that waits, in its order; in each lane at most one thing is being said.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: BTreeMap<Lane, LaneState>,
    keys: HashSet<String>,
}

#[derive(Debug, Default)]
struct LaneState {
    waiting: VecDeque<Waiting>,
    busy: bool,
    hushed_until: Option<DateTime<Utc>>,
}

impl Lanes {
    /// How much waits or is being said.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether this waits or is being said.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Lets something wait in its place; what is known already stays as it is.
    pub(crate) fn push(&mut self, waiting: Waiting) {
        if !self.keys.insert(waiting.key.clone()) {
            return;
        }
        let lane = self.lanes.entry(waiting.lane.clone()).or_default();
        let place = lane.waiting.partition_point(|other| other.seq <= waiting.seq);
        lane.waiting.insert(place, waiting);
    }

    /// What may be said now, the most urgent first. Each of it has to come back by [`Lanes::done`] or
    /// [`Lanes::again`]; what is needless is forgotten at once.
    pub(crate) fn turn(&mut self, pacing: &mut Pacing, now: DateTime<Utc>) -> Turn {
        let mut turn = Turn::default();
        for lane in self.lanes.values_mut().filter(|lane| !lane.busy) {
            turn.needless.extend(lane.drop_needless());
        }
        for needless in &turn.needless {
            self.keys.remove(&needless.key);
        }
        let mut heads: Vec<(Priority, i64, Lane)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.is_free(now))
            .filter_map(|(name, lane)| {
                lane.waiting.front().map(|head| (head.priority, head.seq, name.clone()))
            })
            .collect();
        heads.sort();
        for (_, _, name) in heads {
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            if let Some(waiting) = lane.admit(&name, pacing, now) {
                turn.say.push(waiting);
            }
        }
        turn
    }

    /// When to ask for a turn again, if nothing else happens.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let idle = self.lanes.values().filter(|lane| !lane.busy);
        idle.filter_map(|lane| lane.due(now)).min()
    }

    /// It was said, or is given up.
    pub(crate) fn done(&mut self, key: &str, lane: &Lane) {
        self.keys.remove(key);
        self.free(lane);
    }

    /// It has to be said again, not before this moment; what comes after it in its lane waits too.
    pub(crate) fn again(&mut self, waiting: Waiting, not_before: DateTime<Utc>) {
        if let Some(state) = self.lanes.get_mut(&waiting.lane) {
            state.busy = false;
            state.hushed_until = Some(not_before);
            state.waiting.push_front(waiting);
        }
    }

    fn free(&mut self, lane: &Lane) {
        let Some(state) = self.lanes.get_mut(lane) else { return };
        state.busy = false;
        if state.waiting.is_empty() {
            self.lanes.remove(lane);
        }
    }
}

impl LaneState {
    /// Takes away changes of a message that a later change replaces, as far as nothing else stands between them.
    fn drop_needless(&mut self) -> Vec<Waiting> {
        let mut needless = Vec::new();
        while let (Some(first), Some(second)) = (self.waiting.front(), self.waiting.get(1)) {
            if !replaces(&second.says, &first.says) {
                break;
            }
            let (newest, not_before) = (second.says.version() >= first.says.version(), second.not_before);
            needless.extend(if newest { self.waiting.pop_front() } else { self.waiting.remove(1) });
            if let (false, Some(first)) = (newest, self.waiting.front_mut()) {
                // What shows less may have known that the place is there.
                first.not_before = first.not_before.min(not_before);
            }
        }
        needless
    }

    fn is_free(&self, now: DateTime<Utc>) -> bool {
        let not_before = self.waiting.front().and_then(|head| head.not_before);
        !self.busy && self.hushed_until.max(not_before).is_none_or(|until| until <= now)
    }

    fn admit(&mut self, name: &Lane, pacing: &mut Pacing, now: DateTime<Utc>) -> Option<Waiting> {
        let head = self.waiting.front()?;
        let is_new = matches!(head.says, Outgoing::Send { .. } | Outgoing::Post { .. });
        match pacing.admit(Wish { lane: name, priority: head.priority, is_new }, now) {
            Ok(()) => {
                self.busy = true;
                self.hushed_until = None;
                self.waiting.pop_front()
            }
            Err(until) => {
                self.hushed_until = Some(until);
                None
            }
        }
    }

    fn due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let head = self.waiting.front()?;
        Some(self.hushed_until.max(head.not_before).unwrap_or(now))
    }
}

/// Whether nobody would miss the earlier one.
fn replaces(later: &Outgoing, earlier: &Outgoing) -> bool {
    match (later, earlier) {
        (
            Outgoing::Edit { message: new, remember: kept, .. },
            Outgoing::Edit { message: old, remember: wanted, .. },
        ) => new == old && (wanted.is_none() || wanted == kept),
        (
            Outgoing::EditInline { inline_message: new, .. },
            Outgoing::EditInline { inline_message: old, .. },
        ) => new == old,
        (
            Outgoing::Show { chat: new_chat, slot: new, .. },
            Outgoing::Show { chat: old_chat, slot: old, .. },
        ) => new_chat == old_chat && new == old,
        (
            Outgoing::Send { .. }
            | Outgoing::Show { .. }
            | Outgoing::Post { .. }
            | Outgoing::Edit { .. }
            | Outgoing::EditInline { .. }
            | Outgoing::Delete { .. }
            | Outgoing::AnswerPress { .. }
            | Outgoing::AnswerInline { .. },
            _,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::MessageRef;
    use crate::outbox::Rates;
    use crate::outgoing::Screen;

    #[test]
    fn one_chat_hears_one_thing_at_a_time_in_its_order() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        for waiting in [text(2, 1, "second"), text(1, 1, "first"), text(3, 2, "other")] {
            lanes.push(waiting);
        }
        let turn = lanes.turn(&mut pacing, at(0));
        assert_eq!(words(&turn.say), ["first", "other"]);
        assert_eq!(lanes.turn(&mut pacing, at(0)), Turn::default());

        lanes.done("1", &turn.say[0].lane);
        assert_eq!(words(&lanes.turn(&mut pacing, at(0)).say), ["second"]);
    }

    #[test]
    fn an_answer_goes_before_an_older_broadcast() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        lanes.push(Waiting { priority: Priority::Broadcast, ..text(1, 1, "news") });
        lanes.push(text(2, 2, "answer"));
        assert_eq!(words(&lanes.turn(&mut pacing, at(0)).say), ["answer", "news"]);
    }

    #[test]
    fn of_changes_that_wait_only_the_newest_is_made() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        for waiting in [edit(1, 7, "a"), edit(2, 7, "b"), edit(3, 7, "c"), edit(4, 8, "d")] {
            lanes.push(waiting);
        }
        let turn = lanes.turn(&mut pacing, at(0));
        assert_eq!(words(&turn.say), ["c"]);
        assert_eq!(words(&turn.needless), ["a", "b"]);
        assert!(!lanes.knows("1") && lanes.knows("3"));
    }

    #[test]
    fn of_cards_under_one_name_only_the_newest_is_shown() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        let show = |seq, slot: &str, words| {
            let (chat, slot) = (ChatId(1), slot.to_owned());
            waiting(seq, Outgoing::Show { chat, slot, screen: screen(words), not_before: None, version: 0 })
        };
        for waiting in [show(1, "call/1", "rings"), show(2, "call/1", "talks"), show(3, "call/2", "waits")] {
            lanes.push(waiting);
        }
        let turn = lanes.turn(&mut pacing, at(0));
        assert_eq!((words(&turn.say), words(&turn.needless)), (vec!["talks", "waits"], vec!["rings"]));
    }

    #[test]
    fn a_card_that_waits_for_its_place_holds_up_nothing_and_is_replaced_by_one_that_has_it() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        let show = |seq, words, not_before| {
            let (chat, slot) = (ChatId(1), "call/1".to_owned());
            let says = Outgoing::Show { chat, slot, screen: screen(words), not_before, version: 0 };
            Waiting { not_before, ..waiting(seq, says) }
        };
        lanes.push(show(1, "rings", Some(at(2))));
        lanes.push(text(2, 1, "hello"));
        assert_eq!(words(&lanes.turn(&mut pacing, at(0)).say), ["hello"]);
        assert_eq!(lanes.due(at(0)), Some(at(2)));
        lanes.push(show(3, "talks", None));
        let turn = lanes.turn(&mut pacing, at(1));
        assert_eq!((words(&turn.say), words(&turn.needless)), (vec!["talks"], vec!["rings"]));
    }

    #[test]
    fn a_chat_that_must_wait_does_not_hold_up_others() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        lanes.push(text(1, 1, "first"));
        lanes.push(text(2, 1, "second"));
        let first = lanes.turn(&mut pacing, at(0)).say.remove(0);
        lanes.again(first, at(3));
        lanes.push(text(3, 2, "other"));

        assert_eq!(words(&lanes.turn(&mut pacing, at(0)).say), ["other"]);
        assert_eq!(lanes.due(at(0)), Some(at(3)));
        assert_eq!(words(&lanes.turn(&mut pacing, at(3)).say), ["first"]);
    }

    #[test]
    fn what_is_known_is_not_said_twice() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        lanes.push(text(1, 1, "first"));
        lanes.push(text(1, 1, "first"));
        assert_eq!(lanes.turn(&mut pacing, at(0)).say.len(), 1);
        lanes.push(text(1, 1, "first"));
        assert_eq!(lanes.len(), 1);
    }

    #[test]
    fn a_card_that_shows_less_does_not_replace_one_that_shows_more_but_lets_it_out() {
        let (mut lanes, mut pacing) = (Lanes::default(), Pacing::new(Rates::default()));
        let show = |seq, words, version, not_before| {
            let (chat, slot) = (ChatId(1), "call/1".to_owned());
            let says = Outgoing::Show { chat, slot, screen: screen(words), not_before, version };
            Waiting { not_before, ..waiting(seq, says) }
        };
        lanes.push(show(1, "talks", 5, Some(at(2))));
        lanes.push(show(2, "rings", 4, None));
        let turn = lanes.turn(&mut pacing, at(1));
        assert_eq!((words(&turn.say), words(&turn.needless)), (vec!["talks"], vec!["rings"]));
    }

    fn text(seq: i64, chat: i64, words: &str) -> Waiting {
        waiting(seq, Outgoing::Send { chat: ChatId(chat), screen: screen(words), remember: None })
    }

    fn edit(seq: i64, message: i32, words: &str) -> Waiting {
        let message = MessageRef { chat: ChatId(1), id: message };
        waiting(seq, Outgoing::Edit { message, screen: screen(words), remember: None })
    }

    fn waiting(seq: i64, says: Outgoing) -> Waiting {
        Waiting {
            key: seq.to_string(),
            lane: Lane::of(&says).unwrap(),
            seq,
            priority: Priority::Reply,
            says,
            attempts: 0,
            created_at: at(0),
            not_before: None,
        }
    }

    fn screen(words: &str) -> Screen {
        Screen { html: words.to_owned(), ..Screen::default() }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "these tests say texts and change them")]
    fn words(waiting: &[Waiting]) -> Vec<&str> {
        waiting
            .iter()
            .map(|waiting| match &waiting.says {
                Outgoing::Send { screen, .. }
                | Outgoing::Edit { screen, .. }
                | Outgoing::Show { screen, .. } => screen.html.as_str(),
                other => panic!("{other:?} is not in these tests"),
            })
            .collect()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }
}
