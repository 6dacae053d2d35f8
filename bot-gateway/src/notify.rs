//! Follows the log and tells people what happened to their accounts, in their own language; and changes the messages of
//! offers that ended by themselves.

use crate::flow::views::{server, title};
use crate::office::Office;
use crate::outbox::{Batch, Outbox, Priority};
use crate::outgoing::Outgoing;
use crate::screen::notice::{News, Notice, notice};
use crate::screen::offer::offer_over;
use crate::view::{PersonView, Reader};
use async_trait::async_trait;
use domain::Event;
use domain::decider::Decider as _;
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::log::{Actor, Recorded};
use domain::person;
use domain::sip_account::{self, Grant, OfferKind, SipAccount};
use event_store::blobs::Blobs;
use event_store::log::Fault;
use event_store::reactor::Reactor;
use event_store::sql::Statement;
use event_store::vault::Subject;
use std::sync::Arc;

/// Tells people what happened.
pub struct Notices {
    office: Arc<Office>,
    outbox: Outbox,
    bot: String,
}

/// One event of an account, with the account before and after it.
struct Scene<'a> {
    account: AccountNumber,
    before: SipAccount,
    after: SipAccount,
    event: &'a Recorded<Event>,
}

impl Notices {
    /// Tells through this outbox. `bot` is the bot's user name, without the `@`.
    #[must_use]
    pub fn new(office: Arc<Office>, outbox: Outbox, bot: String) -> Self {
        Self { office, outbox, bot }
    }

