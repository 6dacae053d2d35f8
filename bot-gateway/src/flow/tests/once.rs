//! What happens once although updates come twice, late, or after a crash.

use super::stage::{IVAN, OLGA, Stage, presses_of};
use crate::button::Button;
use crate::handler::Handler as _;
use crate::incoming::{Act, Incoming};

#[tokio::test]
async fn a_new_account_is_made_once_though_its_number_is_drawn() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/new").await;
    stage.says(OLGA, "/softphone").await;
    let cards = presses_of(&stage.menu(OLGA).await);
    assert_eq!(cards.iter().filter(|data| data.contains(":acc:")).count(), 1, "{cards:?}");
}

#[tokio::test]
async fn names_are_recorded_when_they_are_news_and_nobody_can_read_them_in_the_database() {
    let mut stage = Stage::new().await;
    stage.says(IVAN, "/start").await;
    let head = stage.log.head().await.unwrap();
    stage.says(IVAN, "/start").await;
    assert_eq!(stage.log.head().await.unwrap(), head, "an old name is no news");
    assert_eq!(stage.office.person_view(IVAN).await.unwrap().name, "Ivan");

    let from = crate::incoming::From { name: "Ioann".to_owned(), ..stage.from(IVAN) };
    let incoming = Incoming { update: 70_000, from, act: Act::Other };
    stage.flow.handle(&incoming, false).await.unwrap();
    assert_eq!(stage.office.person_view(IVAN).await.unwrap().name, "Ioann");
}

#[tokio::test]
async fn who_blocks_the_bot_is_told_nothing_until_they_let_it_in_again() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.does(OLGA, Act::Reach { reachable: false }).await;
    let message = stage.hands_over(OLGA, account, 0).await;
    stage.takes(IVAN, &message).await;
    assert_eq!(stage.notices().await, []);

    stage.does(OLGA, Act::Reach { reachable: true }).await;
    stage.says(IVAN, "/softphone").await;
    stage.presses(IVAN, Button::Account(account)).await;
    stage.presses(IVAN, Button::Delete(account)).await;
    stage.presses(IVAN, Button::DeleteYes(account)).await;
    assert_eq!(stage.notices().await.len(), 1);
}

#[tokio::test]
async fn what_is_over_is_purged() {
    let mut stage = Stage::new().await;
    stage.types(OLGA, "100 secret pbx.example").await;
    stage.advance(chrono::TimeDelta::days(2));
    stage.flow.purge(stage.now()).await.unwrap();
    let count = event_store::sql::Statement::new("SELECT COUNT(*) FROM drafts", []);
    let rows = stage.database.query(count, &[event_store::sql::Type::Int]).await.unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 0);
}
