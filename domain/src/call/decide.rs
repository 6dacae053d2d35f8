//! What a command on a call records, or why it is refused.

use super::{
    Call, Command, Direction, EndCause, Ended, Event, MAX_REASON, Open, Phase, RecordingState, Refusal,
    TransferTo,
};
use crate::decider::Decider;
use crate::log::{Actor, Context};

type Decision = Result<Vec<Event>, Refusal>;

impl Decider for Call {
    const NAME: &'static str = "call";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: Command, context: &Context) -> Decision {
        match command {
            Command::Request { by, account, owner, number, dialled } => {
                self.begin(Event::CallRequested { by, account, owner, number, dialled }, context.by)
            }
            Command::Offer { account, owner, user, gateway, from, name } => {
                self.begin(Event::CallOffered { account, owner, user, gateway, from, name }, context.by)
            }
            Command::StopRecording => self.stop_recording(context.by),
            Command::SaveRecording { reference, seconds } => {
                only_gateway(context.by)?;
                self.save_recording(reference, seconds)
            }
            Command::FailRecording { reason } => {
                only_gateway(context.by)?;
                self.fail_recording(&reason)
            }
            Command::End { cause, code, reason, answered_for } => {
                self.end(context.by, cause, code, reason, answered_for)
            }
            Command::Take { .. }
            | Command::AwaitUser { .. }
            | Command::Dial
            | Command::Ring
            | Command::Answer
            | Command::Hold
            | Command::Resume
            | Command::Transfer { .. }
            | Command::StartRecording { .. } => {
                only_gateway(context.by)?;
                self.go_on(command)
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        self.apply(event);
    }
}

impl Call {
    fn begin(&self, beginning: Event, by: Actor) -> Decision {
        match (&beginning, by) {
            (Event::CallRequested { by: user, .. }, Actor::Person(person)) if *user != person => {
                return Err(Refusal::NotYours);
            }
            (Event::CallRequested { .. }, Actor::Person(_)) => {}
            _ => only_gateway(by)?,
        }
        match self {
            Self::Absent => Ok(vec![beginning]),
            // The seal of a repeat has another nonce, so what was dialled can't be compared.
            Self::Requested(_) | Self::Offered(_) | Self::Talking(_) | Self::Ended(_) => {
                if self.is_that(&beginning) { Ok(Vec::new()) } else { Err(Refusal::IdTaken) }
            }
        }
    }

    fn is_that(&self, beginning: &Event) -> bool {
        let mut repeated = Self::Absent;
        repeated.apply(beginning);
        match (self.open(), repeated.open()) {
            (Some(this), Some(that)) => {
                (this.direction, this.account, this.user) == (that.direction, that.account, that.user)
            }
            (None, _) | (_, None) => self.user() == repeated.user(),
        }
    }

    fn existing(&self) -> Result<&Open, Refusal> {
        match self {
            Self::Absent => Err(Refusal::NoSuchCall),
            Self::Requested(open) | Self::Offered(open) | Self::Talking(open) => Ok(open),
            Self::Ended(_) => Err(Refusal::Over),
        }
    }

    /// What a gateway reports of a call that it carries.
    fn go_on(&self, command: Command) -> Decision {
        let open = self.existing()?;
        match command {
            Command::Take { gateway } => match &open.gateway {
                None => Ok(vec![Event::CallTaken { gateway }]),
                Some(carrier) if *carrier == gateway => Ok(Vec::new()),
                Some(_) => Err(Refusal::TakenByAnother),
            },
            Command::AwaitUser { until, why, retry_after } => {
                open.before(Phase::AwaitingUser, Event::UserAwaited { until, why, retry_after })
            }
            Command::Dial => open.before(Phase::Dialling, Event::CallDialled),
            Command::Ring => open.before(Phase::Ringing, Event::CallRang),
            Command::Answer if open.gateway.is_none() => Err(Refusal::NotTaken),
            Command::Answer => Ok(news(!open.phase.is_answered(), Event::CallAnswered)),
            Command::Hold => open.talking(Phase::Talking, Event::CallHeld),
            Command::Resume => open.talking(Phase::Held, Event::CallResumed),
            Command::Transfer { to } => open.transfer(to),
            Command::StartRecording { automatic, locked } => open.start_recording(automatic, locked),
            Command::Request { .. }
            | Command::Offer { .. }
            | Command::StopRecording
            | Command::SaveRecording { .. }
            | Command::FailRecording { .. }
            | Command::End { .. } => Ok(Vec::new()),
        }
    }

