//! How a service account signs in: by a code that Telegram sends, or by a QR code that another device scans; then, where
//! the account has one, by its two-step password. What a person types stays in memory and is never logged.

mod error;
mod password;
mod recommended;

pub use error::LoginError;
pub use recommended::{Applied, RECOMMENDED, Recommendation};

use super::api::{self, Api};
use super::call::Trouble;
use super::server;
use super::session::Session;
use super::settings::Settings;
use super::store::{AccountId, Store, Who};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use error::refused;
use grammers_mtsender::SenderPool;
use grammers_session::types::UpdatesState;
use grammers_session::updates::UpdatesLike;
use grammers_tl_types as tl;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How long Telegram may take to be reached.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often Telegram may send us on to another data centre. Once is what it does.
const MOVES: usize = 3;

/// Somebody on the way to be signed in.
pub struct Login {
    settings: Settings,
    session: Arc<Session>,
    api: Api,
    updates: mpsc::Receiver<UpdatesLike>,
    _runs: AbortOnDropHandle<()>,
    sent: Option<Sent>,
}

/// A code that is on its way.
struct Sent {
    phone: SecretString,
    hash: String,
}

/// How Telegram sends the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeBy {
    /// As a message from Telegram in the account's other apps.
    App,
    /// As a text message.
    Sms,
    /// A voice tells it on the phone.
    Voice,
    /// By an incoming call whose number ends with the code.
    MissedCall,
    /// By e-mail; the address is shown in part.
    Email(String),
    /// At fragment.com, for anonymous numbers.
    Fragment(String),
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// Signed in.
    Done(Who),
    /// The account has a two-step password.
    Password {
        /// What its owner wrote down to remember it by.
        hint: Option<String>,
    },
}

/// A login by QR code, as it stands.
#[derive(Debug)]
pub enum Qr {
    /// Show this link as a QR code, and ask again with [`Login::wait_for_scan`].
    Show {
        /// `tg://login?token=…`: whoever scans it with their Telegram app lets us in, so it is a secret for as long as it
        /// is good.
        link: SecretString,
        /// When it is no longer good and another one is to be shown.
        until: DateTime<Utc>,
    },
    /// It was scanned.
    Scanned(Step),
}

impl Login {
    /// Connects.
    ///
    /// # Errors
    ///
    /// The file of the test server can't be read.
    pub async fn begin(settings: &Settings, tasks: &TaskTracker) -> Result<Self, LoginError> {
        let session = Arc::new(Session::new());
        if let Some(file) = &settings.test_server {
            server::direct(&session, file).await.map_err(LoginError::TestServer)?;
        }
        let SenderPool { runner, handle, updates } =
            SenderPool::with_configuration(session.clone(), settings.api_id, api::connection());
        let runs = AbortOnDropHandle::new(tasks.spawn(runner.run()));
        let api = Api::new(session.clone());
        api.set_connection(Some(handle.thin));
        Ok(Self { settings: settings.clone(), session, api, updates, _runs: runs, sent: None })
    }

