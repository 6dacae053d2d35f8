//! Who hears what, told to the engine. What is wanted is kept, since a phone's port may come, or be replaced, later.

use super::Gateway;
use crate::call::{Party, Sound};
use crate::media::{EngineError, PortId, Source};
use domain::ids::UserId;

impl Gateway {
    /// Somebody is to hear something else from now on.
    pub(super) fn set_sound(&mut self, user: UserId, party: Party, sound: Sound) {
        if sound == Sound::Nothing {
            self.sounds.remove(&(user, party));
        } else {
            self.sounds.insert((user, party), sound);
        }
        self.apply_sound(user, party, sound);
    }

    /// A port is there, for the first time or anew: it hears what is wanted.
    pub(super) fn renew_sound(&mut self, user: UserId, party: Party) {
        if let Some(sound) = self.sounds.get(&(user, party)).copied() {
            self.apply_sound(user, party, sound);
        }
    }

    fn apply_sound(&self, user: UserId, party: Party, sound: Sound) {
        let Some(port) = self.port_of(user, party) else { return };
        let engine = &self.parts.engine;
        let done = match sound {
            Sound::Nothing => engine.part(port).and_then(|()| engine.play(port, Source::None)),
            Sound::Ringback => engine.part(port).and_then(|()| engine.play(port, Source::Ringback)),
            Sound::Music => engine.part(port).and_then(|()| engine.play(port, self.music())),
            Sound::With(other) => self.join(user, (party, port), other),
        };
        match done {
            Ok(()) | Err(EngineError::NoSuchPort) => {}
            Err(error) => tracing::warn!(%error, "the engine did not do what was wanted"),
        }
    }

    /// Joins two once both are to hear each other and both have ports.
    fn join(&self, user: UserId, (party, port): (Party, PortId), other: Party) -> Result<(), EngineError> {
        let mutual = self.sounds.get(&(user, other)) == Some(&Sound::With(party));
        let Some(with) = self.port_of(user, other).filter(|_| mutual) else { return Ok(()) };
        let engine = &self.parts.engine;
        engine.play(port, Source::None)?;
        engine.play(with, Source::None)?;
        engine.join(port, with)
    }

    fn music(&self) -> Source {
        match &self.parts.music {
            Some(music) => Source::Loop(music.clone()),
            None => Source::HoldMusic,
        }
    }

    pub(super) fn port_of(&self, user: UserId, party: Party) -> Option<PortId> {
        match party {
            Party::Phone(phone) => match self.telegram_calls.get(&phone) {
                Some(call) => call.port,
                None => self.phones.get(&phone)?.port,
            },
            Party::Leg(leg) => self.legs.get(&(user, leg)).map(|leg| leg.port),
        }
    }
}