    fn stop_recording(&self, by: Actor) -> Decision {
        let open = self.existing()?;
        match by {
            Actor::Person(person) if person != open.user => return Err(Refusal::NotYours),
            Actor::Person(_) if open.recording == RecordingState::Locked => {
                return Err(Refusal::RecordingLocked);
            }
            Actor::Person(_) => {}
            Actor::Gateway | Actor::Process | Actor::Operator => only_gateway(by)?,
        }
        Ok(news(open.recording.is_on(), Event::RecordingStopped))
    }

    fn save_recording(&self, reference: String, seconds: u32) -> Decision {
        let (recording, stored) = self.recorded()?;
        if stored.contains(&reference) {
            return Ok(Vec::new());
        }
        match recording {
            RecordingState::On | RecordingState::Locked | RecordingState::Saving => {
                Ok(vec![Event::RecordingSaved { reference, seconds }])
            }
            RecordingState::Off | RecordingState::Failed => Err(Refusal::NotRecording),
        }
    }

    fn fail_recording(&self, reason: &str) -> Decision {
        let (recording, _) = self.recorded()?;
        let over = matches!(self, Self::Ended(_)) && recording == RecordingState::Off;
        let known = recording == RecordingState::Failed || over;
        Ok(news(!known, Event::RecordingFailed { reason: plain(reason) }))
    }

    fn recorded(&self) -> Result<(RecordingState, &[String]), Refusal> {
        match self {
            Self::Absent => Err(Refusal::NoSuchCall),
            Self::Requested(open) | Self::Offered(open) | Self::Talking(open) => {
                Ok((open.recording, &open.recordings))
            }
            Self::Ended(Ended { recording, recordings, .. }) => Ok((*recording, recordings)),
        }
    }

    fn end(
        &self,
        by: Actor,
        cause: EndCause,
        code: Option<u16>,
        reason: Option<String>,
        answered_for: u32,
    ) -> Decision {
        let open = match self.existing() {
            Ok(open) => open,
            Err(Refusal::Over) => return Ok(Vec::new()),
            Err(refusal) => return Err(refusal),
        };
        if let Actor::Person(person) = by {
            if person != open.user {
                return Err(Refusal::NotYours);
            }
            if open.gateway.is_some() {
                return Err(Refusal::Carried);
            }
        }
        // What a dead gateway was recording is lost with it.
        let lost = (cause == EndCause::Lost && open.recording != RecordingState::Off)
            .then(|| (open.recording != RecordingState::Failed).then(gone))
            .flatten();
        let ended = Event::CallEnded {
            cause,
            code: code.filter(|code| (100..=699).contains(code)),
            reason: reason.map(|reason| plain(&reason)).filter(|reason| !reason.is_empty()),
            answered_for: if open.phase.is_answered() { answered_for } else { 0 },
            account: open.account,
            owner: open.owner,
            user: open.user,
            direction: open.direction,
        };
        Ok(lost.into_iter().chain([ended]).collect())
    }
}

impl Open {
    /// Progress of a call that goes out. What comes late is no news.
    fn before(&self, phase: Phase, event: Event) -> Decision {
        match self.direction {
            Direction::In => Err(Refusal::Incoming),
            Direction::Out if self.gateway.is_none() => Err(Refusal::NotTaken),
            Direction::Out => Ok(news(self.phase < phase, event)),
        }
    }

    fn talking(&self, now: Phase, event: Event) -> Decision {
        if !self.phase.is_answered() {
            return Err(Refusal::NotTalking);
        }
        Ok(news(self.phase == now, event))
    }

    fn transfer(&self, to: TransferTo) -> Decision {
        if !self.phase.is_answered() {
            return Err(Refusal::NotTalking);
        }
        Ok(news(!self.transferred, Event::CallTransferred { to }))
    }

    fn start_recording(&self, automatic: bool, locked: bool) -> Decision {
        if !self.phase.is_answered() {
            return Err(Refusal::NotTalking);
        }
        match self.recording {
            RecordingState::On | RecordingState::Locked => Ok(Vec::new()),
            RecordingState::Saving => Err(Refusal::StillSaving),
            RecordingState::Off | RecordingState::Failed => {
                Ok(vec![Event::RecordingStarted { automatic, locked }])
            }
        }
    }
}

fn only_gateway(by: Actor) -> Result<(), Refusal> {
    match by {
        Actor::Gateway => Ok(()),
        Actor::Person(_) | Actor::Process | Actor::Operator => Err(Refusal::NotAGateway),
    }
}

fn gone() -> Event {
    Event::RecordingFailed { reason: "the gateway is gone".to_owned() }
}

fn news(is_news: bool, event: Event) -> Vec<Event> {
    if is_news { vec![event] } else { Vec::new() }
}

fn plain(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
}
