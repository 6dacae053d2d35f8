//! What service accounts write: texts, and cards of the bot that they send "via @bot" (product reference 8.2).

use super::api::Api;
use super::call::Trouble;
use super::store::{AccountId, Met, Store};
use crate::call::ids::CallId;
use domain::ids::UserId;
use grammers_tl_types as tl;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// Writers. Each person has one of them, so that what is written to them keeps its order, and one chat in which
/// Telegram is slow holds up few others.
const WRITERS: usize = 16;

/// Errands that may wait at a writer. All this is best effort: past it new ones are let go.
const QUEUE: usize = 256;

/// How long an errand waits for a connection that is made anew.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connections of all accounts. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Apis(Arc<Mutex<BTreeMap<AccountId, Api>>>);

impl Apis {
    pub(super) fn insert(&self, account: AccountId, api: Api) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account, api);
    }

    pub(super) fn remove(&self, account: AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    pub(super) fn get(&self, account: AccountId) -> Option<Api> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }
}

/// Something to be written.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) user: UserId,
    /// Accounts that have met the person so lately that it may not be stored yet.
    pub(super) fresh: Vec<Met>,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Say(String),
    ShowCard { call: CallId, bot: String, query: String },
}

/// Takes errands. They end when it is dropped.
pub(super) struct Chat(Vec<mpsc::Sender<Errand>>);

impl Chat {
    pub(super) fn start(store: &Store, apis: &Apis, tasks: &TaskTracker) -> Self {
        let writer = |_| {
            let (errands, waiting) = mpsc::channel(QUEUE);
            let writer = Writer { store: store.clone(), apis: apis.clone(), bots: HashMap::new() };
            tasks.spawn(writer.run(waiting));
            errands
        };
        Self((0..WRITERS).map(writer).collect())
    }

    pub(super) fn push(&self, errand: Errand) {
        let at = errand.user.0.unsigned_abs() as usize % self.0.len().max(1);
        if self.0.get(at).is_none_or(|writer| writer.try_send(errand).is_err()) {
            tracing::warn!("too much waits to be written to people in Telegram; some of it is not");
        }
    }
}

struct Writer {
    store: Store,
    apis: Apis,
    /// The bots that accounts have looked up.
    bots: HashMap<(AccountId, String), tl::enums::InputUser>,
}

/// Why something was not written. It is never told in clear whose chat it was for.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("no service account that is connected has met the person")]
    Stranger,
    #[error("Telegram said {0:?}")]
    Trouble(Trouble),
    #[error("the bot has no such card")]
    NoResult,
    #[error("the database can't be read")]
    Fault(#[from] event_store::log::Fault),
}

impl From<Trouble> for NotDone {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Writer {
    async fn run(mut self, mut errands: mpsc::Receiver<Errand>) {
        while let Some(errand) = errands.recv().await {
            match self.go(errand).await {
                Ok(()) => {}
                // Nobody has to write to a service account; the card is in the bot's own chat then.
                Err(error @ NotDone::Stranger) => tracing::debug!(%error, "nothing is written"),
                Err(error) => tracing::warn!(%error, "a service account could not write"),
            }
        }
    }

    async fn go(&mut self, errand: Errand) -> Result<(), NotDone> {
        let user = errand.user;
        match errand.what {
            What::Say(words) => {
                let (met, api) = self.account(user, errand.fresh).await?;
                let request = message(peer(user, met), words);
                api.ask_for(PATIENCE, &request).await?;
                Ok(())
            }
            What::ShowCard { call, bot, query } => {
                let (met, api) = self.account(user, errand.fresh).await?;
                self.store.card_begun(call, met.account).await?;
                let message = self.show(&api, met, user, &bot, query).await?;
                self.store.card_sent(call, message).await?;
                Ok(())
            }
        }
    }