    /// Who is told what.
    async fn news(
        &self,
        scene: &Scene<'_>,
        happened: &sip_account::Event,
    ) -> Result<Vec<(UserId, News)>, Fault> {
        use sip_account::Event as Happened;
        let owner = scene.before.owner();
        Ok(match happened {
            Happened::AccountCreated { offer: Some(offer), owner, .. } => {
                let Some(by) = scene.offerer(offer).filter(|by| by != owner) else { return Ok(Vec::new()) };
                let grant = Some(Grant::Give);
                vec![(by, self.taken(OfferKind::Settings, grant, *owner, Some(offer)).await?)]
            }
            Happened::AccountAssigned { offer: Some(offer), user } => {
                let kind = scene.before.offer(offer).map(|found| found.offer().kind);
                let (Some(by), Some(kind)) = (scene.offerer(offer), kind) else { return Ok(Vec::new()) };
                let grant = (kind == OfferKind::Settings).then_some(Grant::Assign);
                let mut news = vec![(by, self.taken(kind, grant, *user, Some(offer)).await?)];
                news.extend(self.displaced(scene, Some(*user)).await?);
                news
            }
            Happened::AccountAssigned { offer: None, user } => {
                let Some(owner) = owner else { return Ok(Vec::new()) };
                let mut news = vec![(*user, News::Assigned { by: self.person(owner).await? })];
                news.extend(self.displaced(scene, Some(*user)).await?);
                news
            }
            Happened::AccountLent { user, until } => {
                let Some(owner) = owner else { return Ok(Vec::new()) };
                let mut news = vec![(*user, News::Lent { by: self.person(owner).await?, until: *until })];
                news.extend(self.displaced(scene, Some(*user)).await?);
                news
            }
            Happened::AccountUnassigned { user } => {
                let Some(owner) = owner else { return Ok(Vec::new()) };
                vec![(*user, News::Unassigned { by: self.person(owner).await? })]
            }
            Happened::LoanEnded { user } => {
                let Some(owner) = owner else { return Ok(Vec::new()) };
                vec![
                    (*user, News::LoanOver { owner: self.person(owner).await? }),
                    (owner, News::LoanEnded { user: self.person(*user).await? }),
                ]
            }
            Happened::AccountTransferred { from, to, offer, .. } => {
                let mut news = vec![(*from, self.taken(OfferKind::Transfer, None, *to, Some(offer)).await?)];
                news.extend(self.displaced(scene, Some(*to)).await?);
                news
            }
            Happened::AccountReturned { from, to, offer, .. } => match offer {
                Some(_) => vec![(*from, self.taken(OfferKind::Return, None, *to, None).await?)],
                None => vec![(*to, News::GivenBack { by: self.person(*from).await? })],
            },
            Happened::AccountTakenAway { from, to, .. } => {
                let by = self.person(*to).await?;
                let mut news = vec![(*from, News::TakenAway { by })];
                news.extend(self.displaced(scene, Some(*to)).await?);
                news
            }
            Happened::TakeUndone { from, to, .. } => {
                vec![(*from, News::TakeUndone { by: self.person(*to).await? })]
            }
            Happened::OfferExpired { offer, kind } => {
                // An offer out of a list that was never sent is told of with its list; a former owner knows what they typed.
                let told = *kind != OfferKind::TakeAway && self.office.message_of(offer).await?.is_some();
                scene.offerer(offer).filter(|_| told).map(|by| (by, News::OfferExpired)).into_iter().collect()
            }
            Happened::AccountDeleted { owner } => {
                let user = scene.before.user().filter(|user| user != owner);
                match user {
                    Some(user) => vec![(user, News::Deleted { by: self.person(*owner).await? })],
                    None => Vec::new(),
                }
            }
            Happened::AccountRegistered { .. } => {
                owner.map(|owner| (owner, News::Registered)).into_iter().collect()
            }
            Happened::RegistrationFailed { code, reason, .. } => {
                let news = News::RegistrationFailed { code: *code, reason: reason.clone() };
                owner.map(|owner| (owner, news)).into_iter().collect()
            }
            Happened::AccountCreated { offer: None, .. }
            | Happened::SettingsOffered { .. }
            | Happened::OfferSent { .. }
            | Happened::AccountRenamed { .. }
            | Happened::LoginChanged { .. }
            | Happened::PasswordChanged { .. }
            | Happened::ServerChanged { .. }
            | Happened::TemplateChosen { .. }
            | Happened::TransportChanged { .. }
            | Happened::CodecsChanged { .. }
            | Happened::DtmfMethodsChanged { .. }
            | Happened::DialRulesChanged { .. }
            | Happened::WorkerChosen { .. }
            | Happened::RecordingChanged { .. }
            | Happened::AccountSwitchedOn
            | Happened::AccountSwitchedOff
            | Happened::SettingsApplied { .. }
            | Happened::AssignmentOffered { .. }
            | Happened::TransferOffered { .. }
            | Happened::ReturnOffered { .. }
            | Happened::TakeAwayOffered { .. }
            | Happened::OfferCancelled { .. } => Vec::new(),
        })
    }

    /// Offers out of a list that nobody sent are told of once, with their list and not one by one.
    async fn list_over(
        &self,
        scene: &Scene<'_>,
        happened: &sip_account::Event,
    ) -> Result<Option<Batch>, Fault> {
        use sip_account::Event as Happened;
        let Happened::OfferExpired { offer, .. } = happened else { return Ok(None) };
        let Some(by) = scene.offerer(offer) else { return Ok(None) };
        let (mut list, mut sent) = (None, false);
        for earlier in self.office.history::<SipAccount>(&scene.event.stream).await? {
            if let Happened::SettingsOffered { offer: made, batch, .. } = &earlier.event
                && made == offer
            {
                list.clone_from(batch);
            }
            sent |= matches!(&earlier.event, Happened::OfferSent { offer: made, .. } if made == offer);
        }
        let Some(list) = list.filter(|_| !sent) else { return Ok(None) };
        let settings = scene.before.settings();
        let server = settings.and_then(server).unwrap_or_default();
        let key = format!("event:list-over/{}", list.0);
        let told = self.tell(scene, by, News::ListOver { batch: list, server }).await?;
        Ok(told.map(|told| self.outbox.batch(&key, Priority::Notice, vec![told])))
    }

    async fn taken(
        &self,
        kind: OfferKind,
        grant: Option<Grant>,
        by: UserId,
        undo: Option<&OfferToken>,
    ) -> Result<News, Fault> {
        Ok(News::Taken { kind, grant, by: self.person(by).await?, undo: undo.cloned() })
    }

