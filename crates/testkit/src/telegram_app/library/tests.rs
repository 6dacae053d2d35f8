//! Two calls of the library with each other, with this test as the server between them.

use super::*;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tgcalls::group::TELEGRAM_PRIME;

fn begin(call: u64, g_a_hash: Option<&str>) -> Value {
    let random = BASE64_STANDARD.encode(rand::random::<[u8; 32]>().repeat(8));
    json!({"call": call, "do": "begin", "g": 3, "p": BASE64_STANDARD.encode(TELEGRAM_PRIME), "random": random,
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