    /// The account that the person knows, among those that are connected.
    async fn account(&self, user: UserId, fresh: Vec<Met>) -> Result<(Met, Api), NotDone> {
        let mut known = self.store.acquaintances(user).await?;
        known.extend(fresh);
        let found = known.into_iter().find_map(|met| Some((met, self.apis.get(met.account)?)));
        found.ok_or(NotDone::Stranger)
    }

    async fn show(
        &mut self,
        api: &Api,
        met: Met,
        user: UserId,
        bot: &str,
        query: String,
    ) -> Result<i32, NotDone> {
        let bot = self.bot(api, met.account, bot).await?;
        let peer = peer(user, met);
        let request = tl::functions::messages::GetInlineBotResults {
            bot,
            peer: peer.clone(),
            geo_point: None,
            query,
            offset: String::new(),
        };
        let tl::enums::messages::BotResults::Results(results) = api.ask_for(PATIENCE, &request).await?;
        let id = results.results.first().map(result_id).ok_or(NotDone::NoResult)?;
        let random_id = rand::random();
        let request = tl::functions::messages::SendInlineBotResult {
            silent: false,
            background: false,
            clear_draft: false,
            hide_via: false,
            peer,
            reply_to: None,
            random_id,
            query_id: results.query_id,
            id,
            schedule_date: None,
            send_as: None,
            quick_reply_shortcut: None,
            allow_paid_stars: None,
        };
        let updates = api.ask_for(PATIENCE, &request).await?;
        sent_id(&updates, random_id).ok_or(NotDone::Trouble(Trouble::Nonsense))
    }

    async fn bot(
        &mut self,
        api: &Api,
        account: AccountId,
        bot: &str,
    ) -> Result<tl::enums::InputUser, NotDone> {
        let key = (account, bot.trim_start_matches('@').to_owned());
        if let Some(known) = self.bots.get(&key) {
            return Ok(known.clone());
        }
        let request = tl::functions::contacts::ResolveUsername { username: key.1.clone(), referer: None };
        let tl::enums::contacts::ResolvedPeer::Peer(found) = api.ask_for(PATIENCE, &request).await?;
        let bot = found.users.into_iter().find_map(|user| match user {
            tl::enums::User::User(user) => {
                Some(tl::types::InputUser { user_id: user.id, access_hash: user.access_hash? })
            }
            tl::enums::User::Empty(_) => None,
        });
        let bot: tl::enums::InputUser = bot.ok_or(NotDone::NoResult)?.into();
        self.bots.insert(key, bot.clone());
        Ok(bot)
    }
}

fn peer(user: UserId, met: Met) -> tl::enums::InputPeer {
    tl::types::InputPeerUser { user_id: user.0, access_hash: met.access_hash }.into()
}

fn message(peer: tl::enums::InputPeer, message: String) -> tl::functions::messages::SendMessage {
    tl::functions::messages::SendMessage {
        no_webpage: true,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer,
        reply_to: None,
        message,
        random_id: rand::random(),
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    }
}

fn result_id(result: &tl::enums::BotInlineResult) -> String {
    match result {
        tl::enums::BotInlineResult::Result(result) => result.id.clone(),
        tl::enums::BotInlineResult::BotInlineMediaResult(result) => result.id.clone(),
    }
}

/// The number that a message of ours got.
fn sent_id(updates: &tl::enums::Updates, random_id: i64) -> Option<i32> {
    let updates = match updates {
        tl::enums::Updates::Updates(it) => &it.updates[..],
        tl::enums::Updates::Combined(it) => &it.updates[..],
        tl::enums::Updates::UpdateShort(it) => std::slice::from_ref(&it.update),
        tl::enums::Updates::UpdateShortSentMessage(it) => return Some(it.id),
        tl::enums::Updates::TooLong
        | tl::enums::Updates::UpdateShortMessage(_)
        | tl::enums::Updates::UpdateShortChatMessage(_) => return None,
    };
    updates.iter().find_map(|update| {
        if let tl::enums::Update::MessageId(update) = update
            && update.random_id == random_id
        {
            return Some(update.id);
        }
        None
    })
}
