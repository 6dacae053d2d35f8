//! Assign and transfer an existing account, there and back (product reference 5.1, 5.2, 5.3 T1 to T14).

use super::stage::{ANNA, IVAN, OLGA, PETR, Stage, offer_of, presses_of, queries_of};
use crate::button::Button;
use crate::incoming::Place;
use chrono::TimeDelta;

const ASSIGN: usize = 0;
const TRANSFER: usize = 1;

#[tokio::test]
async fn an_assigned_account_stays_its_owners_and_is_used_by_the_taker() {
    let mut stage = Stage::new().await;
    stage.says(IVAN, "/start").await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, ASSIGN).await;

    let answer = stage.takes(IVAN, &message).await;

    assert!(!answer.alert, "{answer:?}");
    assert_eq!(answer.url, None, "Ivan knows the bot");
    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(IVAN)));
    assert_eq!(offer_of(&stage.inline[&message]), None, "there is nothing to take any more");
    let told = stage.notices().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, OLGA, "the offerer is told");
}

#[tokio::test]
async fn a_transferred_account_is_the_takers_and_gone_from_the_senders_list() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;

    stage.takes(IVAN, &message).await;

    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(IVAN), Some(IVAN)));
    stage.says(OLGA, "/softphone").await;
    let card = Button::Account(account).to_string();
    assert!(!presses_of(&stage.menu(OLGA).await).contains(&card));
    stage.says(IVAN, "/softphone").await;
    assert!(presses_of(&stage.menu(IVAN).await).contains(&card));
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn the_taker_is_led_to_the_bot_when_they_never_opened_it() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let (_, offer) = stage.offer_in(&message);

    let answer = stage.takes(IVAN, &message).await;

    let url = answer.url.expect("the press opens the bot");
    assert_eq!(stage.account(account).await.owner(), Some(IVAN), "it is taken all the same");
    let payload = url.strip_prefix("https://t.me/tandem_bot?start=").expect("a link to the bot");
    stage.says(IVAN, &format!("/start {payload}")).await;
    assert_eq!(stage.account_on_screen(IVAN).await, account);
    assert!(payload.ends_with(offer.as_str()));
}

#[tokio::test]
async fn a_second_press_is_told_that_somebody_was_faster() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let take = presses_of(&stage.inline[&message])[0].clone();
    stage.takes(IVAN, &message).await;

    let late = stage.presses_at(PETR, Place::Inline(message), &take).await;

    assert!(late.alert, "{late:?}");
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn an_offer_ends_after_five_minutes() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    stage.advance(TimeDelta::minutes(5));

    let late = stage.takes(IVAN, &message).await;

    assert!(late.alert, "{late:?}");
    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    assert_eq!(offer_of(&stage.inline[&message]), None, "the message says that it is over");
}

#[tokio::test]
async fn the_senders_own_press_calls_a_transfer_back() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let take = presses_of(&stage.inline[&message])[0].clone();

    let own = stage.takes(OLGA, &message).await;

    assert!(!own.alert, "{own:?}");
    let late = stage.presses_at(IVAN, Place::Inline(message), &take).await;
    assert!(late.alert, "{late:?}");
    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
}

#[tokio::test]
async fn the_sender_calls_an_offer_back_on_the_card() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let (_, offer) = stage.offer_in(&message);
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(account)).await;
    let recall = Button::CancelOffer { account, offer };

    stage.presses(OLGA, recall.clone()).await;

    let card = presses_of(&stage.menu(OLGA).await);
    assert!(card.contains(&Button::Delete(account).to_string()), "the card is still there: {card:?}");
    assert!(!card.contains(&recall.to_string()), "there is nothing left to call back: {card:?}");
    assert_eq!(offer_of(&stage.inline[&message]), None, "the message says that it is over");
}

#[tokio::test]
async fn an_offer_that_was_taken_meanwhile_is_not_called_back_and_the_card_says_how_it_is() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, ASSIGN).await;
    let (_, offer) = stage.offer_in(&message);
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(account)).await;
    stage.takes(IVAN, &message).await;

    let late = stage.presses(OLGA, Button::CancelOffer { account, offer }).await;

    assert!(late.alert, "{late:?}");
    assert!(stage.menu(OLGA).await.html.contains("Ivan"), "who uses it now");
}

