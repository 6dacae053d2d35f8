//! Drafts: what stands behind a result of an inline query until somebody sends or takes it.
//!
//! A draft is a row and not an event: most of them are prefixes of what a person is still typing. Since it is a row, any
//! bot process can honour its Take, also after a crash.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::sealed::Sealed;
use domain::settings::TemplateCode;
use domain::sip_account::{Grant, OfferKind};
use event_store::log::Fault;
use event_store::sql::{Database, Row, Statement, TransactError, Type, Value};
use std::sync::Arc;

/// How long the result of an inline query may be sent and taken.
pub const DRAFT_LIFE: TimeDelta = TimeDelta::minutes(10);

/// How long a prepared list waits for the word to make its offers.
pub const LIST_LIFE: TimeDelta = TimeDelta::hours(1);

/// How many inline queries of one person are kept, the newest ones.
pub const QUERIES_KEPT: usize = 5;

/// What a draft becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftKind {
    /// Shared settings; the taker becomes owner.
    ShareGive,
    /// Shared settings; the sender becomes owner, the taker user.
    ShareAssign,
    /// The taker becomes user of an account that is there.
    Assignment,
    /// The taker becomes owner of an account that is there.
    Transfer,
    /// The account goes back to whom it came from.
    Return,
    /// A former owner takes the account back.
    TakeAway,
    /// Settings that a link carried, until the opener confirms; the opener becomes owner.
    Link,
    /// A prepared list of accounts whose takers become owners.
    ListGive,
    /// A prepared list of accounts that the sender owns and the takers use.
    ListAssign,
}

impl DraftKind {
    const ALL: [Self; 9] = [
        Self::ShareGive,
        Self::ShareAssign,
        Self::Assignment,
        Self::Transfer,
        Self::Return,
        Self::TakeAway,
        Self::Link,
        Self::ListGive,
        Self::ListAssign,
    ];

    /// The kind as a row holds it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ShareGive => "share-give",
            Self::ShareAssign => "share-assign",
            Self::Assignment => "assignment",
            Self::Transfer => "transfer",
            Self::Return => "return",
            Self::TakeAway => "take-away",
            Self::Link => "link",
            Self::ListGive => "list-give",
            Self::ListAssign => "list-assign",
        }
    }

    /// What kind of offer it becomes; none of a link or a list.
    #[must_use]
    pub fn offer_kind(self) -> Option<OfferKind> {
        match self {
            Self::ShareGive | Self::ShareAssign => Some(OfferKind::Settings),
            Self::Assignment => Some(OfferKind::Assignment),
            Self::Transfer => Some(OfferKind::Transfer),
            Self::Return => Some(OfferKind::Return),
            Self::TakeAway => Some(OfferKind::TakeAway),
            Self::Link | Self::ListGive | Self::ListAssign => None,
        }
    }

    /// Of shared settings and of a list: what a Take makes of the taker.
    #[must_use]
    pub fn grant(self) -> Option<Grant> {
        match self {
            Self::ShareGive | Self::ListGive => Some(Grant::Give),
            Self::ShareAssign | Self::ListAssign => Some(Grant::Assign),
            Self::Assignment | Self::Transfer | Self::Return | Self::TakeAway | Self::Link => None,
        }
    }

    /// Whether it is a prepared list.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::ListGive | Self::ListAssign)
    }

    fn from_code(code: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|kind| kind.code() == code);
        found.ok_or_else(|| Fault::because(format!("`{code}` is no kind of a draft")))
    }
}

/// One draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name, in the result and in the button; 128 random bits.
    pub token: OfferToken,
    /// What it becomes.
    pub kind: DraftKind,
    /// Whose it is.
    pub by: UserId,
    /// The only person who may take it.
    pub to: Option<UserId>,
    /// The account it is about, or the number drawn for one that is not there yet; none for a list.
    pub account: Option<AccountNumber>,
    /// What is shared, sealed under its owner's key; or the proof of a take-away.
    pub sealed: Option<Sealed>,
    /// Which of the templates that fit the sealed line; none where it names a server.
    pub choice: Option<TemplateCode>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it is over.
    pub expires: DateTime<Utc>,
}

/// The drafts of everybody.
#[derive(Clone)]
pub struct Drafts {
    database: Arc<dyn Database>,
}

const COLUMNS: &str = "token, kind, by_user, to_user, account, sealed, choice, created_at, expires_at";

const TYPES: [Type; 9] =
    [Type::Text, Type::Text, Type::Int, Type::Int, Type::Int, Type::Text, Type::Text, Type::Time, Type::Time];

impl Drafts {
    /// The drafts in this database.
    pub fn new(database: Arc<dyn Database>) -> Self {
        Self { database }
    }

