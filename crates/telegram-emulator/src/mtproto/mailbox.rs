//! The changes in somebody's private chats, numbered, so that a client can ask what it has missed.

use std::collections::{BTreeSet, VecDeque};

/// Changes in chats that getDifference can tell of.
const LOGGED: usize = 10_000;

/// The changes in somebody's chats, numbered. <https://core.telegram.org/api/updates#update-handling>
#[derive(Debug)]
pub(super) struct Mailbox {
    pub(super) pts: i32,
    log: VecDeque<(i32, Mail)>,
    /// Numbers that clients gave their messages, against sending one twice.
    random_ids: BTreeSet<i64>,
    /// The same for calls.
    call_ids: BTreeSet<i32>,
}

/// A change in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mail {
    New(i64),
    Edited(i64),
    Deleted(i64),
}

impl Mailbox {
    /// Numbers begin with the time, so that they have grown after a restart.
    pub(super) fn new(now: i64) -> Self {
        const LONG_AGO: i64 = 1_750_000_000;
        let pts = i32::try_from((now - LONG_AGO).max(1)).unwrap_or(i32::MAX / 2);
        Self { pts, log: VecDeque::new(), random_ids: BTreeSet::new(), call_ids: BTreeSet::new() }
    }

    /// Numbers a change.
    pub(super) fn note(&mut self, mail: Mail) -> i32 {
        self.pts += 1;
        if self.log.len() == LOGGED {
            self.log.pop_front();
        }
        self.log.push_back((self.pts, mail));
        self.pts
    }

    /// The changes after a number; none where they are no longer known.
    pub(super) fn since(&self, pts: i32) -> Option<Vec<Mail>> {
        let oldest = self.log.front().map_or(self.pts, |(pts, _)| pts - 1);
        (pts >= oldest).then(|| self.log.iter().filter(|(at, _)| *at > pts).map(|(_, mail)| *mail).collect())
    }

    /// The newest number of a change.
    pub(super) fn number_of(&self, mail: Mail) -> Option<i32> {
        self.log.iter().rev().find(|(_, noted)| *noted == mail).map(|(pts, _)| *pts)
    }

    /// Whether a client's number for a message is new.
    pub(super) fn is_new(&mut self, random_id: i64) -> bool {
        if self.random_ids.len() >= LOGGED {
            self.random_ids.pop_first();
        }
        self.random_ids.insert(random_id)
    }

    /// Whether a client's number for a call is new.
    pub(super) fn is_new_call(&mut self, random_id: i32) -> bool {
        if self.call_ids.len() >= LOGGED {
            self.call_ids.pop_first();
        }
        self.call_ids.insert(random_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_tells_what_is_newer() {
        let mut mailbox = Mailbox::new(1_795_000_000);
        let begin = mailbox.pts;
        mailbox.note(Mail::New(1));
        let middle = mailbox.note(Mail::Edited(1));
        mailbox.note(Mail::Deleted(1));
        assert_eq!(mailbox.since(begin).unwrap().len(), 3);
        assert_eq!(mailbox.since(middle).unwrap(), [Mail::Deleted(1)]);
        assert_eq!(mailbox.since(begin - 1), None, "nobody knows what was before");
    }
}
