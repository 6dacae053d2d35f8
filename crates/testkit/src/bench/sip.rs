//! The SIP user agent: ten thousand accounts at Kamailio, and calls that SIPp answers. What the peer spends on the same
//! messages stands beside what we spend.

mod peer;

use crate::tools::clock::now;
use crate::tools::cpu;
use crate::tools::figures::{Report, Target, say};
use anyhow::{Context as _, Result, anyhow, bail};
use peer::Peer;
use sip::{Account, AccountKey, CallEvent, Config, Event, Invite, RegistrationState, UserAgent};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

/// Calls under way at one time.
const AT_ONCE: u64 = 200;

/// Nothing happens for so long: something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

const OFFER: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";

/// Measures both.
///
/// # Errors
///
/// A peer is missing or does not answer, or something is refused.
pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let (accounts, calls) = if report.quick { (1_000, 500) } else { (10_000, 10_000) };
    say("registrations at Kamailio");
    registrations(report, accounts).await?;
    say("calls that SIPp answers");
    self::calls(report, calls).await
}

async fn registrations(report: &mut Report, count: u64) -> Result<()> {
    let kamailio = Peer::kamailio().await?;
    let (stop, agent, mut events) = agent().await?;
    let memory = cpu::resident();
    let (start, ours, theirs) = (now(), spent(), kamailio.spent());
    for n in 0..count {
        let login = (100_000 + n).to_string();
        let mut account = Account::new(login.clone(), format!("pw{login}").into(), "pbx.test");
        account.proxy = Some(kamailio.address.to_string());
        agent.register(AccountKey(n), account).map_err(|error| anyhow!("register: {error}"))?;
    }
    let mut up = 0;
    while up < count {
        match next(&mut events).await? {
            Event::Registration { state: RegistrationState::Registered { .. }, .. } => up += 1,
            Event::Registration { .. } | Event::Incoming { .. } | Event::Call { .. } => {}
        }
    }
    let (rate, ours, theirs) = (per_second(count, start), spent() - ours, kamailio.spent() - theirs);
    let bytes = cpu::resident().saturating_sub(memory) / count;
    stop.cancel();
    agent.closed().await;
    let name = format!("{count} accounts registered, challenge and answer");
    report.add(name, rate, "1/s", None, Target::ValueAtLeast(4_000.0));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    report.add(
        "CPU for a registration (ratio: Kamailio's)",
        each(ours, count),
        "µs",
        Some(ratio),
        Target::None,
    );
    report.add("registrations a core", 1e6 / each(ours, count), "1/s", None, Target::None);
    report.add("memory for an account", bytes as f64 / 1000.0, "kB", None, Target::ValueAtMost(20.0));
    Ok(())
}

async fn calls(report: &mut Report, count: u64) -> Result<()> {
    let sipp = Peer::sipp().await?;
    let (stop, agent, mut events) = agent().await?;
    let mut account = Account::new("load", String::new().into(), "pbx.test");
    account.proxy = Some(sipp.address.to_string());
    account.register = false;
    agent.register(AccountKey(0), account).map_err(|error| anyhow!("add an account: {error}"))?;
    let (start, ours, theirs) = (now(), spent(), sipp.spent());
    let (mut begun, mut ended, mut answered) = (0, 0, 0);
    while ended < count {
        while begun < count && begun - ended < AT_ONCE {
            let to = "sip:load@pbx.test".parse().map_err(|error| anyhow!("an address: {error}"))?;
            agent.call(AccountKey(0), Invite::new(to, OFFER)).map_err(|error| anyhow!("call: {error}"))?;
            begun += 1;
        }
        let Event::Call { id, event } = next(&mut events).await? else { continue };
        if let CallEvent::Answered { .. } = event {
            answered += 1;
            if let Some(call) = agent.find(id) {
                call.hang_up("done").map_err(|error| anyhow!("hang up: {error}"))?;
            }
        } else if let CallEvent::Ended { .. } = event {
            ended += 1;
        }
    }
    let (rate, ours, theirs) = (per_second(count, start), spent() - ours, sipp.spent() - theirs);
    stop.cancel();
    agent.closed().await;
    if answered != count {
        bail!("only {answered} of {count} calls were answered");
    }
    report.add(format!("{count} calls set up and ended"), rate, "1/s", None, Target::None);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    report.add("CPU for a call (ratio: SIPp's)", each(ours, count), "µs", Some(ratio), Target::None);
    report.add("calls a core", 1e6 / each(ours, count), "1/s", None, Target::None);
    Ok(())
}

async fn agent() -> Result<(CancellationToken, UserAgent, Receiver<Event>)> {
    let stop = CancellationToken::new();
    let (agent, events) =
        UserAgent::start(Config::loopback(), stop.clone()).await.context("start the agent")?;
    Ok((stop, agent, events))
}

async fn next(events: &mut Receiver<Event>) -> Result<Event> {
    let event = tokio::time::timeout(PATIENCE, events.recv()).await.context("nothing happens any more")?;
    event.context("the agent has ended")
}

/// CPU time of this process so far.
fn spent() -> Duration {
    cpu::of_process(std::process::id())
}

fn each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

fn per_second(count: u64, since: std::time::Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}
