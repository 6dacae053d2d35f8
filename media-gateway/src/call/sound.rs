//! Who hears what: wanted of the state, compared with what was said last.
//!
//! It is worked out anew after every step, so no sequence of steps can leave somebody joined to the wrong far end.

use super::UserCalls;
use super::ids::{LegId, PhoneId};
use super::line::{Line, Stage, Transfer};
use super::output::Output;
use super::phones::UserLeg;
use std::collections::BTreeMap;

/// Somebody who hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The person, at this phone.
    Phone(PhoneId),
    /// The far end of this dialog.
    Leg(LegId),
}

/// What somebody hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Nothing at all.
    Nothing,
    /// Somebody else, who hears them too.
    With(Party),
    /// The tone of a phone that rings far away.
    Ringback,
    /// Music for one who waits.
    Music,
}

impl UserCalls {
    /// What everybody hears who hears anything.
    pub(super) fn wanted_sound(&self) -> BTreeMap<Party, Sound> {
        let mut sound = BTreeMap::new();
        let phone = match self.leg {
            UserLeg::Up { phone } => Some(phone),
            UserLeg::Idle | UserLeg::Lost { .. } => None,
        };
        for line in &self.lines {
            self.sound_of_line(line, phone, &mut sound);
        }
        for pair in &self.pairs {
            let (a, b) = (Party::Leg(pair.a.leg), Party::Leg(pair.b.leg));
            sound.insert(a, Sound::With(b));
            sound.insert(b, Sound::With(a));
        }
        sound
    }

    fn sound_of_line(&self, line: &Line, phone: Option<PhoneId>, sound: &mut BTreeMap<Party, Sound>) {
        let Some(leg) = line.leg else { return };
        let far = Party::Leg(leg);
        let active = phone.filter(|_| self.active == Some(line.call)).map(Party::Phone);
        match line.stage {
            Stage::Talking { .. } => match active.filter(|_| !line.is_held() && !line.waits_for_transfer()) {
                Some(person) => {
                    sound.insert(far, Sound::With(person));
                    sound.insert(person, Sound::With(far));
                }
                None => {
                    sound.insert(far, if self.limits.hold_music { Sound::Music } else { Sound::Nothing });
                }
            },
            Stage::Dialling { early: true, .. } => {
                if let Some(person) = active {
                    sound.insert(far, Sound::With(person));
                    sound.insert(person, Sound::With(far));
                }
            }
            Stage::Dialling { alerting: true, early: false, .. } => {
                if let Some(person) = active {
                    sound.insert(person, Sound::Ringback);
                }
            }
            Stage::Dialling { .. } | Stage::Wanted { .. } | Stage::Ringing { .. } => {}
        }
    }

    /// Says what has changed: first who hears nothing any longer, then who hears something else.
    pub(super) fn settle_sound(&mut self) {
        let wanted = self.wanted_sound();
        let over = self.heard.keys().filter(|party| !wanted.contains_key(party));
        let over: Vec<_> = over.map(|party| (*party, Sound::Nothing)).collect();
        let changed = wanted.iter().filter(|(party, sound)| self.heard.get(party) != Some(sound));
        let changed: Vec<_> = changed.map(|(party, sound)| (*party, *sound)).collect();
        for (party, sound) in over.into_iter().chain(changed) {
            self.outputs.push_back(Output::Sound { party, sound });
        }
        self.heard = wanted;
    }
}

impl Line {
    pub(super) fn is_held(&self) -> bool {
        self.held != super::line::Held::No
    }

    /// The person has handed the far end on, and it is not decided yet what becomes of it.
    pub(super) fn waits_for_transfer(&self) -> bool {
        match self.transfer {
            Some(Transfer::Asked { .. } | Transfer::AskedToJoin { .. } | Transfer::Dialling { .. }) => true,
            Some(Transfer::Theirs { .. }) | None => false,
        }
    }
}
