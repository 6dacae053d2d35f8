//! The apps that are connected now, and how each is told of its calls.

use crate::calls::{Notice, call::Endpoint};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Notices that an app may be behind. A call has some hundred signalling packets at most; an app that does not read
/// even so many is cut off.
pub(crate) const BEHIND: usize = 1024;

/// The way to each connected app.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    outlets: BTreeMap<Endpoint, mpsc::Sender<Notice>>,
}

impl Apps {
    /// An app is there; what it is told comes out of the receiver, which ends when the app is cut off.
    pub(crate) fn open(&mut self, app: Endpoint) -> mpsc::Receiver<Notice> {
        let (sender, receiver) = mpsc::channel(BEHIND);
        self.outlets.insert(app, sender);
        receiver
    }

    pub(crate) fn close(&mut self, app: Endpoint) {
        self.outlets.remove(&app);
    }

    /// Tells an app. It never waits: an app that is too far behind is cut off.
    pub(crate) fn tell(&mut self, app: Endpoint, notice: Notice) {
        if let Some(outlet) = self.outlets.get(&app)
            && outlet.try_send(notice).is_err()
        {
            self.outlets.remove(&app);
        }
    }
}
