//! How fast the bot speaks. Pure: the time is handed in.
//!
//! Telegram does not tell its true limits, so pacing is a courtesy, and obeying "too many requests" is what makes it
//! right (reference telegram-bot 1.4).

use super::Priority;
use super::lanes::Lane;
use crate::rate_limit::Allowance;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// So many at once, and as many again in this time.
pub type Rate = (u32, TimeDelta);

/// How fast the bot may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// New messages in one private chat. Changes of messages are not held back by it, so that menus stay quick.
    pub private: Rate,
    /// Everything in one group.
    pub group: Rate,
    /// Everything together.
    pub all: Rate,
}

impl Default for Rates {
    /// Three at once and one a second in a private chat, 20 a minute in a group, 25 a second together.
    fn default() -> Self {
        Self {
            private: (3, TimeDelta::seconds(3)),
            group: (20, TimeDelta::minutes(1)),
            all: (25, TimeDelta::seconds(1)),
        }
    }
}

impl Rates {
    /// As fast as an own Bot API server or an emulator takes it.
    #[must_use]
    pub fn unhurried_by_telegram() -> Self {
        let fast = (10_000, TimeDelta::seconds(1));
        Self { private: fast, group: fast, all: fast }
    }
}

/// A fifth of what all may say together is kept from broadcasts, so that an answer need not wait for them.
const KEPT_FROM_BROADCASTS: u32 = 5;

/// Chats remembered at a time; past this those that rest are forgotten.
const REMEMBERED: usize = 10_000;

/// What was said lately.
#[derive(Debug)]
pub(crate) struct Pacing {
    rates: Rates,
    all: Option<Allowance>,
    chats: HashMap<i64, Allowance>,
    hushed_until: Option<DateTime<Utc>>,
}

/// One thing that is to be said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) priority: Priority,
    /// Whether it is a message of its own, and not the change of one.
    pub(crate) is_new: bool,
}

impl Pacing {
    pub(crate) fn new(rates: Rates) -> Self {
        Self { rates, all: None, chats: HashMap::new(), hushed_until: None }
    }

    /// Says nothing at all until then.
    pub(crate) fn hush(&mut self, until: DateTime<Utc>) {
        self.hushed_until = self.hushed_until.max(Some(until));
    }

    /// Whether it may be said now, and then it counts; otherwise when to ask again.
    pub(crate) fn admit(&mut self, wish: Wish<'_>, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        if let Some(until) = self.hushed_until.filter(|until| *until > now) {
            return Err(until);
        }
        let all = *self.all.get_or_insert(Allowance::whole(now));
        let free_at = all.free_at(self.shared_by(wish.priority));
        if free_at > now {
            return Err(free_at);
        }
        if let Some((chat, rate)) = self.chat_rate(wish) {
            self.forget_the_resting(now);
            let allowance = self.chats.entry(chat).or_insert(Allowance::whole(now));
            if !allowance.take(rate, now) {
                return Err(allowance.free_at(rate));
            }
        }
        let rate = self.rates.all;
        self.all.get_or_insert(all).take(rate, now);
        Ok(())
    }

    /// What all may say, as far as this priority may use it up.
    fn shared_by(&self, priority: Priority) -> Rate {
        let (count, period) = self.rates.all;
        match priority {
            Priority::Reply | Priority::Notice => (count, period),
            Priority::Broadcast => {
                let kept = count / KEPT_FROM_BROADCASTS;
                let each = period / i32::try_from(count.max(1)).unwrap_or(i32::MAX);
                (count - kept, period - each * i32::try_from(kept).unwrap_or(0))
            }
        }
    }

    fn chat_rate(&self, wish: Wish<'_>) -> Option<(i64, Rate)> {
        match wish.lane {
            Lane::Chat(chat) if chat.0 < 0 => Some((chat.0, self.rates.group)),
            Lane::Chat(chat) => wish.is_new.then_some((chat.0, self.rates.private)),
            Lane::Slot(..) | Lane::Inline(_) => None,
        }
    }

    fn forget_the_resting(&mut self, now: DateTime<Utc>) {
        if self.chats.len() >= REMEMBERED {
            self.chats.retain(|_, allowance| !allowance.is_whole(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ChatId;

    const OLGA: Lane = Lane::Chat(ChatId(1));
    const OFFICE: Lane = Lane::Chat(ChatId(-100));

    #[test]
    fn three_messages_go_at_once_and_then_one_a_second() {
        let mut pacing = Pacing::new(Rates::default());
        assert!((0..3).all(|_| pacing.admit(message(&OLGA), at(0)).is_ok()));
        assert_eq!(pacing.admit(message(&OLGA), at(0)), Err(at(1_000)));
        assert_eq!(pacing.admit(message(&OLGA), at(1_000)), Ok(()));
        assert_eq!(pacing.admit(message(&OLGA), at(1_000)), Err(at(2_000)));
    }

    #[test]
    fn a_menu_that_changes_in_place_is_not_held_back() {
        let mut pacing = Pacing::new(Rates::default());
        let edit = Wish { is_new: false, ..message(&OLGA) };
        assert!((0..20).all(|_| pacing.admit(edit, at(0)).is_ok()));
    }

    #[test]
    fn a_group_hears_twenty_a_minute() {
        let mut pacing = Pacing::new(Rates::default());
        assert!((0..20).all(|_| pacing.admit(message(&OFFICE), at(0)).is_ok()));
        assert_eq!(pacing.admit(message(&OFFICE), at(1_000)), Err(at(3_000)));
    }

    #[test]
    fn all_chats_together_have_25_a_second_and_broadcasts_leave_some_of_it() {
        let mut pacing = Pacing::new(Rates::default());
        let lanes: Vec<Lane> = (1..=30).map(|chat| Lane::Chat(ChatId(chat))).collect();
        let broadcasts = lanes
            .iter()
            .filter(|lane| {
                pacing.admit(Wish { priority: Priority::Broadcast, ..message(lane) }, at(0)).is_ok()
            })
            .count();
        assert_eq!(broadcasts, 20);
        assert_eq!(lanes.iter().filter(|lane| pacing.admit(message(lane), at(0)).is_ok()).count(), 5);
        assert_eq!(pacing.admit(message(&lanes[29]), at(0)), Err(at(40)));
    }

    #[test]
    fn a_hushed_bot_says_nothing_until_then() {
        let mut pacing = Pacing::new(Rates::default());
        pacing.hush(at(3_000));
        assert_eq!(pacing.admit(message(&OLGA), at(2_999)), Err(at(3_000)));
        assert_eq!(pacing.admit(message(&OLGA), at(3_000)), Ok(()));
    }

    fn message(lane: &Lane) -> Wish<'_> {
        Wish { lane, priority: Priority::Reply, is_new: true }
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_767_225_600_000 + milliseconds).unwrap()
    }
}
