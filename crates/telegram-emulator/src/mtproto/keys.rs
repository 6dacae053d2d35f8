//! The keys that clients come with: who is signed in with each, where they are connected, and what they missed.

use super::{
    cipher::{AuthKey, KeyId},
    login::Logins,
    mailbox::Mailbox,
    srp::Verifier,
};
use crate::calls::{call::Endpoint, refused::Refused};
use grammers_tl_types as tl;
use rand::Rng;
use std::collections::{BTreeMap, VecDeque};
use tl::Serializable;
use tokio::sync::mpsc;

/// Messages that a connection may be behind; one that reads more slowly is cut.
pub(super) const BEHIND: usize = 4096;
/// Updates of calls that are kept for a client without a connection.
const MISSED: usize = 1000;

/// Something for a connection to do.
#[derive(Debug)]
pub(super) enum Push {
    /// Send this update.
    Update(Vec<u8>),
    /// Send what came of the request with this number.
    Answer(i64, Vec<u8>),
    /// Close.
    Cut,
}

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    Out,
    /// The code was right; the password is missing.
    AlmostIn(i64),
    In(i64, Endpoint),
}

/// What a client says about itself in initConnection.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    pub(super) api_id: i32,
    pub(super) device_model: String,
    pub(super) system_version: String,
    pub(super) app_version: String,
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) auth: AuthKey,
    pub(super) salt: i64,
    pub(super) signed: Signed,
    pub(super) client: Client,
    /// When it signed in, in Unix seconds.
    pub(super) since: i64,
    /// It gets no calls.
    pub(super) silent: bool,
    lines: BTreeMap<u64, mpsc::Sender<Push>>,
    missed: VecDeque<(tl::enums::Update, Vec<tl::enums::User>)>,
}

/// What a connection has to do, and a way to give it more.
pub(super) type Pushes = (mpsc::Receiver<Push>, mpsc::WeakSender<Push>);

/// A person who asked a bot, and for what: a choice names it by its number.
pub(super) type Asked = (i64, i64, String);

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(super) keys: BTreeMap<KeyId, Key>,
    apps: BTreeMap<Endpoint, KeyId>,
    boxes: BTreeMap<i64, Mailbox>,
    pub(super) logins: Logins,
    pub(super) asked: BTreeMap<i64, Asked>,
    next_line: u64,
}

impl Keys {
    /// Lets clients come with this key.
    pub(crate) fn add(&mut self, auth: AuthKey) -> KeyId {
        let id = auth.id();
        let key = Key {
            auth,
            salt: rand::rng().random(),
            signed: Signed::Out,
            client: Client::default(),
            since: 0,
            silent: false,
            lines: BTreeMap::new(),
            missed: VecDeque::new(),
        };
        self.keys.entry(id).or_insert(key);
        id
    }

    pub(super) fn get(&self, id: KeyId) -> Option<&Key> {
        self.keys.get(&id)
    }

    /// A connection came with this key.
    pub(super) fn connect(&mut self, id: KeyId) -> Option<(u64, Pushes)> {
        self.next_line += 1;
        let (sender, receiver) = mpsc::channel(BEHIND);
        let weak = sender.downgrade();
        self.keys.get_mut(&id)?.lines.insert(self.next_line, sender);
        Some((self.next_line, (receiver, weak)))
    }

    pub(super) fn disconnect(&mut self, id: KeyId, line: u64) {
        if let Some(key) = self.keys.get_mut(&id) {
            key.lines.remove(&line);
        }
    }

    /// Cuts every connection, as a network that fails.
    pub(crate) fn cut(&mut self) {
        for key in self.keys.values_mut() {
            for line in std::mem::take(&mut key.lines).into_values() {
                // A line that is full is closed by the loss of its sender.
                let _ = line.try_send(Push::Cut);
            }
        }
    }

    /// Who is signed in with this key.
    pub(super) fn user(&self, id: KeyId) -> Option<(i64, Endpoint)> {
        match self.get(id)?.signed {
            Signed::In(user, app) => Some((user, app)),
            Signed::Out | Signed::AlmostIn(_) => None,
        }
    }

    /// Signs a key in.
    pub(crate) fn sign_in(&mut self, id: KeyId, user: i64, app: Endpoint, now: i64) {
        let Some(key) = self.keys.get_mut(&id) else { return };
        (key.signed, key.since) = (Signed::In(user, app), now);
        self.apps.insert(app, id);
        self.boxes.entry(user).or_insert_with(|| Mailbox::new(now));
    }

