//! Drafts: settings and handovers as results of inline queries, and links, before anybody has sent or opened them.

use super::{Errand, Office, key, unopened};
use crate::drafts::{DRAFT_LIFE, Draft, DraftKind};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::sealed::Sealed;
use domain::settings::{Settings, TemplateCode};
use domain::share::{self, Server, Share, Understood};
use domain::sip_account::Proof;
use event_store::log::Fault;
use event_store::vault::{Purpose, Subject};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

impl Office {
    /// Keeps a draft to give and one to assign for each share of a typed line. The line is sealed under the sender's
    /// own key, so a keystroke costs no key of an account.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn draft_shares(
        &self,
        by: UserId,
        line: &str,
        shares: &[Share],
    ) -> Result<Vec<(Draft, Draft)>, Fault> {
        let sealed = self.seal_line(by, line).await?;
        let mut pairs = Vec::with_capacity(shares.len());
        for share in shares {
            let mut pair = Vec::with_capacity(2);
            for kind in [DraftKind::ShareGive, DraftKind::ShareAssign] {
                let account = self.draw_number().await?;
                let mut draft = self.new_draft(kind, by, Some(account));
                draft.sealed = Some(sealed.clone());
                draft.choice = template_of(share);
                pair.push(draft);
            }
            if let (Some(assign), Some(give)) = (pair.pop(), pair.pop()) {
                pairs.push((give, assign));
            }
        }
        let flat: Vec<Draft> =
            pairs.iter().flat_map(|(give, assign)| [give.clone(), assign.clone()]).collect();
        self.drafts.keep(&Uuid::new_v4().to_string(), &flat).await?;
        Ok(pairs)
    }

    /// Keeps drafts that are about an account that is there, in the order asked for.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn draft_handovers(
        &self,
        by: UserId,
        account: AccountNumber,
        to: Option<UserId>,
        kinds: &[DraftKind],
        proof: Option<Proof>,
    ) -> Result<Vec<Draft>, Fault> {
        let drafts: Vec<Draft> = kinds
            .iter()
            .map(|kind| Draft {
                to,
                sealed: proof.clone().map(|proof| proof.0),
                ..self.new_draft(*kind, by, Some(account))
            })
            .collect();
        self.drafts.keep(&Uuid::new_v4().to_string(), &drafts).await?;
        Ok(drafts)
    }

    /// Keeps what a link carried until the opener confirms. The same link in the same update is the same draft.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn draft_link(&self, errand: &Errand, share: &Share) -> Result<Draft, Fault> {
        let account = self.draw_number().await?;
        let mut draft = self.new_draft(DraftKind::Link, errand.by, Some(account));
        draft.token = OfferToken::from_bits(*errand_token(errand).as_bytes());
        draft.sealed = Some(self.seal_line(errand.by, &share.typed_with_password()).await?);
        draft.choice = template_of(share);
        self.drafts.keep(draft.token.as_str(), std::slice::from_ref(&draft)).await?;
        Ok(draft)
    }

    /// The draft of this name, while it lives.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn draft(&self, token: &OfferToken, now: DateTime<Utc>) -> Result<Option<Draft>, Fault> {
        self.drafts.find(token, now).await
    }

    /// Forgets what a link carried.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn drop_link(&self, errand: &Errand, token: &OfferToken) -> Result<(), Fault> {
        let draft = self.drafts.find(token, errand.at).await?;
        match draft.filter(|draft| draft.by == errand.by && draft.kind == DraftKind::Link) {
            Some(draft) => self.drafts.forget(&draft.token).await,
            None => Ok(()),
        }
    }

    /// The share behind a draft; none where the catalogue no longer knows its template.
    pub async fn shared(&self, draft: &Draft) -> Result<Option<Share>, Fault> {
        let Some(sealed) = &draft.sealed else { return Ok(None) };
        let line = self.vault.open_text(sealed, &line_of(draft.by)).await.map_err(unopened)?;
        match share::parse(line.expose_secret(), self.catalogue()) {
            Understood::Shares(shares) => {
                Ok(shares.into_iter().find(|share| template_of(share) == draft.choice))
            }
            Understood::Hint(_) => Ok(None),
        }
    }

    /// What a share sets, without its password.
    #[must_use]
    pub fn settings(&self, share: &Share) -> Settings {
        let mut settings = share.settings(self.catalogue(), Sealed::from_text(String::new()));
        settings.password = None;
        settings
    }

    async fn seal_line(&self, by: UserId, line: &str) -> Result<Sealed, Fault> {
        self.vault.seal(&Subject::person(by), &line_of(by), line.as_bytes()).await
    }

    fn new_draft(&self, kind: DraftKind, by: UserId, account: Option<AccountNumber>) -> Draft {
        let created = self.now();
        Draft {
            token: self.draw_token(),
            kind,
            by,
            to: None,
            account,
            sealed: None,
            choice: None,
            created,
            expires: created + DRAFT_LIFE,
        }
    }
}

fn template_of(share: &Share) -> Option<TemplateCode> {
    match &share.server {
        Server::Template { code, .. } => Some(code.clone()),
        Server::Typed { .. } => None,
    }
}

fn line_of(by: UserId) -> Purpose {
    Purpose::new(format!("line typed by {by}"))
}

/// Names the draft of one update. It need not be secret: only the opener may use it, and is told so by Telegram.
fn errand_token(errand: &Errand) -> Uuid {
    key(&format!("link/{}/{}", errand.update, errand.by))
}
