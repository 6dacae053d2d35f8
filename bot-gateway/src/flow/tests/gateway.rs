//! What a media process would report, given by hand.

use super::stage::Stage;
use domain::call::{Call, Command, EndCause, Gateway};
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::{Actor, Context};
use domain::sealed::Sealed;
use domain::sip_account::{self, SipAccount};
use event_store::dispatcher::Cause;
use event_store::vault::{Purpose, Subject};
use uuid::Uuid;

fn me() -> Gateway {
    Gateway { process: "media-1".to_owned(), epoch: 1 }
}

fn context(stage: &Stage) -> Context {
    Context { by: Actor::Gateway, at: stage.now() }
}

/// Reports something of a call.
pub(super) async fn answers(stage: &Stage, call: CallId, command: Command) {
    let cause = Cause { text: None, dedup: None };
    let dispatcher = &stage.office.dispatcher;
    dispatcher.execute::<Call>(&call.to_string(), command, context(stage), &cause).await.unwrap();
}

/// Takes a call that was asked for.
pub(super) async fn takes_call(stage: &Stage, call: CallId) {
    answers(stage, call, Command::Take { gateway: me() }).await;
}

/// A call is over, with this code after so many seconds.
pub(super) async fn ends(stage: &Stage, call: CallId, cause: EndCause, code: Option<(u16, u32)>) {
    let (code, answered_for) = (code.map(|(code, _)| code), code.map_or(0, |(_, seconds)| seconds));
    answers(stage, call, Command::End { cause, code, reason: None, answered_for }).await;
}

/// A call comes in.
pub(super) async fn offers(
    stage: &Stage,
    account: AccountNumber,
    user: UserId,
    from: &str,
    name: Option<&str>,
) -> CallId {
    let call = CallId::from_bits(Uuid::now_v7().as_u128());
    let owner = stage.account(account).await.owner().unwrap();
    let from = seal(stage, user, Purpose::far_number(call), from).await;
    let name = match name {
        Some(name) => Some(seal(stage, user, Purpose::far_name(call), name).await),
        None => None,
    };
    answers(stage, call, Command::Offer { account, owner, user, gateway: me(), from, name }).await;
    call
}

async fn seal(stage: &Stage, user: UserId, purpose: Purpose, text: &str) -> Sealed {
    stage.vault.seal(&Subject::person(user), &purpose, text.as_bytes()).await.unwrap()
}

/// The provider refuses an account.
pub(super) async fn reports(stage: &Stage, account: AccountNumber, code: u16, reason: &str) {
    let revision = stage.account(account).await.applied().unwrap().revision;
    let command =
        sip_account::Command::ReportRegistrationFailed { revision, code, reason: reason.to_owned() };
    let cause = Cause { text: None, dedup: None };
    let dispatcher = &stage.office.dispatcher;
    dispatcher.execute::<SipAccount>(&account.to_string(), command, context(stage), &cause).await.unwrap();
}