    /// Who used the account before somebody else does, and is not told by another event.
    async fn displaced(
        &self,
        scene: &Scene<'_>,
        now: Option<UserId>,
    ) -> Result<Option<(UserId, News)>, Fault> {
        let (Some(owner), Some(user)) = (scene.before.owner(), scene.before.user()) else { return Ok(None) };
        if user == owner || Some(user) == now {
            return Ok(None);
        }
        Ok(Some((user, News::Unassigned { by: self.person(owner).await? })))
    }

    async fn person(&self, user: UserId) -> Result<PersonView, Fault> {
        self.office.person_view(user).await
    }

    /// One piece of news as a message; none for whoever did it, and for people whom the bot may not write to.
    async fn tell(&self, scene: &Scene<'_>, to: UserId, news: News) -> Result<Option<Outgoing>, Fault> {
        if scene.event.context.by == Actor::Person(to) || !self.office.reaches(to).await? {
            return Ok(None);
        }
        let settings = scene.after.settings().or_else(|| scene.before.settings());
        let told = Notice { account: scene.account, title: settings.map(title).unwrap_or_default(), news };
        Ok(Some(Outgoing::to(to, notice(&self.reader(scene, to).await?, &told))))
    }

    /// The message of an offer that ended without a press says so.
    async fn ended(
        &self,
        scene: &Scene<'_>,
        happened: &sip_account::Event,
    ) -> Result<Option<Outgoing>, Fault> {
        let (sip_account::Event::OfferExpired { offer, .. }
        | sip_account::Event::OfferCancelled { offer, .. }) = happened
        else {
            return Ok(None);
        };
        let Some(inline_message) = self.office.message_of(offer).await? else { return Ok(None) };
        // What was shared is still known a moment before the end.
        let at = scene.event.context.at;
        let before = self.office.offer_view(scene.account, &scene.before, offer, at).await?;
        let after = self.office.offer_view(scene.account, &scene.after, offer, at).await?;
        let (Some((view, _)), Some((_, Some(fate)))) = (before, after) else { return Ok(None) };
        let screen = offer_over(&self.reader(scene, view.from.id).await?, &view, &fate);
        Ok(Some(Outgoing::EditInline { inline_message, screen }))
    }

    async fn reader(&self, scene: &Scene<'_>, who: UserId) -> Result<Reader<'_>, Fault> {
        let language = self.office.language_of(who).await?;
        Ok(Reader { language, now: scene.event.context.at, bot: &self.bot })
    }

    async fn scene<'a>(
        &self,
        account: AccountNumber,
        event: &'a Recorded<Event>,
    ) -> Result<Scene<'a>, Fault> {
        let mut before = SipAccount::default();
        let history = self.office.history::<SipAccount>(&event.stream).await?;
        for earlier in history.iter().filter(|earlier| earlier.version < event.version) {
            before.evolve(&earlier.event);
        }
        let mut after = before.clone();
        for this in history.iter().filter(|this| this.version == event.version) {
            after.evolve(&this.event);
        }
        Ok(Scene { account, before, after, event })
    }
}

impl Scene<'_> {
    fn offerer(&self, offer: &OfferToken) -> Option<UserId> {
        self.before.offer(offer).map(|found| found.offer().by)
    }
}

#[async_trait]
impl Reactor for Notices {
    const NAME: &'static str = "notices";

    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        let Some((account, happened)) = about_an_account(event) else { return Ok(Vec::new()) };
        if !is_news(happened) {
            return Ok(Vec::new());
        }
        let scene = self.scene(account, event).await?;
        let mut says: Vec<Outgoing> = self.ended(&scene, happened).await?.into_iter().collect();
        for (to, news) in self.news(&scene, happened).await? {
            says.extend(self.tell(&scene, to, news).await?);
        }
        let told = self.outbox.batch(&format!("event:{}", event.id), Priority::Notice, says);
        let list = self.list_over(&scene, happened).await?;
        Ok([Some(told), list].into_iter().flatten().flat_map(|batch| batch.statements()).collect())
    }

    fn committed(&self) {
        self.outbox.look_again();
    }
}

