//! Messages about calls that are not known (yet): an update may overtake the answer that makes its call known.

use crate::telegram::call::{About, Input};
use crate::telegram::store::AccountId;
use std::collections::{BTreeMap, VecDeque};

/// Messages that are kept of one account. A call has a dozen in its first second.
const STRAYS: usize = 256;

/// Calls that are over and still remembered.
const ENDED: usize = 512;

/// A message about a call that is not known.
pub(super) struct Stray {
    pub(super) account: AccountId,
    pub(super) call: i64,
    pub(super) input: Input,
}

/// Strays of each account, the oldest first, and the calls whose messages come too late.
#[derive(Default)]
pub(super) struct Strays {
    waiting: BTreeMap<AccountId, VecDeque<Stray>>,
    ended: VecDeque<(AccountId, i64)>,
}

impl Strays {
    /// Keeps a message, unless its call is over.
    pub(super) fn keep(&mut self, stray: Stray) {
        let account = stray.account;
        if self.has_ended(account, stray.call) {
            return;
        }
        let waiting = self.waiting.entry(account).or_default();
        if waiting.len() >= STRAYS {
            waiting.pop_front();
            metrics::counter!("tandem_telegram_strays_dropped").increment(1);
            tracing::warn!(%account, "too much is heard of Telegram calls that are not known; the oldest is let go");
        }
        waiting.push_back(stray);
    }

    /// What was kept about a call, in its order.
    pub(super) fn take(&mut self, account: AccountId, call: i64) -> Vec<Input> {
        let Some(waiting) = self.waiting.get_mut(&account) else { return Vec::new() };
        let (of_call, others) =
            std::mem::take(waiting).into_iter().partition::<VecDeque<_>, _>(|stray| stray.call == call);
        *waiting = others;
        of_call.into_iter().map(|stray| stray.input).collect()
    }

    /// The calls that updates among them speak of.
    pub(super) fn calls(&self) -> Vec<(AccountId, About)> {
        let about = |stray: &Stray| match &stray.input {
            Input::Update(update) => Some((stray.account, update.about()?)),
            Input::Group(_)
            | Input::Answered { .. }
            | Input::Far(_)
            | Input::SignalRefused
            | Input::AccountGone
            | Input::Answer
            | Input::HangUp(_)
            | Input::Signal(_) => None,
        };
        self.waiting.values().flatten().filter_map(about).collect()
    }

    /// A call is over: what still comes of it is of no use, and an update that comes again makes it ring no more.
    pub(super) fn end(&mut self, account: AccountId, call: i64) {
        self.take(account, call);
        if self.ended.len() >= ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back((account, call));
    }

    /// Whether a call is over, as far back as is remembered.
    pub(super) fn has_ended(&self, account: AccountId, call: i64) -> bool {
        self.ended.contains(&(account, call))
    }

    /// An account is gone.
    pub(super) fn forget(&mut self, account: AccountId) {
        self.waiting.remove(&account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const FIRST: AccountId = AccountId(1);
    const SECOND: AccountId = AccountId(2);

    fn packet(account: AccountId, call: i64) -> Stray {
        Stray { account, call, input: Input::Far(Bytes::from_static(b"x")) }
    }

    #[test]
    fn one_accounts_strays_push_out_no_others() {
        let mut strays = Strays::default();
        strays.keep(packet(FIRST, 42));
        for _ in 0..STRAYS + 10 {
            strays.keep(packet(SECOND, 43));
        }
        assert_eq!(strays.take(FIRST, 42).len(), 1);
        assert_eq!(strays.take(SECOND, 43).len(), STRAYS);
    }

    #[test]
    fn what_comes_too_late_is_not_kept() {
        let mut strays = Strays::default();
        strays.keep(packet(FIRST, 42));
        strays.end(FIRST, 42);
        strays.keep(packet(FIRST, 42));
        assert!(strays.take(FIRST, 42).is_empty() && strays.has_ended(FIRST, 42));
    }
}
