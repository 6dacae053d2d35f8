//! One call, state by state: what Telegram says goes in, what is to be done comes out.

mod incoming;
mod outgoing;

use super::*;
use crate::telegram::event::HangUp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tgcalls::group::TELEGRAM_PRIME;

const ME: i64 = 10_099;
const IVAN: i64 = 2;
const PEER: Peer = Peer { id: 42, access_hash: 99 };
const SECRET_OF_SERVER: [u8; 256] = [7; 256];

fn group() -> Group {
    Group::new(3, &TELEGRAM_PRIME).expect("Telegram's own group")
}

fn random() -> StdRng {
    StdRng::seed_from_u64(5)
}

fn at(seconds: u64) -> Moment {
    Duration::from_secs(seconds)
}

/// One call and all that it wanted.
struct Stage {
    call: Call,
    random: StdRng,
    now: Moment,
    asked: Vec<Request>,
    told: Vec<Told>,
}

impl Stage {
    fn of(call: Call) -> Self {
        let mut stage = Self { call, random: random(), now: at(0), asked: Vec::new(), told: Vec::new() };
        stage.drain();
        stage
    }

    fn give(&mut self, input: Input) -> &mut Self {
        self.call.handle_input(input, self.now, &mut self.random);
        self.drain();
        self
    }

    fn update(&mut self, update: Update) -> &mut Self {
        self.give(Input::Update(update))
    }

    fn answer(&mut self, update: Update) -> &mut Self {
        self.give(Input::Answered { answer: Ok(update), repeated: false })
    }

    fn refuse(&mut self, code: u16, words: &str) -> &mut Self {
        self.trouble(Trouble::Refused { code, words: words.to_owned() })
    }

    fn trouble(&mut self, trouble: Trouble) -> &mut Self {
        self.give(Input::Answered { answer: Err(trouble), repeated: false })
    }

    /// The answer to a request was lost, and this is what Telegram says to its repetition.
    fn refuse_repetition(&mut self, words: &str) -> &mut Self {
        let trouble = Trouble::Refused { code: 400, words: words.to_owned() };
        self.give(Input::Answered { answer: Err(trouble), repeated: true })
    }

    fn group(&mut self) -> &mut Self {
        self.give(Input::Group(Ok(Box::new((group(), SECRET_OF_SERVER.to_vec())))))
    }

    fn until(&mut self, moment: Moment) -> &mut Self {
        self.now = moment;
        self.call.handle_timeout(moment);
        self.drain();
        self
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Ask(request) => self.asked.push(request),
                Output::Tell(told) => self.told.push(told),
            }
        }
    }

    /// The one end that was told; none if it goes on.
    #[track_caller]
    fn end(&self) -> Option<&End> {
        let mut ends = self.told.iter().filter_map(|told| match told {
            Told::Over(end) => Some(end),
            Told::Ringing | Told::Begun(_) | Told::Signal(_) => None,
        });
        let end = ends.next();
        assert!(ends.next().is_none(), "an end is told once");
        end
    }

    fn begun(&self) -> Option<&Config> {
        self.told.iter().find_map(|told| match told {
            Told::Begun(config) => Some(&**config),
            Told::Ringing | Told::Signal(_) | Told::Over(_) => None,
        })
    }

    fn discards(&self) -> Vec<(Reason, Duration)> {
        let discard = |request: &Request| match request {
            Request::Discard { peer, reason, duration } => {
                assert_eq!(*peer, PEER);
                Some((*reason, *duration))
            }
            Request::Group
            | Request::Ring { .. }
            | Request::Received { .. }
            | Request::Accept { .. }
            | Request::Confirm { .. }
            | Request::Signal { .. } => None,
        };
        self.asked.iter().filter_map(discard).collect()
    }
}

/// What Telegram says when its own servers do not answer one another.
fn slow() -> Trouble {
    let (code, words) = domain::call::codes::TELEGRAM_TIMEOUT;
    Trouble::Refused { code, words: words.to_owned() }
}

fn versions(first: &str) -> Vec<String> {
    vec![first.to_owned()]
}
