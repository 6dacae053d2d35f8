//! Several processes on PostgreSQL share the work. Without `TANDEM_TEST_POSTGRES` these tests say so and do nothing.

use crate::process::Setup;
use crate::recordings::a_card_moves;
use crate::telegram::{Fault, Telegram, until};
use crate::webhook::{Hook, text, webhook};
use event_store::contract::TestDatabase;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

const OLGA: i64 = 1;

/// Hands over a way to start processes on an empty database and drops it afterwards.
#[expect(clippy::print_stdout, reason = "a test that is left out says so")]
async fn with_setup(test: impl AsyncFnOnce(Setup)) {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        println!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.unwrap();
    let setup = Setup::at(database.address(), &Telegram::start().await);
    let result = AssertUnwindSafe(test(setup)).catch_unwind().await;
    database.drop().await.unwrap();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

#[tokio::test]
async fn a_card_moves_into_an_inline_message_and_back_when_that_is_gone() {
    with_setup(async |setup| a_card_moves(&setup).await).await;
}

#[tokio::test]
async fn a_text_is_answered_once() {
    with_setup(async |setup| {
        let process = setup.start().await;
        setup.telegram.text(OLGA, "hello");
        assert_eq!(setup.telegram.sent(1).await, ["hello"]);
        process.quiet().await;
        assert_eq!(process.count("SELECT count(*) FROM inbox WHERE raw IS NOT NULL").await, 0);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn when_the_process_that_polls_is_killed_another_one_polls_and_does_its_work() {
    with_setup(async |setup| {
        setup.ledger.will_fail("hang on", 1);
        let first = setup.start().await;
        let update = setup.telegram.text(OLGA, "hang on");
        until("it hangs", || setup.ledger.times(update) == 1).await;
        let second = setup.start().await;
        first.kill().await;
        setup.telegram.text(OLGA, "and then");
        assert_eq!(setup.telegram.sent(2).await, ["hang on", "and then"]);
        second.quiet().await;
        assert_eq!(setup.telegram.texts().len(), 2);
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_killed_process_had_to_say_is_said_by_another() {
    with_setup(async |setup| {
        let first = setup.start().await;
        setup.telegram.fails_once("sendMessage", Fault::Refuse(500, "Internal Server Error"));
        setup.telegram.text(OLGA, "hello");
        until("the first attempt", || setup.telegram.texts().len() == 1).await;
        first.kill().await;
        let second = setup.start().await;
        assert_eq!(setup.telegram.sent(2).await, ["hello", "hello"]);
        second.quiet().await;
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn two_processes_that_telegram_calls_by_turns_keep_each_persons_order() {
    with_setup(async |setup| {
        // Every other text takes a while, so that the next one comes to the other process meanwhile.
        let words = |person: i64, n: i64| format!("{person}:{n}{}", if n % 2 == 0 { " slowly" } else { "" });
        let (one, two) =
            (Setup { updates: webhook(), ..setup.clone() }, Setup { updates: webhook(), ..setup.clone() });
        let first = one.start().await;
        let hook_one = Hook::of(&setup.telegram, 0).await;
        let second = two.start().await;
        let hook_two = Hook::of(&setup.telegram, 1).await;
        let people = 5;
        let each = 20;
        for person in 1..=people {
            for n in 0..each {
                let hook = if (n + person) % 2 == 0 { &hook_one } else { &hook_two };
                let number = u32::try_from(n * people + person).unwrap();
                assert_eq!(hook.bring(&text(number, person, &words(person, n))).await, 200);
            }
        }
        let all = usize::try_from(people * each).unwrap();
        let sent = setup.telegram.sent(all).await;
        first.quiet().await;
        assert_eq!(setup.telegram.texts().len(), all, "each once");
        assert_eq!(setup.ledger.handled.lock().unwrap().len(), all, "each by one process");
        for person in 1..=people {
            let heard: Vec<&String> =
                sent.iter().filter(|text| text.starts_with(&format!("{person}:"))).collect();
            let expected: Vec<String> = (0..each).map(|n| words(person, n)).collect();
            assert_eq!(heard, expected.iter().collect::<Vec<_>>());
        }
        first.stop().await;
        second.stop().await;
    })
    .await;
}