    /// Keeps the drafts of one inline query, and forgets those of the person's sixth newest query and before.
    ///
    /// # Errors
    ///
    /// The database can't be read or written.
    pub async fn keep(&self, query: &str, drafts: &[Draft]) -> Result<(), Fault> {
        let Some(first) = drafts.first() else { return Ok(()) };
        let mut statements = self.crowded_out(first.by).await?;
        statements.extend(drafts.iter().map(|draft| insert(query, draft)));
        self.write(statements).await
    }

    /// The draft of this name, unless its time is over.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn find(&self, token: &OfferToken, now: DateTime<Utc>) -> Result<Option<Draft>, Fault> {
        let select = Statement::new(
            format!("SELECT {COLUMNS} FROM drafts WHERE token = $1 AND expires_at > $2"),
            [token.as_str().into(), now.into()],
        );
        self.database.query(select, &TYPES).await?.first().map(read).transpose()
    }

    /// Makes another thing of a draft: the sender changed their mind.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn change_kind(&self, token: &OfferToken, kind: DraftKind) -> Result<(), Fault> {
        let sql = "UPDATE drafts SET kind = $2 WHERE token = $1";
        self.write(vec![Statement::new(sql, [token.as_str().into(), kind.code().into()])]).await
    }

    /// Forgets a draft: it became an offer, or it was opened.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn forget(&self, token: &OfferToken) -> Result<(), Fault> {
        let delete = Statement::new("DELETE FROM drafts WHERE token = $1", [token.as_str().into()]);
        self.write(vec![delete]).await
    }

    /// Forgets every draft whose time is over.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let delete = Statement::new("DELETE FROM drafts WHERE expires_at <= $1", [now.into()]);
        self.write(vec![delete]).await
    }

    async fn crowded_out(&self, by: UserId) -> Result<Vec<Statement>, Fault> {
        let select = Statement::new(
            "SELECT query FROM drafts WHERE by_user = $1 AND kind NOT IN ('link', 'list-give', 'list-assign')
             GROUP BY query ORDER BY MAX(created_at) DESC, query",
            [by.0.into()],
        );
        let rows = self.database.query(select, &[Type::Text]).await?;
        let mut statements = Vec::new();
        for row in rows.iter().skip(QUERIES_KEPT - 1) {
            statements.push(Statement::new(
                "DELETE FROM drafts WHERE by_user = $1 AND query = $2 AND kind NOT IN ('link', 'list-give', 'list-assign')",
                [by.0.into(), row.text(0)?.into()],
            ));
        }
        Ok(statements)
    }

    async fn write(&self, statements: Vec<Statement>) -> Result<(), Fault> {
        self.database.transact(statements).await.map_err(written)?;
        Ok(())
    }
}

/// A failed write of a gateway's own table, as a fault.
pub(crate) fn written(error: TransactError) -> Fault {
    match error {
        TransactError::Fault(fault) => fault,
        TransactError::Raced { statement, rows } => {
            Fault::because(format!("statement {statement} changed {rows} rows"))
        }
    }
}

fn insert(query: &str, draft: &Draft) -> Statement {
    Statement::new(
        "INSERT INTO drafts (token, kind, by_user, to_user, account, query, sealed, choice, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (token) DO NOTHING",
        [
            draft.token.as_str().into(),
            draft.kind.code().into(),
            draft.by.0.into(),
            Value::Int(draft.to.map(|user| user.0)),
            Value::Int(draft.account.map(|account| i64::from(account.get()))),
            query.into(),
            Value::Text(draft.sealed.as_ref().map(|sealed| sealed.as_text().to_owned())),
            draft.choice.as_ref().map_or("", TemplateCode::as_str).into(),
            draft.created.into(),
            draft.expires.into(),
        ],
    )
}

fn read(row: &Row) -> Result<Draft, Fault> {
    let broken = |error| Fault::new("read a draft", error);
    Ok(Draft {
        token: row.text(0)?.parse().map_err(|error| Fault::new("read a draft", error))?,
        kind: DraftKind::from_code(&row.text(1)?)?,
        by: UserId(row.int(2)?),
        to: row.int_or_null(3)?.map(UserId),
        account: row.int_or_null(4)?.map(account).transpose().map_err(broken)?,
        sealed: row.text_or_null(5)?.map(Sealed::from_text),
        choice: choice(&row.text(6)?)?,
        created: row.time(7)?,
        expires: row.time(8)?,
    })
}

fn choice(code: &str) -> Result<Option<TemplateCode>, Fault> {
    let parsed = (!code.is_empty()).then(|| code.parse()).transpose();
    parsed.map_err(|error| Fault::new("read a draft", error))
}

/// An account number out of a column.
pub(crate) fn account(number: i64) -> Result<AccountNumber, domain::ids::NotAnAccountNumber> {
    u32::try_from(number).map_err(|_| domain::ids::NotAnAccountNumber)?.try_into()
}
