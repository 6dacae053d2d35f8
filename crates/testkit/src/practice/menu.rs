//! The voice menu of 601: keys in, phrases out. Pure.

use super::prompts::{self, Clip};

/// Keys that are counted at most.
const MOST_KEYS: u8 = 10;

/// Where a caller is in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Menu(At);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Top,
    Counting(u8),
    Echo,
    Leaving,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Said, in place of what is said now.
    pub(super) say: Vec<Clip>,
    /// Whether the caller hears himself.
    pub(super) echo: bool,
}

impl Menu {
    /// The menu, and what it says first.
    pub(super) fn begin() -> (Self, Step) {
        (Self(At::Top), say([Clip::Welcome, Clip::Menu]))
    }

    /// A key was pressed at this time of day.
    pub(super) fn press(&mut self, key: char, (hour, minute): (u8, u8)) -> Option<Step> {
        let (at, step) = match (self.0, key) {
            (At::Leaving, _) => return None,
            (At::Echo, '*') => (At::Top, say([Clip::Menu])),
            (At::Echo, _) => return None,
            (At::Counting(keys), '#') => (At::Top, count(keys)),
            (At::Counting(keys), _) if keys + 1 == MOST_KEYS => (At::Top, count(MOST_KEYS)),
            (At::Counting(keys), _) => (At::Counting(keys + 1), say([])),
            (At::Top, '1') => (At::Top, Step { say: prompts::time(hour, minute), echo: false }),
            (At::Top, '2') => (At::Counting(0), say([Clip::Press])),
            (At::Top, '3') => (At::Echo, Step { say: vec![Clip::Echo], echo: true }),
            (At::Top, '9') => (At::Leaving, say([Clip::GoodBye])),
            (At::Top, '*') => (At::Top, say([Clip::Menu])),
            (At::Top, _) => (At::Top, say([Clip::Nothing])),
        };
        self.0 = at;
        Some(step)
    }

    /// Whether the caller is to be let go when the last phrase has been said.
    pub(super) fn is_leaving(self) -> bool {
        self.0 == At::Leaving
    }
}

fn say<const N: usize>(clips: [Clip; N]) -> Step {
    Step { say: clips.to_vec(), echo: false }
}

fn count(keys: u8) -> Step {
    let mut clips = vec![Clip::YouPressed];
    clips.extend(prompts::number(keys));
    clips.push(if keys == 1 { Clip::Key } else { Clip::Keys });
    Step { say: clips, echo: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: (u8, u8) = (12, 0);

    /// What is said after each of these keys.
    fn after(keys: &str) -> (Menu, Option<Step>) {
        let (mut menu, mut step) = (Menu::begin().0, None);
        for key in keys.chars() {
            step = menu.press(key, NOON);
        }
        (menu, step)
    }

    #[test]
    fn keys_are_counted_and_never_repeated_aloud() {
        let (_, step) = after("27654#");
        assert_eq!(step.unwrap().say, [Clip::YouPressed, Clip::Number(4), Clip::Keys]);
        assert_eq!(after("27#").1.unwrap().say, [Clip::YouPressed, Clip::Number(1), Clip::Key]);
        assert_eq!(after("20123456789").1.unwrap().say, [Clip::YouPressed, Clip::Number(10), Clip::Keys]);
    }

    #[test]
    fn star_leads_from_the_echo_back_to_the_menu() {
        assert!(after("3").1.unwrap().echo);
        assert_eq!(after("35").1, None, "the keys of one who talks to himself are his own");
        assert_eq!(after("3*").1.unwrap(), Step { say: vec![Clip::Menu], echo: false });
    }

    #[test]
    fn nine_says_good_bye_and_nothing_follows() {
        let (menu, step) = after("9");
        assert!(menu.is_leaving());
        assert_eq!(step.unwrap().say, [Clip::GoodBye]);
        assert_eq!(after("91").1, None);
    }

    #[test]
    fn a_key_without_a_meaning_is_named_as_such() {
        assert_eq!(after("7").1.unwrap().say, [Clip::Nothing]);
        assert_eq!(after("1").1.unwrap().say, prompts::time(12, 0));
    }
}
