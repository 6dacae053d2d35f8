//! Calls: placing them, giving them up, and what is known of them.

use super::{Errand, Office, unopened};
use crate::view::call::Awaiting;
use chrono::{DateTime, Utc};
use domain::call::{Call, Command, Direction, EndCause, Event, Number, Phase, RecordingState, Refusal};
use domain::decider::Decider as _;
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::Recorded;
use domain::sealed::Sealed;
use event_store::dispatcher::ExecuteError;
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose, Subject};
use projections::call_beginning::Beginning;
use rand::RngCore as _;
use secrecy::ExposeSecret as _;
use std::sync::PoisonError;
use uuid::Builder;

/// Why something was not done about a call.
pub type CallDenied = ExecuteError<Refusal>;

/// A call, as far as the log and the vault tell.
#[derive(Debug, Clone)]
pub struct CallStory {
    /// The call.
    pub call: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// The account.
    pub account: AccountNumber,
    /// Whose account it was when the call began.
    pub owner: UserId,
    /// Who calls or is called.
    pub user: UserId,
    /// The far end's number; none where the person was forgotten.
    pub number: Option<Number>,
    /// The far end's name.
    pub name: Option<String>,
    /// How many events it is told from.
    pub version: u32,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// How far it has come, or how far it had.
    pub phase: Phase,
    /// Whether a gateway carries it.
    pub carried: bool,
    /// Where the person has to call by themselves.
    pub awaited: Option<Awaiting>,
    /// Since when they talk, or talked.
    pub answered_at: Option<DateTime<Utc>>,
    /// Whether it is recorded.
    pub recording: RecordingState,
    /// How it ended; none while it goes on.
    pub end: Option<CallEnd>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEnd {
    /// Why.
    pub cause: EndCause,
    /// The finish code.
    pub code: Option<u16>,
    /// The reason phrase.
    pub reason: Option<String>,
    /// How long they talked, in seconds.
    pub talked: u32,
    /// When.
    pub at: DateTime<Utc>,
}

/// What became of giving up a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It is over.
    Over,
    /// A gateway carries it, and has to be told.
    Carried,
}

impl Office {
    /// Places a call. The same update places one call, however often it is delivered.
    ///
    /// # Errors
    ///
    /// A refusal or a fault.
    pub async fn request_call(
        &self,
        errand: &Errand,
        (account, owner): (AccountNumber, UserId),
        number: &Number,
        dialled: &Number,
    ) -> Result<(), CallDenied> {
        let call = self.draw_call();
        let subject = Subject::person(errand.by);
        let seal = async |purpose: Purpose, number: &Number| {
            self.vault.seal(&subject, &purpose, number.as_str().as_bytes()).await
        };
        let command = Command::Request {
            by: errand.by,
            account,
            owner,
            number: seal(Purpose::far_number(call), number).await?,
            dialled: seal(Purpose::dialled(call), dialled).await?,
        };
        let cause = errand.cause(DIAL);
        self.dispatcher.execute::<Call>(&call.to_string(), command, errand.context(), &cause).await?;
        Ok(())
    }

