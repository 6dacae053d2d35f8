//! Whatever people do and however a bot polls, each update reaches it once it asks, in order, and never after it was
//! confirmed.

use crate::stage::{BOT, Stage};
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
enum Step {
    Write(usize),
    /// Read at most so many, and confirm that many of them.
    Poll(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_usize).prop_map(Step::Write),
        (1..5_usize, 0..5_usize).prop_map(|(n, m)| Step::Poll(n, m))
    ]
}

fn texts(updates: &Value) -> Vec<String> {
    let text = |update: &Value| update["message"]["text"].as_str().unwrap().to_owned();
    updates.as_array().unwrap().iter().map(text).collect()
}

async fn run(steps: Vec<Step>) {
    let stage = Stage::started().await;
    let mut waiting: Vec<String> = Vec::new();
    let mut offset = 0;
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Write(who) => {
                let text = format!("text {number}");
                let person = ["olga", "ivan", "petr"][who];
                stage.act(person, "message", json!({"chat": BOT, "text": text})).await;
                waiting.push(text);
            }
            Step::Poll(limit, confirm) => {
                let updates = stage.bot("getUpdates", json!({"offset": offset, "limit": limit})).await;
                let expected: Vec<String> = waiting.iter().take(limit).cloned().collect();
                assert_eq!(texts(&updates), expected);
                let confirm = confirm.min(expected.len());
                if let Some(last) = confirm.checked_sub(1) {
                    offset = updates[last]["update_id"].as_i64().unwrap() + 1;
                    waiting.drain(..confirm);
                }
            }
        }
    }
    let rest = stage.bot("getUpdates", json!({"offset": offset})).await;
    assert_eq!(texts(&rest), waiting);
    stage.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_update_is_lost_or_repeated(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
