//! Signing in as a client: by code, with a two-step password, by a token, and out again.

use crate::account::{Account, stage};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use grammers_client::{SignInError, tl};
use serde_json::{Value, json};
use tl::functions::{account, auth, updates};

const PHONE: &str = "+888 0000 99";
const NAME: &str = "tandem_calls";

async fn code(stage: &crate::stage::Stage) -> String {
    stage.get(&format!("users/{NAME}/telegram")).await["login_code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_code_is_seen_by_the_person_and_lets_the_client_in() {
    let stage = stage().await;
    let account = Account::new(&stage).await;
    let token = account.client.request_login_code(PHONE, "hash").await.unwrap();
    let wrong = account.client.sign_in(&token, "x").await;
    assert!(matches!(wrong, Err(SignInError::InvalidCode)), "{wrong:?}");
    let user = account.client.sign_in(&token, &code(&stage).await).await.unwrap();
    assert_eq!((user.id().bare_id(), user.username()), (Some(10_099), Some(NAME)));
    assert_eq!(stage.get(&format!("users/{NAME}/telegram")).await.get("login_code"), None::<&Value>);

    let tl::enums::account::Authorizations::Authorizations(sessions) =
        account.ok(&account::GetAuthorizations {}).await;
    assert_eq!(sessions.authorizations.len(), 1);
    account.client.sign_out().await.unwrap();
    let known = (401, "AUTH_KEY_UNREGISTERED".to_owned());
    assert_eq!(account.refused(&updates::GetState {}).await, known);
    account.close().await;
}

#[tokio::test]
async fn a_number_that_nobody_has_gets_no_code() {
    let stage = stage().await;
    let account = Account::new(&stage).await;
    let error = account.client.request_login_code("+1 000", "hash").await.err().unwrap();
    assert!(error.is("PHONE_NUMBER_INVALID"), "{error}");
    account.close().await;
}

#[tokio::test]
async fn a_two_step_password_is_asked_for_and_checked() {
    let stage = stage().await;
    stage.act(NAME, "telegram", json!({"password": "correct horse"})).await;
    let account = Account::new(&stage).await;
    let token = account.client.request_login_code(PHONE, "hash").await.unwrap();
    let Err(SignInError::PasswordRequired(password)) =
        account.client.sign_in(&token, &code(&stage).await).await
    else {
        panic!("no password was asked for")
    };
    let known = (401, "AUTH_KEY_UNREGISTERED".to_owned());
    assert_eq!(account.refused(&updates::GetState {}).await, known, "half is not enough");
    let wrong = account.client.check_password(password, "wrong horse").await;
    assert!(matches!(wrong, Err(SignInError::InvalidPassword(_))), "{wrong:?}");
    let tl::enums::account::Password::Password(password) = account.ok(&account::GetPassword {}).await;
    let password = grammers_client::client::PasswordToken::new(password);
    account.client.check_password(password, "correct horse").await.unwrap();
    account.ok(&updates::GetState {}).await;
    account.close().await;
}

#[tokio::test]
async fn a_token_that_a_person_accepts_lets_the_client_in() {
    let stage = stage().await;
    let mut account = Account::new(&stage).await;
    let export = auth::ExportLoginToken { api_id: 1, api_hash: "hash".to_owned(), except_ids: Vec::new() };
    let tl::enums::auth::LoginToken::Token(token) = account.ok(&export).await else { panic!("no token") };
    let link = format!("tg://login?token={}", BASE64_URL_SAFE_NO_PAD.encode(token.token));
    stage.act(NAME, "telegram", json!({"accept_login": link})).await;
    let told = account.told().await;
    assert!(matches!(told, tl::enums::Update::LoginToken), "{told:?}");
    let tl::enums::auth::LoginToken::Success(_) = account.ok(&export).await else { panic!("not signed in") };
    account.ok(&updates::GetState {}).await;
    assert_eq!(stage.cannot(NAME, "telegram", json!({"accept_login": link})).await, 400);
    account.close().await;
}

#[tokio::test]
async fn a_person_ends_all_sessions() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    stage.act(NAME, "telegram", json!({"end_sessions": true})).await;
    let known = (401, "AUTH_KEY_UNREGISTERED".to_owned());
    assert_eq!(account.refused(&updates::GetState {}).await, known);
    account.close().await;
}