    /// Whether this update has placed its call.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn has_called(&self, errand: &Errand) -> Result<bool, Fault> {
        self.did(errand, DIAL).await
    }

    /// Whether this update has given a call up.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn has_given_up(&self, errand: &Errand) -> Result<bool, Fault> {
        self.did(errand, GIVE_UP).await
    }

    async fn did(&self, errand: &Errand, step: &str) -> Result<bool, Fault> {
        let Some(dedup) = errand.cause(step).dedup.filter(|_| errand.redelivered) else { return Ok(false) };
        Ok(self.dispatcher.log().done(dedup).await?.is_some())
    }

    /// Gives a call up that no gateway carries yet.
    ///
    /// # Errors
    ///
    /// A fault.
    pub async fn give_up(&self, errand: &Errand, call: CallId) -> Result<GivenUp, Fault> {
        let end = Command::End { cause: EndCause::Cancelled, code: None, reason: None, answered_for: 0 };
        let cause = errand.cause(GIVE_UP);
        match self.dispatcher.execute::<Call>(&call.to_string(), end, errand.context(), &cause).await {
            Ok(_) => Ok(GivenUp::Over),
            Err(ExecuteError::Refused(Refusal::Carried)) => Ok(GivenUp::Carried),
            Err(ExecuteError::Refused(_)) => Ok(GivenUp::Over),
            Err(ExecuteError::Full { limit }) => {
                Err(Fault::because(format!("a call takes no place of {limit}")))
            }
            Err(ExecuteError::Fault(fault)) => Err(fault),
        }
    }

    /// A call as it is now; none where there is no such call.
    ///
    /// # Errors
    ///
    /// The log or the vault can't be used.
    pub async fn call_story(&self, call: CallId) -> Result<Option<CallStory>, Fault> {
        let history = self.history::<Call>(&call.to_string()).await?;
        let Some(first) = history.first() else { return Ok(None) };
        let Some(mut story) = self.begun(call, first).await? else { return Ok(None) };
        let mut state = Call::default();
        for recorded in &history {
            state.evolve(&recorded.event);
            story.goes_on(&recorded.event, recorded.context.at);
        }
        story.version = u32::try_from(history.len()).unwrap_or(u32::MAX);
        story.carried = state.open().is_some_and(|open| open.gateway.is_some());
        Ok(Some(story))
    }

    async fn begun(&self, call: CallId, first: &Recorded<Event>) -> Result<Option<CallStory>, Fault> {
        let event = &first.event;
        let (Some(beginning), Some(phase)) = (Beginning::of(event), Phase::after(event)) else {
            return Ok(None);
        };
        let number = self.opened(&beginning.number, &Purpose::far_number(call)).await?;
        let name = match &beginning.name {
            Some(name) => self.opened(name, &Purpose::far_name(call)).await?,
            None => None,
        };
        Ok(Some(CallStory {
            call,
            direction: beginning.direction,
            account: beginning.account,
            owner: beginning.owner,
            user: beginning.user,
            number: number.and_then(|number| number.parse().ok()),
            name: name.filter(|name| !name.trim().is_empty()),
            version: 0,
            began_at: first.context.at,
            phase,
            carried: false,
            awaited: None,
            answered_at: None,
            recording: RecordingState::Off,
            end: None,
        }))
    }

    /// What is sealed, unless its key was shredded with the person.
    pub(crate) async fn opened(&self, sealed: &Sealed, purpose: &Purpose) -> Result<Option<String>, Fault> {
        match self.vault.open_text(sealed, purpose).await {
            Ok(text) => Ok(Some(text.expose_secret().to_owned())),
            Err(OpenError::Shredded) => Ok(None),
            Err(error) => Err(unopened(error)),
        }
    }

    /// Draws the id of a call: the moment, and bits that nobody can guess (RFC 9562 section 5.7).
    fn draw_call(&self) -> CallId {
        let mut bits = [0; 10];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bits);
        let now = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        CallId::from_bits(Builder::from_unix_timestamp_millis(now, &bits).into_uuid().as_u128())
    }
}

/// The step of an update that places a call.
const DIAL: &str = "dial";

/// The step of an update that gives a call up.
const GIVE_UP: &str = "give-up";

impl CallStory {
    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether somebody talks or waits in it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.is_open() && self.phase.is_answered()
    }

    /// The far end in one line; empty where nothing is known of it.
    #[must_use]
    pub fn who(&self) -> String {
        let number = self.number.as_ref().map(|number| number.as_str().to_owned());
        self.name.clone().or(number).unwrap_or_default()
    }

    fn goes_on(&mut self, event: &Event, at: DateTime<Utc>) {
        if let Some(recording) = RecordingState::after(event) {
            self.recording = recording;
        }
        if self.end.is_some() {
            return;
        }
        if let Some(phase) = Phase::after(event) {
            self.phase = phase;
        }
        if let Event::UserAwaited { until, why, retry_after } = *event {
            self.awaited = Some(Awaiting { until, why, retry_after });
        }
        if let Event::CallAnswered = event {
            self.answered_at = Some(at);
        }
        if let Event::CallEnded { cause, code, reason, answered_for, .. } = event {
            let (code, reason, talked) = (*code, reason.clone(), *answered_for);
            self.end = Some(CallEnd { cause: *cause, code, reason, talked, at });
        }
    }
}