#[tokio::test]
async fn an_offer_for_one_person_is_not_for_another() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Transfer(account)).await;
    stage.presses(OLGA, Button::BindTransfer(account)).await;
    stage.picks(OLGA, IVAN).await;
    let menu = stage.menu(OLGA).await;
    let query = queries_of(&menu).into_iter().find(|query| query.contains("for")).expect("a bound offer");
    let results = stage.types(OLGA, &query).await;
    let message = stage.sends(OLGA, &results[TRANSFER]).await;

    let another = stage.takes(PETR, &message).await;
    assert!(another.alert, "{another:?}");
    assert_eq!(stage.account(account).await.owner(), Some(OLGA));

    stage.takes(IVAN, &message).await;
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn knowing_the_number_of_an_account_is_worth_nothing() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    assert_eq!(stage.types(PETR, &format!("acc:{account}")).await, []);
    assert_eq!(stage.types(PETR, &format!("{account} ")).await, []);
    let offer = domain::ids::OfferToken::from_bits([3; 16]);
    let place = Place::Inline("inline-99".to_owned());
    for button in [
        Button::Account(account),
        Button::Apply(account),
        Button::Switch { account, on: false },
        Button::DeleteYes(account),
        Button::Unlink(account),
        Button::Take { account, offer: offer.clone() },
        Button::Undo { account, offer: offer.clone() },
        Button::CancelOffer { account, offer },
    ] {
        let answer = stage.presses_at(PETR, place.clone(), &button.to_string()).await;
        assert!(answer.alert, "{button:?}: {answer:?}");
    }
    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(OLGA)));
}

#[tokio::test]
async fn an_assigned_user_gives_back_by_a_message_that_the_owner_takes() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, ASSIGN).await;
    stage.takes(IVAN, &message).await;
    let back = queries_of(&stage.inline[&message]);
    assert_eq!(back, [format!("{account} ")], "the message has `Transfer back`");

    let results = stage.types(IVAN, &back[0]).await;
    let returned = stage.sends(IVAN, &results[0]).await;
    assert!(stage.takes(PETR, &returned).await.alert, "it goes back to Olga and nobody else");
    stage.takes(OLGA, &returned).await;

    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(OLGA)));
}

#[tokio::test]
async fn a_new_owner_gives_back_by_a_message_that_the_former_one_takes() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    stage.takes(IVAN, &message).await;

    let results = stage.types(IVAN, &format!("{account} ")).await;
    let returned = stage.sends(IVAN, &results[0]).await;
    stage.takes(OLGA, &returned).await;

    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn the_offerer_takes_a_take_back_while_the_account_is_untouched() {
    let mut stage = Stage::new().await;
    stage.says(IVAN, "/start").await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let (_, offer) = stage.offer_in(&message);
    stage.takes(IVAN, &message).await;
    assert_eq!(stage.notices().await.len(), 1);

    stage.presses(OLGA, Button::Undo { account, offer }).await;

    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    let told = stage.notices().await;
    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [IVAN], "the taker is told");
}

#[tokio::test]
async fn a_take_of_an_account_that_was_changed_since_is_not_undone() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let (_, offer) = stage.offer_in(&message);
    stage.takes(IVAN, &message).await;
    stage.notices().await;
    stage.says(IVAN, "/softphone").await;
    stage.presses(IVAN, Button::Account(account)).await;
    stage.presses(IVAN, Button::Switch { account, on: false }).await;

    let undo = stage.presses(OLGA, Button::Undo { account, offer }).await;

    assert!(undo.alert, "{undo:?}");
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn a_take_that_comes_before_the_message_is_known_is_honoured() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    for kind in [ASSIGN, TRANSFER] {
        let results = stage.types(OLGA, &format!("acc:{account}")).await;
        let message = stage.appears(&results[kind]);

        let answer = stage.takes(IVAN, &message).await;
        assert!(!answer.alert, "{answer:?}");
        stage.chosen(OLGA, &results[kind], &message).await;

        assert_eq!(stage.account(account).await.user(), Some(IVAN));
    }
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn of_fifty_takers_one_wins() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;
    let take = presses_of(&stage.inline[&message])[0].clone();

    let race = (0..50).map(|n| {
        let incoming = crate::incoming::Incoming {
            update: 10_000 + n,
            from: crate::incoming::From {
                id: domain::ids::UserId(5_000 + i64::from(n)),
                name: format!("Taker {n}"),
                username: None,
                language_code: None,
            },
            act: crate::incoming::Act::Press {
                id: n.to_string(),
                place: Place::Inline(message.clone()),
                data: take.clone(),
            },
        };
        let flow = &stage.flow;
        async move { crate::handler::Handler::handle(flow, &incoming, false).await.unwrap() }
    });
    let answers = futures::future::join_all(race).await;

    let won = answers.iter().filter(|says| {
        matches!(says.first(), Some(crate::outgoing::Outgoing::AnswerPress { alert: false, .. }))
    });
    assert_eq!(won.count(), 1);
    let owner = stage.account(account).await.owner().expect("it has an owner");
    assert!(owner.0 >= 5_000);
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn who_owns_as_many_as_one_may_takes_no_more_and_the_offer_stays() {
    let mut stage = Stage::with_limit(1).await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.says(IVAN, "/new").await;
    let message = stage.hands_over(OLGA, account, TRANSFER).await;

    let full = stage.takes(IVAN, &message).await;
    assert!(full.alert, "{full:?}");
    assert_eq!(stage.account(account).await.owner(), Some(OLGA));

    stage.takes(ANNA, &message).await;
    assert_eq!(stage.account(account).await.owner(), Some(ANNA));
}
