//! Recording of a call: automatic, by hand, locked, failed (product reference 10).

use super::UserCalls;
use super::ids::{CallId, Moment, PhoneId};
use super::output::{Output, Refusal, Report};

/// Whether a call is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recording {
    /// No.
    Off,
    /// Yes.
    On {
        /// The person can't stop it.
        locked: bool,
        /// Because the account's owner wants all calls recorded.
        automatic: bool,
        /// When it ends by itself.
        until: Moment,
    },
    /// It was to be, and could not be.
    Failed,
}

impl Recording {
    pub(super) fn until(&self) -> Option<Moment> {
        match self {
            Self::On { until, .. } => Some(*until),
            Self::Off | Self::Failed => None,
        }
    }
}

impl UserCalls {
    /// A person presses the record button.
    pub(super) fn asked_to_record(
        &mut self,
        phone: Option<PhoneId>,
        call: CallId,
        on: bool,
        now: Moment,
    ) -> Result<(), Refusal> {
        let line = self.talking_line(call)?;
        match (&line.recording, on) {
            (Recording::On { .. }, true) | (Recording::Off, false) => Ok(()),
            (Recording::Failed, false) => {
                line.recording = Recording::Off;
                Ok(())
            }
            (Recording::On { locked: true, .. }, false) => Err(Refusal::Locked),
            (Recording::On { .. }, false) => {
                self.stop_recording(call);
                Ok(())
            }
            (Recording::Off | Recording::Failed, true) => {
                tracing::debug!(%call, from_phone = phone.is_some(), "recording starts by hand");
                self.start_recording(call, false, now);
                Ok(())
            }
        }
    }

    /// Starts to record where the account's owner wants all calls recorded.
    pub(super) fn record_automatically(&mut self, call: CallId, now: Moment) {
        let wanted = self.line(call).is_some_and(|line| line.account.recording.automatic);
        if wanted {
            self.start_recording(call, true, now);
        }
    }

    fn start_recording(&mut self, call: CallId, automatic: bool, now: Moment) {
        let longest = self.limits.recording;
        let Some(line) = self.line_mut(call) else { return };
        let Some(leg) = line.leg else { return };
        let policy = line.account.recording;
        let limit = policy.limit.filter(|_| !automatic).map_or(longest, |limit| limit.min(longest));
        let locked = automatic && policy.locked;
        line.recording = Recording::On { automatic, locked, until: now + limit };
        self.outputs.push_back(Output::Record { call, leg, on: true });
        self.report(call, Report::RecordingStarted { automatic, locked });
    }

    pub(super) fn stop_recording(&mut self, call: CallId) {
        let Some(line) = self.line_mut(call) else { return };
        if let (Recording::On { .. }, Some(leg)) = (&line.recording, line.leg) {
            line.recording = Recording::Off;
            self.outputs.push_back(Output::Record { call, leg, on: false });
            self.report(call, Report::RecordingStopped);
        }
    }

    /// A recording ended without having been asked to.
    pub(super) fn recording_ended(&mut self, call: CallId, whole: bool) {
        let Some(line) = self.line_mut(call) else { return };
        if let Recording::On { .. } = line.recording {
            line.recording = if whole { Recording::Off } else { Recording::Failed };
            self.report(call, if whole { Report::RecordingStopped } else { Report::RecordingFailed });
        }
    }
}