    /// Has Telegram send a code to the account with this number.
    ///
    /// # Errors
    ///
    /// Telegram refuses, or can't be reached.
    pub async fn send_code(&mut self, phone: &SecretString) -> Result<CodeBy, LoginError> {
        let request = tl::functions::auth::SendCode {
            phone_number: phone.expose_secret().to_owned(),
            api_id: self.settings.api_id,
            api_hash: self.settings.api_hash.expose_secret().to_owned(),
            settings: tl::types::CodeSettings {
                allow_flashcall: false,
                current_number: false,
                allow_app_hash: false,
                allow_missed_call: false,
                allow_firebase: false,
                logout_tokens: None,
                token: None,
                app_sandbox: None,
                unknown_number: false,
            }
            .into(),
        };
        match self.ask_at_home(&request).await? {
            tl::enums::auth::SentCode::Code(code) => {
                let by = code_by(code.r#type)?;
                self.sent = Some(Sent { phone: phone.clone(), hash: code.phone_code_hash });
                Ok(by)
            }
            tl::enums::auth::SentCode::Success(_) => Err(LoginError::Unexpected("no code was needed".into())),
            tl::enums::auth::SentCode::PaymentRequired(_) => Err(LoginError::Payment),
        }
    }

    /// Takes the code.
    ///
    /// # Errors
    ///
    /// The code is wrong or too old, or the number has no account.
    pub async fn enter_code(&mut self, code: &SecretString) -> Result<Step, LoginError> {
        let Some(sent) = &self.sent else { return Err(LoginError::NoCode) };
        let digits: String =
            code.expose_secret().chars().filter(|it| !it.is_whitespace() && *it != '-').collect();
        let request = tl::functions::auth::SignIn {
            phone_number: sent.phone.expose_secret().to_owned(),
            phone_code_hash: sent.hash.clone(),
            phone_code: Some(digits),
            email_verification: None,
        };
        self.let_in(&request).await
    }

    /// Takes the two-step password.
    ///
    /// # Errors
    ///
    /// It is wrong.
    pub async fn enter_password(&mut self, password: SecretString) -> Result<Who, LoginError> {
        let theirs = self.ask(&tl::functions::account::GetPassword {}).await?;
        let srp = password::answer(theirs, password).await?;
        match self.let_in(&tl::functions::auth::CheckPassword { password: srp }).await? {
            Step::Done(who) => Ok(who),
            Step::Password { .. } => Err(LoginError::WrongPassword),
        }
    }

    /// Begins, or goes on with, a login by QR code: what to show, or that it was scanned.
    ///
    /// # Errors
    ///
    /// Telegram refuses, or can't be reached.
    pub async fn qr(&mut self) -> Result<Qr, LoginError> {
        let request = tl::functions::auth::ExportLoginToken {
            api_id: self.settings.api_id,
            api_hash: self.settings.api_hash.expose_secret().to_owned(),
            except_ids: Vec::new(),
        };
        let mut answer = self.api.ask_for(PATIENCE, &request).await;
        // The account may be at home in another data centre.
        for _ in 0..MOVES {
            let Ok(tl::enums::auth::LoginToken::MigrateTo(other)) = &answer else { break };
            self.session.set_home(other.dc_id);
            let request = tl::functions::auth::ImportLoginToken { token: other.token.clone() };
            answer = self.api.ask_for(PATIENCE, &request).await;
        }
        match answer {
            Ok(tl::enums::auth::LoginToken::Token(token)) => {
                let link = format!("tg://login?token={}", URL_SAFE_NO_PAD.encode(&token.token));
                let until = DateTime::from_timestamp(token.expires.into(), 0).unwrap_or_default();
                Ok(Qr::Show { link: link.into(), until })
            }
            Ok(tl::enums::auth::LoginToken::Success(success)) => {
                self.signed_in(success.authorization).map(|who| Qr::Scanned(Step::Done(who)))
            }
            Ok(tl::enums::auth::LoginToken::MigrateTo(_)) => {
                Err(LoginError::Unexpected("sent from one data centre to the next".into()))
            }
            Err(Trouble::Refused { words, .. }) if words == "SESSION_PASSWORD_NEEDED" => {
                self.password_step().await.map(Qr::Scanned)
            }
            Err(trouble) => Err(refused(trouble)),
        }
    }

    /// Waits until somebody has scanned the code, at most for so long. Then ask [`Login::qr`] again.
    pub async fn wait_for_scan(&mut self, at_most: Duration) {
        let end = Instant::now() + at_most;
        while let Ok(Some(update)) = timeout_at(end, self.updates.recv()).await {
            if is_scan(&update) {
                return;
            }
        }
    }

    /// Applies the recommended settings, each for itself.
    pub async fn recommend(&self) -> Vec<Applied> {
        recommended::apply(&self.api).await
    }

    /// Keeps the account that has signed in. `tandem serve` connects it within seconds.
    ///
    /// # Errors
    ///
    /// The database can't be written, or Telegram can't be reached.
    pub async fn keep(&self, store: &Store, who: &Who) -> Result<AccountId, LoginError> {
        // Whatever people write from now on is read, even before the account is connected for the first time.
        let tl::enums::updates::State::State(state) = self.ask(&tl::functions::updates::GetState {}).await?;
        let tl::types::updates::State { pts, qts, date, seq, .. } = state;
        self.session.set_heard(UpdatesState { pts, qts, date, seq, channels: Vec::new() });
        store.keep(who, &self.session).await.map_err(LoginError::Fault)
    }

    async fn let_in<R>(&mut self, request: &R) -> Result<Step, LoginError>
    where
        R: tl::RemoteCall<Return = tl::enums::auth::Authorization>,
    {
        match self.api.ask_for(PATIENCE, request).await {
            Ok(authorization) => self.signed_in(authorization).map(Step::Done),
            Err(Trouble::Refused { words, .. }) if words == "SESSION_PASSWORD_NEEDED" => {
                self.password_step().await
            }
            Err(trouble) => Err(refused(trouble)),
        }
    }

    async fn password_step(&self) -> Result<Step, LoginError> {
        let tl::enums::account::Password::Password(password) =
            self.ask(&tl::functions::account::GetPassword {}).await?;
        Ok(Step::Password { hint: password.hint })
    }

    fn signed_in(&self, authorization: tl::enums::auth::Authorization) -> Result<Who, LoginError> {
        let user = match authorization {
            tl::enums::auth::Authorization::Authorization(it) => it.user,
            tl::enums::auth::Authorization::SignUpRequired(_) => return Err(LoginError::NotRegistered),
        };
        let tl::enums::User::User(user) = user else { return Err(LoginError::NotRegistered) };
        if user.bot {
            return Err(LoginError::Bot);
        }
        self.session.set_me(user.id);
        let typed = self.sent.as_ref().map(|sent| sent.phone.clone());
        let phone = user.phone.map_or_else(|| typed.unwrap_or_default(), |phone| format!("+{phone}").into());
        let name = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let active = |it: &tl::enums::Username| match it {
            tl::enums::Username::Username(it) => it.active.then(|| it.username.clone()),
        };
        let username = user.username.or_else(|| user.usernames.unwrap_or_default().iter().find_map(active));
        Ok(Who { user: UserId(user.id), name, username, phone })
    }

    async fn ask<R: tl::RemoteCall>(&self, request: &R) -> Result<R::Return, LoginError> {
        self.api.ask_for(PATIENCE, request).await.map_err(refused)
    }

    /// Asks, and goes to the data centre where the account is at home, if Telegram says so.
    async fn ask_at_home<R: tl::RemoteCall>(&self, request: &R) -> Result<R::Return, LoginError> {
        match self.api.ask_for(PATIENCE, request).await {
            Err(Trouble::Refused { code: 303, words }) => {
                let home = words.rsplit('_').next().and_then(|number| number.parse().ok());
                self.session.set_home(home.ok_or(LoginError::Unexpected(words))?);
                self.ask(request).await
            }
            answer => answer.map_err(refused),
        }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Ends the session of an account at Telegram, so that its key is worth nothing any more.
///
/// # Errors
///
/// Telegram refuses or can't be reached, or the session can't be read. The account is still kept then.
pub async fn sign_out(
    settings: &Settings,
    store: &Store,
    account: AccountId,
    tasks: &TaskTracker,
) -> Result<(), LoginError> {
    let Some((api, _runs)) = connect(settings, store, account, tasks).await? else { return Ok(()) };
    match api.ask_for(PATIENCE, &tl::functions::auth::LogOut {}).await {
        Ok(_) => Ok(()),
        Err(trouble) if trouble.is_signed_out() => Ok(()),
        Err(trouble) => Err(refused(trouble)),
    }
}

/// Applies the recommended settings to an account that has signed in before; nothing, if there is no such account.
///
/// # Errors
///
/// The session can't be read.
pub async fn recommend(
    settings: &Settings,
    store: &Store,
    account: AccountId,
    tasks: &TaskTracker,
) -> Result<Vec<Applied>, LoginError> {
    let Some((api, _runs)) = connect(settings, store, account, tasks).await? else { return Ok(Vec::new()) };
    Ok(recommended::apply(&api).await)
}

/// Connects an account that is kept, for as long as the second part lives.
async fn connect(
    settings: &Settings,
    store: &Store,
    account: AccountId,
    tasks: &TaskTracker,
) -> Result<Option<(Api, AbortOnDropHandle<()>)>, LoginError> {
    let Some(session) = store.session(account).await.map_err(LoginError::Fault)? else { return Ok(None) };
    let session = Arc::new(session);
    if let Some(file) = &settings.test_server {
        server::direct(&session, file).await.map_err(LoginError::TestServer)?;
    }
    let pool = SenderPool::with_configuration(session.clone(), settings.api_id, api::connection());
    let runs = AbortOnDropHandle::new(tasks.spawn(pool.runner.run()));
    let api = Api::new(session);
    api.set_connection(Some(pool.handle.thin));
    Ok(Some((api, runs)))
}

fn is_scan(update: &UpdatesLike) -> bool {
    let UpdatesLike::Updates(updates) = update else { return false };
    let updates = match updates {
        tl::enums::Updates::UpdateShort(it) => std::slice::from_ref(&it.update),
        tl::enums::Updates::Updates(it) => &it.updates[..],
        tl::enums::Updates::Combined(it) => &it.updates[..],
        tl::enums::Updates::TooLong
        | tl::enums::Updates::UpdateShortMessage(_)
        | tl::enums::Updates::UpdateShortChatMessage(_)
        | tl::enums::Updates::UpdateShortSentMessage(_) => return false,
    };
    updates.iter().any(|update| matches!(update, tl::enums::Update::LoginToken))
}

/// How a code comes that can be typed here.
fn code_by(kind: tl::enums::auth::SentCodeType) -> Result<CodeBy, LoginError> {
    use tl::enums::auth::SentCodeType;
    match kind {
        SentCodeType::App(_) => Ok(CodeBy::App),
        SentCodeType::Sms(_) | SentCodeType::SmsWord(_) | SentCodeType::SmsPhrase(_) => Ok(CodeBy::Sms),
        SentCodeType::Call(_) => Ok(CodeBy::Voice),
        SentCodeType::FlashCall(_) | SentCodeType::MissedCall(_) => Ok(CodeBy::MissedCall),
        SentCodeType::EmailCode(email) => Ok(CodeBy::Email(email.email_pattern)),
        SentCodeType::FragmentSms(fragment) => Ok(CodeBy::Fragment(fragment.url)),
        SentCodeType::SetUpEmailRequired(_) => Err(LoginError::EmailFirst),
        SentCodeType::FirebaseSms(_) => Err(LoginError::OfficialAppFirst),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_waited_for_where_none_comes_that_can_be_typed() {
        let email = tl::types::auth::SentCodeTypeSetUpEmailRequired {
            apple_signin_allowed: false,
            google_signin_allowed: false,
        };
        let refused = code_by(email.into()).expect_err("an address is wanted");
        assert!(refused.to_string().contains("e-mail"), "{refused}");
        let app = tl::types::auth::SentCodeTypeApp { length: 5 };
        assert_eq!(code_by(app.into()).expect("a code comes"), CodeBy::App);
    }
}
