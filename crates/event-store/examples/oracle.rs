//! Our side of the comparison with postgres-es, which `tests/oracle` runs: the same script through our dispatcher, and a
//! log of postgres-es imported into ours.
//!
//! `oracle script DATABASE` and `oracle import FROM DATABASE` print the events of the log, one JSON object a line.

#[path = "../../../tests/oracle/src/script.rs"]
#[expect(unreachable_pub, reason = "the other side is a library")]
mod script;

use domain::decider::Decider as _;
use domain::person::Person;
use domain::sip_account::SipAccount;
use event_store::codec::Kept;
use event_store::dispatcher::{Cause, Dispatcher, ExecuteError, Limits};
use event_store::import::{Import, Progress};
use event_store::log::{EventLog, StreamId};
use event_store::open::{OpenOptions, open};
use script::{Ask, Step};
use std::collections::BTreeSet;
use std::error::Error;

type AnyError = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["script", database] => run_script(database).await,
        ["import", from, database] => import(from, database).await,
        _ => Err("oracle script DATABASE | oracle import FROM DATABASE".into()),
    }
}

async fn run_script(database: &str) -> Result<(), AnyError> {
    let opened = open(database, OpenOptions::default()).await?;
    let dispatcher = Dispatcher::new(opened.log.clone(), Limits::default());
    for (number, Step { ask, context }) in script::steps().into_iter().enumerate() {
        let refused = match ask {
            Ask::Account(id, command) => execute::<SipAccount>(&dispatcher, id, command, context).await?,
            Ask::Person(id, command) => execute::<Person>(&dispatcher, id, command, context).await?,
        };
        if let Some(why) = refused {
            say(&script::refusal(number, &why));
        }
    }
    print_log(&*opened.log).await
}

async fn execute<D: Kept + std::fmt::Debug + PartialEq>(
    dispatcher: &Dispatcher,
    id: &str,
    command: D::Command,
    context: domain::log::Context,
) -> Result<Option<String>, AnyError> {
    match dispatcher.execute::<D>(id, command, context, &Cause::default()).await {
        Ok(_) => Ok(None),
        Err(ExecuteError::Refused(refusal)) => Ok(Some(refusal.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn import(from: &str, database: &str) -> Result<(), AnyError> {
    let opened = open(database, OpenOptions::default()).await?;
    let import = Import {
        table: "events".to_owned(),
        places: Limits::default().accounts_per_owner,
        now: domain::scenario::at(0),
    };
    let done = import.run(from, &*opened.log, &|_: &Progress| ()).await?;
    say(&format!("imported {} present {} refused {}", done.imported, done.present, done.refused.len()));
    print_log(&*opened.log).await
}

/// Every stream of the script, event by event. Streams are loaded and not read off the whole log, whose end another
/// program's open transaction on the same server may hide for a moment.
async fn print_log(log: &dyn EventLog) -> Result<(), AnyError> {
    let streams: BTreeSet<(&str, &str)> = script::steps().into_iter().map(|step| stream(&step.ask)).collect();
    for (category, id) in streams {
        for recorded in log.load(&StreamId::new(category, id), false).await?.events {
            let payload = serde_json::from_str(&recorded.event.payload)?;
            let name = &recorded.event.event_type;
            say(&script::event(category, id, recorded.version, name, &payload, recorded.context));
        }
    }
    Ok(())
}

fn stream(ask: &Ask) -> (&'static str, &'static str) {
    match ask {
        Ask::Account(id, _) => (SipAccount::NAME, id),
        Ask::Person(id, _) => (Person::NAME, id),
    }
}

#[expect(clippy::print_stdout, reason = "what it prints is its answer")]
fn say(line: &str) {
    println!("{line}");
}
