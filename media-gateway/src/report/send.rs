//! One report as a command. Numbers and names are sealed on the way, under the key of the person whose call it is.

use super::{About, CallReport, Of, Sending, Told, What};
use crate::call::{Handed, Report};
use domain::call::{self, Call, Command, TransferTo};
use domain::ids::{AccountNumber, CallId};
use domain::log::{Actor, Context};
use domain::sealed::Sealed;
use domain::sip_account::{self, SipAccount};
use event_store::codec::Kept;
use event_store::dispatcher::{Cause, ExecuteError};
use event_store::log::Fault;
use event_store::vault::{Purpose, Subject};
use std::time::Duration;

/// Gives the command. A refusal is no failure: the log knows better, or the call was ended without us.
pub(super) async fn send(sending: &Sending, about: About, told: &Told) -> Result<(), Fault> {
    let context = Context { by: Actor::Gateway, at: told.at };
    match (about, &told.what) {
        (About::Call(id), What::Call { of, report }) => {
            for command in commands(sending, id, of, report, told).await? {
                execute::<Call>(sending, &id.to_string(), command, context).await?;
            }
            Ok(())
        }
        (About::Account(account), What::Registered(revision)) => {
            let command = sip_account::Command::ReportRegistered { revision: *revision };
            account_command(sending, account, command, context).await
        }
        (About::Account(account), What::RegistrationFailed { revision, code, reason }) => {
            let (revision, code, reason) = (*revision, *code, reason.clone());
            let command = sip_account::Command::ReportRegistrationFailed { revision, code, reason };
            account_command(sending, account, command, context).await
        }
        (About::Call(_), What::Registered(_) | What::RegistrationFailed { .. })
        | (About::Account(_), What::Call { .. }) => Ok(()),
    }
}

async fn account_command(
    sending: &Sending,
    account: AccountNumber,
    command: sip_account::Command,
    context: Context,
) -> Result<(), Fault> {
    execute::<SipAccount>(sending, &account.to_string(), command, context).await
}

async fn execute<D>(sending: &Sending, id: &str, command: D::Command, context: Context) -> Result<(), Fault>
where
    D: Kept + std::fmt::Debug + PartialEq,
    D::Command: Clone,
{
    let cause = Cause { text: Some("media gateway".to_owned()), dedup: None };
    match sending.dispatcher.execute::<D>(id, command, context, &cause).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Refused(refusal)) => {
            tracing::debug!(category = D::NAME, id, %refusal, "the log refused a report");
            Ok(())
        }
        Err(ExecuteError::Full { limit }) => Err(Fault::because(format!("all {limit} places are held"))),
        Err(ExecuteError::Fault(fault)) => Err(fault),
    }
}

/// What a report means in the log's words. A call that a phone dialled is asked for and taken in one go.
async fn commands(
    sending: &Sending,
    call: CallId,
    of: &Of,
    report: &CallReport,
    told: &Told,
) -> Result<Vec<Command>, Fault> {
    let said = match report {
        CallReport::Said(said) => said,
        CallReport::Saved { reference, length } => {
            let (reference, seconds) = (reference.clone(), seconds(*length));
            return Ok(vec![Command::SaveRecording { reference, seconds }]);
        }
        CallReport::Lost { reason } => return Ok(vec![Command::FailRecording { reason: reason.clone() }]),
    };
    let seal = async |purpose: Purpose, text: &str| -> Result<Sealed, Fault> {
        sending.vault.seal(&Subject::person(of.user), &purpose, text.as_bytes()).await
    };
    let gateway = of.gateway.clone();
    Ok(match said {
        Report::Requested { number, dialled } => {
            let number = seal(Purpose::far_number(call), number).await?;
            let dialled = seal(Purpose::dialled(call), dialled).await?;
            let (by, account, owner) = (of.user, of.account, of.owner);
            vec![Command::Request { by, account, owner, number, dialled }, Command::Take { gateway }]
        }
        Report::Offered { from, name } => {
            let from = seal(Purpose::far_number(call), from).await?;
            let name = match name {
                Some(name) => Some(seal(Purpose::far_name(call), name).await?),
                None => None,
            };
            let (account, owner, user) = (of.account, of.owner, of.user);
            vec![Command::Offer { account, owner, user, gateway, from, name }]
        }
        Report::Taken => vec![Command::Take { gateway }],
        Report::Awaited { within, why, retry_after } => {
            let until = told.at + *within;
            vec![Command::AwaitUser { until, why: *why, retry_after: *retry_after }]
        }
        Report::Dialled => vec![Command::Dial],
        Report::Rang => vec![Command::Ring],
        Report::Answered => vec![Command::Answer],
        Report::Held => vec![Command::Hold],
        Report::Resumed => vec![Command::Resume],
        Report::Transferred { to } => {
            let to = match to {
                Handed::Number(number) => {
                    TransferTo::Number(seal(Purpose::transferred_to(call), number).await?)
                }
                Handed::Call(other) => TransferTo::Call(*other),
            };
            vec![Command::Transfer { to }]
        }
        Report::RecordingStarted { automatic, locked } => {
            vec![Command::StartRecording { automatic: *automatic, locked: *locked }]
        }
        Report::RecordingStopped => vec![Command::StopRecording],
        Report::RecordingFailed => {
            vec![Command::FailRecording { reason: "the recording broke off".to_owned() }]
        }
        Report::Ended { outcome, talked } => vec![Command::End {
            cause: outcome.cause,
            code: Some(outcome.code),
            reason: Some(outcome.reason.chars().take(call::MAX_REASON).collect()),
            answered_for: talked.map_or(0, seconds),
        }],
    })
}

/// Whole seconds.
fn seconds(length: Duration) -> u32 {
    u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
}