    /// Signs a key out; gives the app that is gone.
    pub(crate) fn sign_out(&mut self, id: KeyId) -> Option<Endpoint> {
        let key = self.keys.get_mut(&id)?;
        let before = std::mem::replace(&mut key.signed, Signed::Out);
        key.missed.clear();
        match before {
            Signed::In(_, app) => self.apps.remove(&app).map(|_| app),
            Signed::Out | Signed::AlmostIn(_) => None,
        }
    }

    /// Whether a key is told of no calls to its person.
    pub(super) fn is_silent(&self, id: KeyId) -> bool {
        self.keys.get(&id).is_some_and(|key| key.silent)
    }

    /// The keys that a person is signed in with.
    pub(crate) fn of_user(&self, user: i64) -> Vec<KeyId> {
        let signed = |key: &Key| matches!(key.signed, Signed::In(owner, _) if owner == user);
        self.keys.iter().filter(|(_, key)| signed(key)).map(|(id, _)| *id).collect()
    }

    /// The code that was sent to a person last.
    pub(crate) fn login_code(&self, user: i64) -> Option<&str> {
        self.logins.code_of(user)
    }

    pub(crate) fn has_password(&self, user: i64) -> bool {
        self.logins.has_password(user)
    }

    pub(crate) fn set_password(&mut self, user: i64, verifier: Option<Verifier>) {
        self.logins.set_password(user, verifier);
    }

    /// A person accepts a token; the client that showed it is told to ask again.
    ///
    /// # Errors
    ///
    /// A token that is unknown or too old.
    pub(crate) fn accept_login(&mut self, token: &[u8], user: i64, now: i64) -> Result<(), Refused> {
        let key = self.logins.accept_token(token, user, now)?;
        let date = i32::try_from(now).unwrap_or(i32::MAX);
        let told = Told { update: tl::enums::Update::LoginToken, users: Vec::new(), date };
        self.push(key, told, None, true);
        Ok(())
    }

    pub(crate) fn key_of(&self, app: Endpoint) -> Option<KeyId> {
        self.apps.get(&app).copied()
    }

    pub(super) fn mailbox(&mut self, user: i64) -> Option<&mut Mailbox> {
        self.boxes.get_mut(&user)
    }

    /// Tells every connection of a key, but the one whose own doing it is. Without a connection, what has no number
    /// (`keep`) waits for getDifference; what has one is found there anyway.
    pub(super) fn push(&mut self, id: KeyId, update: Told, except: Option<u64>, keep: bool) {
        let Some(key) = self.keys.get_mut(&id) else { return };
        if key.lines.is_empty() {
            if keep {
                if key.missed.len() == MISSED {
                    key.missed.pop_front();
                }
                key.missed.push_back((update.update, update.users));
            }
            return;
        }
        let bytes = update.to_bytes();
        key.lines.retain(|line, sender| {
            Some(*line) == except || sender.try_send(Push::Update(bytes.clone())).is_ok()
        });
    }

    /// What a client without a connection missed.
    pub(super) fn take_missed(&mut self, id: KeyId) -> Vec<(tl::enums::Update, Vec<tl::enums::User>)> {
        self.keys.get_mut(&id).map(|key| std::mem::take(&mut key.missed).into()).unwrap_or_default()
    }
}

/// An update and the people in it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) update: tl::enums::Update,
    pub(super) users: Vec<tl::enums::User>,
    pub(super) date: i32,
}

impl Told {
    fn to_bytes(&self) -> Vec<u8> {
        updates(vec![self.update.clone()], self.users.clone(), self.date).to_bytes()
    }
}

/// Updates as a request's answer, or by themselves. They are not numbered by `seq`.
pub(super) fn updates(
    updates: Vec<tl::enums::Update>,
    users: Vec<tl::enums::User>,
    date: i32,
) -> tl::enums::Updates {
    tl::types::Updates { updates, users, chats: Vec::new(), date, seq: 0 }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    #[test]
    fn a_key_that_is_signed_out_is_nobodys() {
        let mut keys = Keys::default();
        let id = keys.add(AuthKey::random());
        keys.sign_in(id, 7, Endpoint(1), NOW);
        assert_eq!((keys.user(id), keys.of_user(7)), (Some((7, Endpoint(1))), vec![id]));
        assert_eq!(keys.sign_out(id), Some(Endpoint(1)));
        assert_eq!((keys.user(id), keys.key_of(Endpoint(1))), (None, None));
    }
}
