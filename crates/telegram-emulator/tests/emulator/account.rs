//! A service account as it really is: an unmodified grammers client that signs in over MTProto.

use crate::stage::Stage;
use grammers_client::{
    Client, InvocationError, SenderPool,
    client::UpdateStream,
    sender::UpdatesConfiguration,
    session::{
        Session, SessionData,
        storages::MemorySession,
        types::{DcOption, UpdateState, UpdatesState},
    },
    tl::{self, functions::updates::GetState},
};
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use telegram_emulator::{Config, Mtproto, SERVICE_ACCOUNT};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client and what it is told.
pub(crate) struct Account {
    pub(crate) client: Client,
    updates: UpdateStream,
    tasks: TaskTracker,
}

/// The demo with its MTProto door open.
pub(crate) async fn stage() -> Stage {
    Stage::with(Config { mtproto: Some(Mtproto::local()), ..Config::demo() }).await
}

fn session(entrance: &Value) -> SessionData {
    let text = |field: &str| entrance[field].as_str().unwrap();
    let SocketAddr::V4(ipv4) = text("address").parse().unwrap() else { panic!("an IPv4 address") };
    let hex = text("auth_key");
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    let ipv6 = std::net::SocketAddrV6::new(ipv4.ip().to_ipv6_mapped(), ipv4.port(), 0, 0);
    let id = i32::try_from(entrance["dc"].as_i64().unwrap()).unwrap();
    let auth_key = Some(std::array::from_fn(byte));
    let mut data = SessionData { home_dc: id, ..SessionData::default() };
    data.dc_options.insert(id, DcOption { id, ipv4, ipv6, auth_key });
    data
}

impl Account {
    /// A client with the first key, which is nobody yet.
    pub(crate) async fn new(stage: &Stage) -> Self {
        Self::with(&stage.get("mtproto").await).await
    }

    /// A client with this key.
    pub(crate) async fn with(entrance: &Value) -> Self {
        let session = Arc::new(MemorySession::from(session(entrance)));
        let SenderPool { runner, updates, handle } = SenderPool::new(Arc::clone(&session), 1);
        let client = Client::new(handle);
        let tasks = TaskTracker::new();
        tasks.spawn(runner.run());
        // Where updates begin, as grammers keeps it after a login.
        if let Ok(tl::enums::updates::State::State(state)) = client.invoke(&GetState {}).await {
            let tl::types::updates::State { pts, qts, date, seq, .. } = state;
            let state = UpdatesState { pts, qts, date, seq, channels: Vec::new() };
            session.set_update_state(UpdateState::All(state)).await.unwrap();
        }
        let updates = client.stream_updates(updates, UpdatesConfiguration { catch_up: true }).await.unwrap();
        Self { client, updates, tasks }
    }

    /// The service account of the demo, signed in without further ado.
    pub(crate) async fn signed_in(stage: &Stage) -> Self {
        let (code, entrance) = stage.post("mtproto/keys", serde_json::json!({"user": SERVICE_ACCOUNT})).await;
        assert_eq!(code, 200, "{entrance}");
        Self::with(&entrance).await
    }

    pub(crate) async fn ok<R: tl::RemoteCall>(&self, request: &R) -> R::Return {
        match self.client.invoke(request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{error}"),
        }
    }

    /// A request that has to be refused; gives Telegram's code and name.
    pub(crate) async fn refused<R: tl::RemoteCall>(&self, request: &R) -> (i32, String) {
        match self.client.invoke(request).await {
            Ok(_) => panic!("it was carried out"),
            Err(InvocationError::Rpc(error)) => (error.code, error.name),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next update.
    pub(crate) async fn told(&mut self) -> tl::enums::Update {
        let next = timeout(PATIENCE, self.updates.next_raw()).await;
        next.expect("an update has to come").unwrap().0
    }

    /// The next update, which has to be about a call.
    pub(crate) async fn told_of_call(&mut self) -> tl::enums::PhoneCall {
        let told = self.told().await;
        let tl::enums::Update::PhoneCall(update) = told else { panic!("{told:?}") };
        update.phone_call
    }

    /// Meets somebody by the user name.
    pub(crate) async fn meets(&self, username: &str) -> tl::types::InputUser {
        let request =
            tl::functions::contacts::ResolveUsername { username: username.to_owned(), referer: None };
        let tl::enums::contacts::ResolvedPeer::Peer(found) = self.ok(&request).await;
        match &found.users[..] {
            [tl::enums::User::User(user)] => {
                tl::types::InputUser { user_id: user.id, access_hash: user.access_hash.unwrap() }
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn close(self) {
        self.client.disconnect();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
