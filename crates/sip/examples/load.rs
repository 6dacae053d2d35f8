//! How fast and how small the user agent is: registrations at a registrar, and calls to a peer that answers at once.
//!
//! ```sh
//! cargo run --release -p sip --example load -- registrations 127.0.0.1:5080 10000
//! cargo run --release -p sip --example load -- calls 127.0.0.1:5090 2000
//! ```
//!
//! The registrar takes any login whose password is `pw` and the login, in the domain `pbx.test`; the peer of calls answers and
//! waits to be hung up (`sipp -sn uas`). One line of JSON comes out.

use sip::{Account, AccountKey, CallEvent, Config, Event, Invite, RegistrationState, UserAgent};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

/// Calls under way at one time.
const AT_ONCE: u64 = 200;

const OFFER: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [subject, peer, count] = arguments.as_slice() else {
        return Err("say what (registrations or calls), the peer's address, and how many".into());
    };
    let count = count.parse()?;
    let stop = CancellationToken::new();
    let (agent, mut events) = UserAgent::start(Config::loopback(), stop.clone()).await?;
    let line = match subject.as_str() {
        "registrations" => registrations(&agent, &mut events, peer, count).await?,
        "calls" => calls(&agent, &mut events, peer, count).await?,
        _ => return Err("neither registrations nor calls".into()),
    };
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

async fn registrations(
    agent: &UserAgent,
    events: &mut Receiver<Event>,
    peer: &str,
    count: u64,
) -> Result<String, Failure> {
    let memory = resident()?;
    let (start, cpu) = (now(), cpu()?);
    for n in 0..count {
        let login = format!("{}", 100_000 + n);
        let mut account = Account::new(login.clone(), format!("pw{login}").into(), "pbx.test");
        account.proxy = Some(peer.to_owned());
        agent.register(AccountKey(n), account)?;
    }
    let mut up = 0;
    let mut failed = 0;
    while up < count {
        match next(events).await? {
            Event::Registration { state: RegistrationState::Registered { .. }, .. } => up += 1,
            Event::Registration { state: RegistrationState::Failed { .. }, .. } => failed += 1,
            Event::Registration { .. } | Event::Incoming { .. } | Event::Call { .. } => (),
        }
    }
    let wall = start.elapsed().as_secs_f64();
    let used = self::cpu()?.checked_sub(cpu).unwrap_or_default();
    let bytes = (resident()?.saturating_sub(memory)) / count.max(1);
    Ok(format!(
        "{{\"registrations\":{count},\"per_second\":{:.0},\"cpu_us_each\":{:.0},\"bytes_each\":{bytes},\"failed_first\":{failed}}}",
        count as f64 / wall,
        used.as_secs_f64() * 1e6 / count as f64
    ))
}

async fn calls(
    agent: &UserAgent,
    events: &mut Receiver<Event>,
    peer: &str,
    count: u64,
) -> Result<String, Failure> {
    let mut account = Account::new("load", String::new().into(), "pbx.test");
    account.proxy = Some(peer.to_owned());
    account.register = false;
    agent.register(AccountKey(0), account)?;
    let (start, cpu) = (now(), cpu()?);
    let (mut begun, mut ended, mut good) = (0, 0, 0);
    while ended < count {
        while begun < count && begun - ended < AT_ONCE {
            agent.call(AccountKey(0), Invite::new("sip:load@pbx.test".parse()?, OFFER))?;
            begun += 1;
        }
        if let Event::Call { id, event } = next(events).await? {
            if let CallEvent::Answered { .. } = event {
                good += 1;
                if let Some(call) = agent.find(id) {
                    call.hang_up("done")?;
                }
            } else if let CallEvent::Ended { .. } = event {
                ended += 1;
            }
        }
    }
    let wall = start.elapsed().as_secs_f64();
    let used = self::cpu()?.checked_sub(cpu).unwrap_or_default();
    Ok(format!(
        "{{\"calls\":{count},\"answered\":{good},\"per_second\":{:.0},\"cpu_us_each\":{:.0}}}",
        count as f64 / wall,
        used.as_secs_f64() * 1e6 / count as f64
    ))
}

async fn next(events: &mut Receiver<Event>) -> Result<Event, Failure> {
    let event = tokio::time::timeout(Duration::from_secs(60), events.recv()).await;
    Ok(event.map_err(|_| "nothing happens any more")?.ok_or("the agent has ended")?)
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Memory of this process, in bytes.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}

/// Processor time of this process so far; the kernel counts it in hundredths of a second.
fn cpu() -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
}
