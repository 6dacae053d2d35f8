//! What grammers remembers of one sign-in: keys of data centres, who we are, how far updates were heard.
//!
//! It lives in memory and is stored sealed ([`Session::stored`]): whoever has it is the service account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grammers_session::types::{ChannelState, DcOption, PeerId, PeerInfo, UpdateState, UpdatesState};
use grammers_session::{BoxFuture, SessionData};
use serde::{Deserialize, Serialize};
use std::net::{SocketAddrV4, SocketAddrV6};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::{Zeroize as _, Zeroizing};

/// One sign-in.
pub(super) struct Session {
    data: Mutex<Data>,
    /// Whether it differs from what was stored last.
    changed: AtomicBool,
    /// What was stored last, as it stands in its row.
    sealed: Mutex<String>,
}

#[derive(Default)]
struct Data {
    session: SessionData,
    me: Option<PeerInfo>,
}

/// Where a session is stored as JSON. Keys are base64.
#[derive(Serialize, Deserialize)]
struct Stored {
    home: i32,
    centres: Vec<Centre>,
    me: Option<i64>,
    pts: i32,
    qts: i32,
    date: i32,
    seq: i32,
}

#[derive(Serialize, Deserialize)]
struct Centre {
    id: i32,
    v4: SocketAddrV4,
    v6: SocketAddrV6,
    key: Option<String>,
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// The stored text is not a session.
#[derive(Debug, thiserror::Error)]
#[error("the stored session of a service account can't be read")]
pub(super) struct Unreadable;

/// Nothing goes wrong in memory; grammers wants an error all the same.
#[derive(Debug, thiserror::Error)]
pub(super) enum Never {}

impl Session {
    /// Of somebody who never signed in.
    pub(super) fn new() -> Self {
        Self { data: Mutex::default(), changed: AtomicBool::new(false), sealed: Mutex::default() }
    }

    /// Out of what was stored.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub(super) fn read(stored: &[u8]) -> Result<Self, Unreadable> {
        let stored: Stored = serde_json::from_slice(stored).map_err(|_| Unreadable)?;
        let mut data = Data::default();
        data.session.home_dc = stored.home;
        for centre in stored.centres {
            let auth_key = centre.key.as_deref().map(read_key).transpose()?;
            let option = DcOption { id: centre.id, ipv4: centre.v4, ipv6: centre.v6, auth_key };
            data.session.dc_options.insert(centre.id, option);
        }
        data.me = stored.me.map(me);
        let Stored { pts, qts, date, seq, .. } = stored;
        data.session.updates_state = UpdatesState { pts, qts, date, seq, channels: Vec::new() };
        Ok(Self { data: Mutex::new(data), changed: AtomicBool::new(false), sealed: Mutex::default() })
    }

