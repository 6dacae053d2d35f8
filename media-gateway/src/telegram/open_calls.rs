//! Calls that are open at Telegram, kept in the database: should this process die in the middle of one, the person's app
//! would go on waiting for sound, so whoever works the account next ends what was left.

use super::call::Peer;
use super::store::{AccountId, Store};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// Entries that wait to be written. One that finds no room is not kept.
const QUEUE: usize = 1_024;

/// Writes down which calls are open, in the order in which they open and end. It ends when it is dropped.
pub(super) struct OpenCalls(mpsc::Sender<Entry>);

enum Entry {
    Open(AccountId, Peer),
    Over(AccountId, i64),
}

impl OpenCalls {
    pub(super) fn start(store: &Store, tasks: &TaskTracker) -> Self {
        let (entries, waiting) = mpsc::channel(QUEUE);
        tasks.spawn(write(store.clone(), waiting));
        Self(entries)
    }

    pub(super) fn open(&self, account: AccountId, call: Peer) {
        self.push(Entry::Open(account, call));
    }

    pub(super) fn over(&self, account: AccountId, call: i64) {
        self.push(Entry::Over(account, call));
    }

    /// For a call whose end Telegram is being told: it is open until that is done.
    pub(super) fn ending(&self, account: AccountId, call: i64) -> Ending {
        Ending { entries: self.0.downgrade(), account, call }
    }

    fn push(&self, entry: Entry) {
        push(&self.0, entry);
    }
}

/// A call whose end Telegram is being told. It keeps nothing from ending.
pub(super) struct Ending {
    entries: mpsc::WeakSender<Entry>,
    account: AccountId,
    call: i64,
}

impl Ending {
    /// Telegram knows.
    pub(super) fn told(self) {
        if let Some(entries) = self.entries.upgrade() {
            push(&entries, Entry::Over(self.account, self.call));
        }
    }
}

fn push(entries: &mpsc::Sender<Entry>, entry: Entry) {
    if entries.try_send(entry).is_err() {
        tracing::warn!("which Telegram calls are open is not written down: the database is too slow");
    }
}

async fn write(store: Store, mut entries: mpsc::Receiver<Entry>) {
    while let Some(entry) = entries.recv().await {
        let done = match entry {
            Entry::Open(account, call) => store.call_opened(account, call).await,
            Entry::Over(account, call) => store.call_over(account, call).await,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "which Telegram calls are open can't be written down");
        }
    }
}
