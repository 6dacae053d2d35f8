//! `tandem history`: what happened to one account, or in one call, for support.

use super::print;
use crate::config::Config;
use crate::platform;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use domain::Event;
use domain::call::Call;
use domain::decider::Decider as _;
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::Recorded;
use domain::sip_account::SipAccount;
use event_store::codec::{self, Upcasters};
use event_store::log::{EventLog, StreamId};
use event_store::sql::Database;
use projections::call_history;
use projections::history::{self, At, Names as _, Numbers};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Which account or call, and up to where.
#[derive(Args)]
pub(crate) struct Options {
    /// The account's number, nine digits, or a call's id.
    #[arg(value_name = "ACCOUNT|CALL")]
    of: Of,
    /// Only up to this moment (2026-01-31, 2026-01-31T10:05, UTC) or position (0-0-42), with the account as it stood
    /// then.
    #[arg(long, value_name = "TIME|POSITION")]
    at: Option<At>,
    /// How many of the account's latest calls are told with it.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    calls: u32,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// What the history is of.
#[derive(Debug, Clone, Copy)]
enum Of {
    Account(AccountNumber),
    Call(CallId),
}

impl FromStr for Of {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let account = text.parse().map(Self::Account).ok();
        let either = account.or_else(|| text.parse().map(Self::Call).ok());
        either.ok_or("give an account's number of nine digits, or the id of a call")
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(number) => write!(f, "account {number}"),
            Self::Call(call) => write!(f, "call {call}"),
        }
    }
}

/// Prints it.
///
/// # Errors
///
/// There is no such account or call, or the log can't be read.
pub(crate) async fn print_history(config: &Config, options: &Options) -> Result<()> {
    let (opened, database) = platform::look(config).await?;
    let mut events = match options.of {
        Of::Account(account) => {
            let mut events = events(&*opened.log, SipAccount::NAME, account.to_string()).await?;
            for call in calls(&*database, account, options.calls).await {
                events.extend(self::events(&*opened.log, Call::NAME, call.to_string()).await?);
            }
            events
        }
        Of::Call(call) => events(&*opened.log, Call::NAME, call.to_string()).await?,
    };
    events.sort_by_key(|recorded| recorded.position);
    if let Some(at) = options.at {
        events = history::up_to(events, at);
    }
    if events.is_empty() {
        bail!("nothing happened to {} up to then", options.of);
    }
    let names = names(config, &events).await?;
    for line in history::lines(&events, &names) {
        match (options.json, &line.cause) {
            (true, _) => print(serde_json::to_string(&line)?),
            (false, Some(cause)) => print(format_args!("{line}  [{cause}]")),
            (false, None) => print(line),
        }
    }
    if options.at.is_some() && matches!(options.of, Of::Account(_)) {
        print_state(&events, &names, options.json);
    }
    Ok(())
}

/// The latest calls of an account. A database that no process of this version has served yet does not know of calls.
async fn calls(database: &dyn Database, account: AccountNumber, count: u32) -> Vec<CallId> {
    match call_history::of_account(database, account, count).await {
        Ok(calls) => calls.into_iter().map(|call| call.call).collect(),
        Err(error) => {
            tracing::warn!("calls are left out: {error:#}");
            Vec::new()
        }
    }
}

async fn events(log: &dyn EventLog, category: &str, id: String) -> Result<Vec<Recorded<Event>>> {
    let stream = StreamId::new(category, id);
    let loaded = log.load(&stream, false).await.with_context(|| format!("read {stream}"))?;
    let upcasters = Upcasters::current();
    let mut events = Vec::new();
    for recorded in loaded.events {
        for recorded in upcasters.recorded(recorded)? {
            events.push(codec::decode(recorded)?);
        }
    }
    Ok(events)
}

/// What the people in these events are called. Without the operator's keys they are shown by their ids.
async fn names(config: &Config, events: &[Recorded<Event>]) -> Result<BTreeMap<UserId, String>> {
    let office = match platform::looking_office(config).await {
        Ok(office) => office,
        Err(error) => {
            tracing::warn!("people are shown by their ids: {error:#}");
            return Ok(BTreeMap::new());
        }
    };
    let mut names = BTreeMap::new();
    for user in history::people(events) {
        let person = office
            .person_view(user)
            .await
            .with_context(|| format!("read the name of {}", Numbers.show(user)))?;
        if !person.name.is_empty() {
            names.insert(user, person.name);
        }
    }
    Ok(names)
}

fn print_state(events: &[Recorded<Event>], names: &BTreeMap<UserId, String>, json: bool) {
    let summary = history::summary(&history::state(events), names);
    if json {
        let state: serde_json::Map<String, Value> =
            summary.into_iter().map(|(what, value)| (what.to_owned(), Value::String(value))).collect();
        print(json!({ "state": state }));
        return;
    }
    print("\nAt that moment:");
    for (what, value) in summary {
        print(format_args!("  {what}: {value}"));
    }
}