    /// What is to be stored, sealed.
    pub(super) fn stored(&self) -> Zeroizing<Vec<u8>> {
        let data = self.lock();
        let state = &data.session.updates_state;
        let key = |key: &[u8; 256]| STANDARD.encode(key);
        let centre = |it: &DcOption| Centre {
            id: it.id,
            v4: it.ipv4,
            v6: it.ipv6,
            key: it.auth_key.as_ref().map(key),
        };
        let mut centres: Vec<Centre> = data.session.dc_options.values().map(centre).collect();
        centres.sort_by_key(|centre| centre.id);
        let stored = Stored {
            home: data.session.home_dc,
            centres,
            me: data.me.as_ref().and_then(|me| me.id().bare_id()),
            pts: state.pts,
            qts: state.qts,
            date: state.date,
            seq: state.seq,
        };
        // Plain numbers and texts: this can't fail.
        Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default())
    }

    /// Whether it has changed since this was asked last.
    pub(super) fn take_changed(&self) -> bool {
        self.changed.swap(false, Ordering::AcqRel)
    }

    /// What was stored last, as it stands in its row: it tells whether somebody else has stored another.
    pub(super) fn sealed(&self) -> String {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what stands in the row.
    pub(super) fn set_sealed(&self, sealed: &str) {
        sealed.clone_into(&mut self.sealed.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether both are the same sign-in, at two moments: at home they have the same key.
    pub(super) fn is_sign_in_of(&self, other: &Self) -> bool {
        let key = |session: &Self| {
            let data = session.lock();
            data.session.dc_options.get(&data.session.home_dc).and_then(|it| it.auth_key)
        };
        key(self).is_some_and(|ours| key(other) == Some(ours))
    }

    /// Remembers who we are.
    pub(super) fn set_me(&self, id: i64) {
        self.change(|data| data.me = Some(me(id)));
    }

    /// How far updates were heard.
    pub(super) fn heard(&self) -> UpdatesState {
        self.lock().session.updates_state.clone()
    }

    /// Remembers how far updates were heard.
    pub(super) fn set_heard(&self, state: UpdatesState) {
        if self.lock().session.updates_state != state {
            self.change(|data| data.session.updates_state = state);
        }
    }

    /// Where one data centre is, in place of what is known. A key that is known is kept.
    pub(super) fn set_centre(&self, id: i32, address: SocketAddrV4, key: Option<[u8; 256]>) {
        let v6 = SocketAddrV6::new(address.ip().to_ipv6_mapped(), address.port(), 0, 0);
        self.change(|data| {
            let known = data.session.dc_options.get(&id).and_then(|it| it.auth_key);
            let option = DcOption { id, ipv4: address, ipv6: v6, auth_key: known.or(key) };
            data.session.dc_options.insert(id, option);
        });
    }

    /// The data centre that is ours.
    pub(super) fn home(&self) -> i32 {
        self.lock().session.home_dc
    }

    /// Another data centre is ours.
    pub(super) fn set_home(&self, id: i32) {
        self.change(|data| data.session.home_dc = id);
    }

    fn change(&self, change: impl FnOnce(&mut Data)) {
        change(&mut self.lock());
        self.changed.store(true, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(hidden)")
    }
}

fn me(id: i64) -> PeerInfo {
    PeerInfo::User { id, auth: None, bot: Some(false), is_self: Some(true) }
}

fn read_key(text: &str) -> Result<[u8; 256], Unreadable> {
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| Unreadable)?);
    <[u8; 256]>::try_from(bytes.as_slice()).map_err(|_| Unreadable)
}

impl grammers_session::Session for Session {
    type Error = Never;

    fn home_dc_id(&self) -> Result<i32, Never> {
        Ok(self.home())
    }

    fn set_home_dc_id(&self, id: i32) -> BoxFuture<'_, Result<(), Never>> {
        self.set_home(id);
        Box::pin(std::future::ready(Ok(())))
    }

    fn dc_option(&self, id: i32) -> Result<Option<DcOption>, Never> {
        Ok(self.lock().session.dc_options.get(&id).cloned())
    }

    fn set_dc_option(&self, option: &DcOption) -> BoxFuture<'_, Result<(), Never>> {
        let known = self.lock().session.dc_options.get(&option.id) == Some(option);
        if !known {
            self.change(|data| _ = data.session.dc_options.insert(option.id, option.clone()));
        }
        Box::pin(std::future::ready(Ok(())))
    }

    /// People are kept in a table of their own, so only we are here.
    fn peer(&self, peer: PeerId) -> BoxFuture<'_, Result<Option<PeerInfo>, Never>> {
        let me = self.lock().me.clone().filter(|me| peer == PeerId::self_user() || peer == me.id());
        Box::pin(std::future::ready(Ok(me)))
    }

    fn cache_peer(&self, peer: PeerInfo) -> BoxFuture<'_, Result<(), Never>> {
        if let PeerInfo::User { id, is_self: Some(true), .. } = peer {
            self.set_me(id);
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn updates_state(&self) -> BoxFuture<'_, Result<UpdatesState, Never>> {
        Box::pin(std::future::ready(Ok(self.heard())))
    }

    fn set_update_state(&self, update: UpdateState) -> BoxFuture<'_, Result<(), Never>> {
        self.change(|data| {
            let state = &mut data.session.updates_state;
            match update {
                UpdateState::All(all) => *state = all,
                UpdateState::Primary { pts, date, seq } => {
                    (state.pts, state.date, state.seq) = (pts, date, seq);
                }
                UpdateState::Secondary { qts } => state.qts = qts,
                UpdateState::Channel { id, pts } => {
                    state.channels.retain(|channel| channel.id != id);
                    state.channels.push(ChannelState { id, pts });
                }
            }
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_the_same_after_it_was_stored() {
        let session = Session::new();
        session.set_centre(2, "127.0.0.1:34567".parse().expect("an address"), Some([7; 256]));
        session.set_home(2);
        session.set_me(10_099);
        session.set_heard(UpdatesState { pts: 5, qts: 1, date: 9, seq: 3, channels: Vec::new() });
        assert!(session.take_changed() && !session.take_changed());

        let again = Session::read(&session.stored()).expect("what was stored");

        assert_eq!(again.stored(), session.stored());
        assert_eq!((again.home(), again.heard().pts), (2, 5));
        assert!(!format!("{again:?}").contains('7'), "no key is printed");
    }

    #[test]
    fn a_known_key_is_kept_when_a_server_moves() {
        let session = Session::new();
        session.set_centre(2, "127.0.0.1:1".parse().expect("an address"), Some([7; 256]));
        session.set_centre(2, "127.0.0.1:2".parse().expect("an address"), Some([8; 256]));
        let option = grammers_session::Session::dc_option(&session, 2).expect("never fails").expect("known");
        assert_eq!((option.ipv4.port(), option.auth_key), (2, Some([7; 256])));
    }

    #[test]
    fn a_text_that_is_no_session_is_refused() {
        assert!(Session::read(b"{}").is_err());
        assert!(Session::read(b"").is_err());
    }
}