/// Shreds the keys of accounts that are gone, also of shared settings that nobody took, and of people who asked to be
/// forgotten; what was recorded of those goes with their key.
pub struct Shredder {
    office: Arc<Office>,
    recordings: Blobs,
}

impl Shredder {
    /// Shreds in the office's vault, and in this store of recordings.
    #[must_use]
    pub fn new(office: Arc<Office>, recordings: Blobs) -> Self {
        Self { office, recordings }
    }

    async fn account_may_be_gone(&self, account: AccountNumber) -> Result<(), Fault> {
        match self.office.account(account).await? {
            SipAccount::Deleted(_) => self.office.vault.shred(&Subject::account(account)).await,
            SipAccount::Absent | SipAccount::Offered(_) | SipAccount::Owned(_) => Ok(()),
        }
    }

    async fn person_may_be_gone(&self, person: UserId) -> Result<(), Fault> {
        if self.office.forget(person).await? {
            self.recordings.delete_about(&Subject::person(person)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Reactor for Shredder {
    const NAME: &'static str = "shredder";

    /// Shredding twice is shredding once, so it may happen before the place in the log is kept.
    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        use sip_account::Event as Account;
        match &event.event {
            Event::SipAccount(
                Account::AccountDeleted { .. }
                | Account::OfferExpired { kind: OfferKind::Settings, .. }
                | Account::OfferCancelled { kind: OfferKind::Settings, .. },
            ) => {
                if let Ok(account) = event.stream.parse() {
                    self.account_may_be_gone(account).await?;
                }
            }
            Event::Person(person::Event::PersonErased) => {
                if let Ok(person) = event.stream.parse() {
                    self.person_may_be_gone(UserId(person)).await?;
                }
            }
            Event::SipAccount(_) | Event::Person(_) | Event::Call(_) => {}
        }
        Ok(Vec::new())
    }
}

fn about_an_account(event: &Recorded<Event>) -> Option<(AccountNumber, &sip_account::Event)> {
    match &event.event {
        Event::SipAccount(happened) => event.stream.parse().ok().map(|account| (account, happened)),
        Event::Person(_) | Event::Call(_) => None,
    }
}

/// Whether anybody may have to be told: most events are changes of settings, and need no look at the account.
fn is_news(happened: &sip_account::Event) -> bool {
    use sip_account::Event as Happened;
    match happened {
        Happened::AccountCreated { offer, .. } => offer.is_some(),
        Happened::AccountAssigned { .. }
        | Happened::AccountLent { .. }
        | Happened::AccountUnassigned { .. }
        | Happened::LoanEnded { .. }
        | Happened::AccountTransferred { .. }
        | Happened::AccountReturned { .. }
        | Happened::AccountTakenAway { .. }
        | Happened::TakeUndone { .. }
        | Happened::OfferExpired { .. }
        | Happened::OfferCancelled { .. }
        | Happened::AccountDeleted { .. }
        | Happened::AccountRegistered { .. }
        | Happened::RegistrationFailed { .. } => true,
        Happened::SettingsOffered { .. }
        | Happened::OfferSent { .. }
        | Happened::AccountRenamed { .. }
        | Happened::LoginChanged { .. }
        | Happened::PasswordChanged { .. }
        | Happened::ServerChanged { .. }
        | Happened::TemplateChosen { .. }
        | Happened::TransportChanged { .. }
        | Happened::CodecsChanged { .. }
        | Happened::DtmfMethodsChanged { .. }
        | Happened::DialRulesChanged { .. }
        | Happened::WorkerChosen { .. }
        | Happened::RecordingChanged { .. }
        | Happened::AccountSwitchedOn
        | Happened::AccountSwitchedOff
        | Happened::SettingsApplied { .. }
        | Happened::AssignmentOffered { .. }
        | Happened::TransferOffered { .. }
        | Happened::ReturnOffered { .. }
        | Happened::TakeAwayOffered { .. } => false,
    }
}
