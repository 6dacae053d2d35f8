//! Hundreds of Telegram calls in one engine: how many are admitted, and that the system lets them in.

use crate::media::{Engine, EngineConfig, EngineError};
use std::num::NonZeroUsize;
use std::process::Command;
use tgcalls::call::Config;
use tgcalls::key::{CallKey, Role};
use tgcalls::version::Signalling;

const CALLS: usize = 300;

/// Set in the process that may open few files.
const INSIDE: &str = "TANDEM_TEST_FEW_FILES";

/// Each call has a SIP leg and a Telegram leg, three sockets together.
fn admit_a_crowd() {
    let threads = NonZeroUsize::new(2);
    let config = EngineConfig { threads, capacity: Some(2 * CALLS), ..EngineConfig::loopback() };
    let (engine, _events) = Engine::start(config).unwrap();
    let telegram = |role, beside| {
        let key = CallKey::new([7; 256]);
        let call = Config { role, key, signalling: Signalling::V2, servers: Vec::new(), p2p: true };
        engine.open_telegram(call, beside)
    };
    let mut last = None;
    for number in 0..CALLS {
        let sip = engine.open_rtp(None).unwrap_or_else(|error| panic!("SIP leg {number}: {error}"));
        let role = if number % 2 == 0 { Role::Caller } else { Role::Callee };
        let app = telegram(role, Some(sip.port));
        last = Some(app.unwrap_or_else(|error| panic!("Telegram leg {number}: {error}")));
    }
    assert!(matches!(telegram(Role::Callee, None), Err(EngineError::Full)));
    engine.close(last.unwrap());
    assert!(telegram(Role::Callee, None).is_ok(), "there is room again");
    assert_eq!(engine.load().ports, 2 * CALLS);
}

#[test]
fn hundreds_of_calls_are_admitted_where_a_shell_allows_few_files_and_the_next_is_refused() {
    if std::env::var_os(INSIDE).is_some() {
        return admit_a_crowd();
    }
    let module = module_path!().split_once("::").unwrap().1;
    let own = "hundreds_of_calls_are_admitted_where_a_shell_allows_few_files_and_the_next_is_refused";
    let mut child = Command::new("sh");
    child.args(["-c", "ulimit -S -n 256 && exec \"$0\" --exact \"$1\" --nocapture"]);
    child.arg(std::env::current_exe().unwrap()).arg(format!("{module}::{own}")).env(INSIDE, "1");
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
