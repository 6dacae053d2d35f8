//! `tandem history`: what happened to one account, for support.

use super::print;
use crate::config::Config;
use crate::platform;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use domain::Event;
use domain::ids::{AccountNumber, UserId};
use domain::log::Recorded;
use event_store::codec::{self, Upcasters};
use event_store::log::{EventLog, StreamId};
use projections::history::{self, At, Names as _, Numbers};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which account, and up to where.
#[derive(Args)]
pub(crate) struct Options {
    /// The account's number, nine digits.
    account: AccountNumber,
    /// Only up to this moment (2026-01-31, 2026-01-31T10:05, UTC) or position (0-0-42), with the account as it stood
    /// then.
    #[arg(long, value_name = "TIME|POSITION")]
    at: Option<At>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Prints it.
///
/// # Errors
///
/// There is no such account, or the log can't be read.
pub(crate) async fn print_history(config: &Config, options: &Options) -> Result<()> {
    let (opened, _) = platform::look(config).await?;
    let mut events = events(&*opened.log, options.account).await?;
    if let Some(at) = options.at {
        events = history::up_to(events, at);
    }
    if events.is_empty() {
        bail!("nothing happened to account {} up to then", options.account);
    }
    let names = names(config, &events).await?;
    for line in history::lines(&events, &names) {
        match (options.json, &line.cause) {
            (true, _) => print(serde_json::to_string(&line)?),
            (false, Some(cause)) => print(format_args!("{line}  [{cause}]")),
            (false, None) => print(line),
        }
    }
    if options.at.is_some() {
        print_state(&events, &names, options.json);
    }
    Ok(())
}

async fn events(log: &dyn EventLog, account: AccountNumber) -> Result<Vec<Recorded<Event>>> {
    let stream = StreamId::new("sip_account", account.to_string());
    let loaded = log.load(&stream, false).await.context("read the account's stream")?;
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
