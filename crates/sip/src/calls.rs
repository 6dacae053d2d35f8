//! The calls of a process, by the names that messages know them under.

use crate::call::{Call, CallId, Verb};
use crate::stack::Heard;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};

/// Call-ID and our own tag.
pub(crate) type Key = (String, String);

/// All calls that have not ended.
#[derive(Default)]
pub(crate) struct Calls {
    table: Mutex<Table>,
    last: AtomicU64,
    ended: Notify,
}

#[derive(Default)]
struct Table {
    by_key: HashMap<Key, Entry>,
    by_id: HashMap<CallId, Key>,
    /// INVITEs that began a call here, by Call-ID and the caller's tag: a second one came by another way (RFC 3261 section 8.2.2.2).
    invites: HashMap<Key, CallId>,
    /// Calls that both sides were in and that are over, with the far side's tag; the oldest first.
    over: VecDeque<(Key, String)>,
}

/// As many calls that are over are remembered: whoever wants to take the place of one is told so (RFC 3891 section 3).
const OVER: usize = 1024;

struct Entry {
    call: Call,
    ears: mpsc::Sender<Heard>,
    remote_tag: Option<String>,
    answered: bool,
    outgoing: bool,
    invite: Option<Key>,
}

/// A call found by the names in a message.
pub(crate) struct Found {
    pub(crate) call: Call,
    pub(crate) ears: mpsc::Sender<Heard>,
    pub(crate) answered: bool,
    pub(crate) outgoing: bool,
    pub(crate) remote_tag: Option<String>,
}

impl Calls {
    /// A number never given before.
    pub(crate) fn number(&self) -> CallId {
        CallId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.table().by_key.len()
    }

    /// Enters a call; `caller` is the far side's tag of an incoming one.
    pub(crate) fn enter(&self, key: Key, call: Call, ears: mpsc::Sender<Heard>, caller: Option<String>) {
        let mut table = self.table();
        table.by_id.insert(call.id(), key.clone());
        let invite = caller.clone().map(|tag| (key.0.clone(), tag));
        if let Some(invite) = invite.clone() {
            table.invites.insert(invite, call.id());
        }
        let outgoing = caller.is_none();
        table.by_key.insert(key, Entry { call, ears, remote_tag: caller, answered: false, outgoing, invite });
    }

    /// Notes that a call was answered, and by whom.
    pub(crate) fn answered(&self, key: &Key, remote_tag: &str) {
        if let Some(entry) = self.table().by_key.get_mut(key) {
            entry.answered = true;
            entry.remote_tag = Some(remote_tag.to_owned());
        }
    }

    /// Takes an ended call out.
    pub(crate) fn leave(&self, key: &Key) {
        let mut table = self.table();
        if let Some(entry) = table.by_key.remove(key) {
            table.by_id.remove(&entry.call.id());
            if let Some(invite) = &entry.invite {
                table.invites.remove(invite);
            }
            if let Some(tag) = entry.remote_tag.filter(|_| entry.answered) {
                if table.over.len() >= OVER {
                    table.over.pop_front();
                }
                table.over.push_back((key.clone(), tag));
            }
        }
        drop(table);
        self.ended.notify_waiters();
    }

    /// The call that a request inside it belongs to. A far tag that is not the call's belongs to another.
    pub(crate) fn within(&self, call_id: &str, local_tag: &str, remote_tag: Option<&str>) -> Option<Found> {
        let table = self.table();
        let entry = table.by_key.get(&(call_id.to_owned(), local_tag.to_owned()))?;
        let same = match (&entry.remote_tag, remote_tag) {
            (Some(known), Some(given)) => known == given,
            (None, _) | (_, None) => true,
        };
        same.then(|| Found {
            call: entry.call.clone(),
            ears: entry.ears.clone(),
            answered: entry.answered,
            outgoing: entry.outgoing,
            remote_tag: entry.remote_tag.clone(),
        })
    }

    /// Whether a call that is over lately had these names.
    pub(crate) fn was(&self, call_id: &str, local_tag: &str, remote_tag: &str) -> bool {
        let is_it = |((call, local), remote): &(Key, String)| {
            call == call_id && local == local_tag && remote == remote_tag
        };
        self.table().over.iter().any(is_it)
    }

    /// Whether an INVITE with these names has already begun a call.
    pub(crate) fn has_begun(&self, call_id: &str, caller_tag: &str) -> bool {
        self.table().invites.contains_key(&(call_id.to_owned(), caller_tag.to_owned()))
    }

    pub(crate) fn by_id(&self, id: CallId) -> Option<Call> {
        let table = self.table();
        let key = table.by_id.get(&id)?;
        table.by_key.get(key).map(|e| e.call.clone())
    }

    /// The names of a call in messages.
    pub(crate) fn key_of(&self, id: CallId) -> Option<Key> {
        self.table().by_id.get(&id).cloned()
    }

    pub(crate) fn hang_up_all(&self) {
        let calls: Vec<Call> = self.table().by_key.values().map(|e| e.call.clone()).collect();
        for call in calls {
            // One with a full mailbox is ended by its far end, or by the sockets that close.
            let _ = call.send(Verb::HangUp("shutting down".into()));
        }
    }

    /// Resolves when no call is left.
    pub(crate) async fn drained(&self) {
        loop {
            let ended = self.ended.notified();
            if self.len() == 0 {
                return;
            }
            ended.await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
