//! The numbers of the practice PBX, and what happens at each of them.

use super::exchange::{Exchange, Timer, moment, verb};
use super::leg::Doing;
use super::menu::{Menu, Step};
use super::prompts::{self, Clip};
use super::{ACCOUNTS, now};
use audio::dtmf::Digit;
use media_gateway::media::{DigitMethod, Source};
use sip::CallId;
use std::time::{Duration, SystemTime};

/// How long 602 waits before it calls back.
const CALL_BACK: Duration = Duration::from_secs(5);

/// How long 604 rings, and 605 is heard.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Service {
    Echo,
    Menu,
    CallBack,
    Busy,
    NoAnswer,
    Early,
    Forbidden,
    Account(String),
    Nobody,
}

impl Service {
    /// What this number stands for.
    pub(super) fn named(number: &str) -> Self {
        match number {
            "600" => Self::Echo,
            "601" => Self::Menu,
            "602" => Self::CallBack,
            "603" => Self::Busy,
            "604" => Self::NoAnswer,
            "605" => Self::Early,
            "606" => Self::Forbidden,
            login if ACCOUNTS.iter().any(|(known, _)| *known == login) => Self::Account(login.to_owned()),
            _ => Self::Nobody,
        }
    }

    /// With what the caller is refused at once, where that is so.
    pub(super) fn refusal(&self) -> Option<(u16, &'static str)> {
        match self {
            Self::Busy => Some((486, "Busy Here")),
            Self::Forbidden => Some((403, "Forbidden")),
            Self::Nobody => Some((404, "Not Found")),
            Self::Echo | Self::Menu | Self::CallBack | Self::NoAnswer | Self::Early | Self::Account(_) => {
                None
            }
        }
    }
}

impl Exchange {
    /// Gives a leg what it called for.
    pub(super) fn serve(&mut self, id: CallId, service: Service, from_name: Option<String>) {
        match service {
            Service::Echo => self.give(id, Doing::Echo),
            Service::Menu => self.give(id, Doing::Menu(Menu::begin().0)),
            Service::CallBack => self.give(id, Doing::CallBack),
            Service::NoAnswer => {
                if let Some(leg) = self.legs.get(&id) {
                    verb(leg.call.ring());
                    self.timers.push((moment() + PATIENCE, Timer::GiveUp(id)));
                }
            }
            Service::Early => {
                if let Some(leg) = self.legs.get_mut(&id) {
                    verb(leg.call.progress(leg.answer.take().unwrap_or_default()));
                    let port = leg.port;
                    verb(self.engine.play(port, Source::Loop(prompts::sound(&[Clip::Early]))));
                    self.timers.push((moment() + PATIENCE, Timer::GiveUp(id)));
                }
            }
            Service::Account(login) => self.connect(id, &login, from_name),
            Service::Busy | Service::Forbidden | Service::Nobody => self.refuse(id, &service),
        }
    }

    fn refuse(&self, id: CallId, service: &Service) {
        if let (Some(leg), Some((code, reason))) = (self.legs.get(&id), service.refusal()) {
            verb(leg.call.reject(code, reason));
        }
    }

    /// Answers a leg, where it is not up yet, and lets it hear its service.
    pub(super) fn give(&mut self, id: CallId, doing: Doing) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let Some(answer) = leg.answer.take() {
            verb(leg.call.answer(answer));
        }
        leg.is_up = true;
        leg.doing = doing;
        let port = leg.port;
        match doing {
            Doing::Echo => {
                verb(self.engine.play(port, Source::None));
                verb(self.engine.echo(port, true));
            }
            Doing::CalledBack => {
                verb(self.engine.echo(port, true));
                self.say(port, &[Clip::CalledBack]);
            }
            Doing::Menu(_) => {
                let (menu, step) = Menu::begin();
                if let Some(leg) = self.legs.get_mut(&id) {
                    leg.doing = Doing::Menu(menu);
                }
                self.step(id, &step);
            }
            Doing::CallBack => self.say(port, &[Clip::CallBack]),
            Doing::Unanswered | Doing::Bridge(_) | Doing::Reached { .. } | Doing::Leaving => {}
        }
    }

    fn step(&self, id: CallId, step: &Step) {
        if let Some(leg) = self.legs.get(&id) {
            verb(self.engine.echo(leg.port, step.echo));
            self.say(leg.port, &step.say);
        }
    }

    /// A key was pressed: for the menu, or for whoever is at the other end.
    pub(super) fn pressed(&mut self, id: CallId, key: char) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match &mut leg.doing {
            Doing::Menu(menu) => {
                if let Some(step) = menu.press(key, time_of_day(now())) {
                    self.step(id, &step);
                }
            }
            Doing::Bridge(other) => {
                let other = *other;
                let port = self.legs.get(&other).filter(|leg| leg.is_up).map(|leg| leg.port);
                if let (Some(port), Some(digit)) = (port, Digit::from_char(key)) {
                    verb(self.engine.send_digits(port, &[digit], DigitMethod::Best));
                }
            }
            Doing::Echo
            | Doing::CallBack
            | Doing::CalledBack
            | Doing::Unanswered
            | Doing::Reached { .. }
            | Doing::Leaving => {}
        }
    }

    /// What was to be said has been said.
    pub(super) fn said(&mut self, id: CallId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let over = match leg.doing {
            Doing::Menu(menu) => menu.is_leaving(),
            Doing::CallBack | Doing::Leaving => true,
            Doing::Echo
            | Doing::CalledBack
            | Doing::Unanswered
            | Doing::Bridge(_)
            | Doing::Reached { .. } => false,
        };
        if over {
            verb(leg.call.hang_up("Good bye"));
        }
    }

    pub(super) fn call_back_later(&mut self, who: String) {
        self.timers.push((moment() + CALL_BACK, Timer::CallBack(who)));
    }

    /// 602 calls whoever called it.
    pub(super) fn call_back(&mut self, who: &str) {
        if let Err(error) = self.reach(who, "602", Some("Practice call back"), Doing::CalledBack, None) {
            tracing::debug!(%error, "602 cannot call back");
        }
    }
}

/// Hours and minutes, in universal time.
fn time_of_day(now: SystemTime) -> (u8, u8) {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let minutes = seconds / 60 % (24 * 60);
    let part = |number: u64| u8::try_from(number).unwrap_or_default();
    (part(minutes / 60), part(minutes % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_table_is_known() {
        assert_eq!(Service::named("600"), Service::Echo);
        assert_eq!(Service::named("1002"), Service::Account("1002".to_owned()));
        assert_eq!(Service::named("603").refusal(), Some((486, "Busy Here")));
        assert_eq!(Service::named("606").refusal(), Some((403, "Forbidden")));
        assert_eq!(Service::named("700").refusal(), Some((404, "Not Found")));
    }

    #[test]
    fn the_time_of_day_is_read_off_the_clock() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * 3 + 3600 * 14 + 60 * 7 + 59);
        assert_eq!(time_of_day(at), (14, 7));
    }
}
