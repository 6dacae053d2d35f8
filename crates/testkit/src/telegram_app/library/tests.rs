//! Two calls of the library with each other, with this test as the server between them.

use super::*;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// Telegram's group: the 2048-bit prime that its clients know, and 3.
/// <https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication>
const PRIME: &str = "\
    c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed4\
    4cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f\
    3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc4\
    65b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf\
    6f4fadf034b10403119cd8e3b92fcc5b";

fn begin(call: u64, g_a_hash: Option<&str>) -> Value {
    let bytes = |at| PRIME.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let prime: Vec<u8> = (0..PRIME.len()).step_by(2).map_while(bytes).collect();
    assert_eq!(prime.len(), 256);
    let random = BASE64_STANDARD.encode(rand::random::<[u8; 32]>().repeat(8));
    json!({"call": call, "do": "begin", "g": 3, "p": BASE64_STANDARD.encode(prime), "random": random,
        "g_a_hash": g_a_hash})
}

/// Carries what one end says to the other until both hear each other's tone.
async fn both_hear(seat: &mut Seat, caller: u64, callee: u64) -> Result<()> {
    let connect = |call: u64| json!({"call": call, "do": "connect", "servers": [], "versions": ["13.0.0"], "p2p": true});
    let say = |call: u64| json!({"call": call, "do": "say", "hz": if call == caller { 440 } else { 700 }});
    seat.order(begin(caller, None)).await?;
    let mut heard = BTreeMap::new();
    while heard.len() < 2 {
        let (call, told) = seat.told().await.context("the library lives")?;
        let other = if call == caller { callee } else { caller };
        let orders = match told {
            Told::Offer { bytes } if call == caller => vec![begin(callee, Some(&bytes))],
            Told::Offer { bytes } => {
                vec![json!({"call": caller, "do": "agree", "g_a_or_b": bytes, "fingerprint": "0"})]
            }
            Told::Agreed { g_a, fingerprint } if call == caller => vec![
                json!({"call": callee, "do": "agree", "g_a_or_b": g_a, "fingerprint": fingerprint}),
                say(caller),
                connect(caller),
            ],
            Told::Agreed { .. } => vec![say(callee), connect(callee)],
            Told::Signal { data } => vec![json!({"call": other, "do": "signal", "data": data})],
            Told::Heard(it) => {
                let wanted = if call == caller { 700.0 } else { 440.0 };
                if it.hz.is_some_and(|hz| (hz - wanted).abs() < 3.0) {
                    heard.insert(call, it);
                }
                Vec::new()
            }
            Told::Failed { words } => bail!("{words}"),
            Told::State { .. } | Told::FirstSound { .. } | Told::Emoji { .. } => Vec::new(),
        };
        for order in orders {
            seat.order(order).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telegram_calls_of_one_process_agree_on_keys_and_hear_each_other() {
    let Some(python) = python() else {
        let is_required = std::env::var("REQUIRE_CLIENTS").is_ok_and(|it| it == "1");
        assert!(!is_required, "{PYTHON} does not name a Python with ntgcalls");
        eprintln!("skipped: {PYTHON} does not name a Python with ntgcalls; `cargo xtask test` sees to it");
        return;
    };
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let library = Library::start(&python, &tasks, stop.clone()).await.unwrap();
    assert!(library.versions.iter().any(|version| version == "13.0.0"), "{:?}", library.versions);
    let mut seat = library.seat();
    let (caller, callee) = (seat.first, seat.first + 1);
    let talk = both_hear(&mut seat, caller, callee);
    tokio::time::timeout(Duration::from_secs(30), talk).await.expect("both are heard").unwrap();
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    assert!(!library.is_alive());
}
