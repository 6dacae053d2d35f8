//! The leases as rows.

use super::Member;
use crate::log::Fault;
use crate::sql::{Database, Row, Statement, TransactError, Type, Value};
use chrono::{DateTime, TimeDelta, Utc};
use domain::call::Segment;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

/// A process that has not been heard of for so long is forgotten.
const FORGET: TimeDelta = TimeDelta::days(7);

/// Who holds a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The segment.
    pub segment: Segment,
    /// The process.
    pub process: String,
    /// Where phones reach it.
    pub url: Option<String>,
    /// The epoch of its lease.
    pub epoch: u64,
    /// When the lease ends, if it is not renewed.
    pub until: DateTime<Utc>,
}

/// Who holds a segment now.
///
/// # Errors
///
/// The database can't be read.
pub async fn holder(
    db: &dyn Database,
    segment: Segment,
    now: DateTime<Utc>,
) -> Result<Option<Holder>, Fault> {
    let sql = "SELECT segment, process, url, epoch, until FROM media_segments \
               WHERE segment = $1 AND process IS NOT NULL AND until > $2";
    let values = [i64::from(segment.get()).into(), now.into()];
    let rows = db.query(Statement::new(sql, values), HOLDER).await?;
    rows.first().map(to_holder).transpose()
}

/// Who holds which segment now, the lowest first. One that nobody holds is not there.
///
/// # Errors
///
/// The database can't be read.
pub async fn holders(db: &dyn Database, now: DateTime<Utc>) -> Result<Vec<Holder>, Fault> {
    let sql = "SELECT segment, process, url, epoch, until FROM media_segments \
               WHERE process IS NOT NULL AND until > $1 ORDER BY segment";
    db.query(Statement::new(sql, [now.into()]), HOLDER).await?.iter().map(to_holder).collect()
}

/// A media process that lives, or lived within the last days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name.
    pub process: String,
    /// Where phones reach it.
    pub url: Option<String>,
    /// Until when it lives, if it is not heard of again.
    pub until: DateTime<Utc>,
}

/// Every media process that lives, or lived within the last days.
///
/// # Errors
///
/// The database can't be read.
pub async fn processes(db: &dyn Database) -> Result<Vec<Process>, Fault> {
    let sql = "SELECT process, url, until FROM media_processes ORDER BY process";
    let rows = db.query(Statement::new(sql, []), &[Type::Text, Type::Text, Type::Time]).await?;
    let process =
        |row: &Row| Ok(Process { process: row.text(0)?, url: row.text_or_null(1)?, until: row.time(2)? });
    rows.iter().map(process).collect()
}

const HOLDER: &[Type] = &[Type::Int, Type::Text, Type::Text, Type::Int, Type::Time];

fn to_holder(row: &Row) -> Result<Holder, Fault> {
    Ok(Holder {
        segment: segment(row.int(0)?)?,
        process: row.text(1)?,
        url: row.text_or_null(2)?,
        epoch: epoch(row.int(3)?)?,
        until: row.time(4)?,
    })
}

/// The leases, as one process uses them.
#[derive(Clone)]
pub(super) struct Leases {
    pub(super) db: Arc<dyn Database>,
    pub(super) member: Member,
    /// The database belongs to this process.
    pub(super) alone: bool,
}

impl Leases {
    /// Tells that this process lives, and renews the leases that have not ended.
    pub(super) async fn renew(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), Fault> {
        let Member { process, url } = &self.member;
        let lives = "INSERT INTO media_processes (process, url, until) VALUES ($1, $2, $3) \
                     ON CONFLICT (process) DO UPDATE SET url = excluded.url, until = excluded.until";
        let forget = "DELETE FROM media_processes WHERE process <> $1 AND until < $2";
        let leases = "UPDATE media_segments SET until = $1, url = $2 WHERE process = $3 AND until > $4";
        // Whoever lived in a database of this process's own is gone.
        let gone = "UPDATE media_processes SET until = $1 WHERE process <> $2 AND until > $1 AND $3";
        self.write(vec![
            Statement::new(gone, [now.into(), process.clone().into(), self.alone.into()]),
            Statement::new(lives, [process.clone().into(), url.clone().into(), until.into()]),
            Statement::new(forget, [process.clone().into(), (now - FORGET).into()]),
            Statement::new(leases, [until.into(), url.clone().into(), process.clone().into(), now.into()]),
        ])
        .await?;
        Ok(())
    }

    /// How many processes live.
    pub(super) async fn members(&self, now: DateTime<Utc>) -> Result<usize, Fault> {
        let sql = "SELECT count(*) FROM media_processes WHERE until > $1";
        let rows = self.db.query(Statement::new(sql, [now.into()]), &[Type::Int]).await?;
        let count = rows.first().map_or(Ok(1), |row| row.int(0))?;
        Ok(usize::try_from(count).unwrap_or(1))
    }

    /// The leases of this process that have not ended.
    pub(super) async fn mine(&self, now: DateTime<Utc>) -> Result<BTreeMap<Segment, u64>, Fault> {
        let sql = "SELECT segment, epoch FROM media_segments WHERE process = $1 AND until > $2";
        let values = [self.member.process.clone().into(), now.into()];
        let rows = self.db.query(Statement::new(sql, values), &[Type::Int, Type::Int]).await?;
        rows.iter().map(|row| Ok((segment(row.int(0)?)?, epoch(row.int(1)?)?))).collect()
    }

    /// Takes up to so many segments that nobody holds.
    pub(super) async fn take(
        &self,
        wanted: usize,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let held: BTreeSet<Segment> = if self.alone {
            self.mine(now).await?.into_keys().collect()
        } else {
            holders(&*self.db, now).await?.into_iter().map(|holder| holder.segment).collect()
        };
        let free: Vec<Segment> = self.in_my_order().filter(|it| !held.contains(it)).take(wanted).collect();
        self.take_these(&free, now, until).await
    }

    /// Takes those of these segments that nobody holds.
    pub(super) async fn take_these(
        &self,
        free: &[Segment],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO media_segments (segment, process, url, epoch, until) VALUES ($1, $2, $3, 1, $4) \
                   ON CONFLICT (segment) DO UPDATE SET process = excluded.process, url = excluded.url, \
                   epoch = media_segments.epoch + 1, until = excluded.until \
                   WHERE $5 OR media_segments.process IS NULL OR media_segments.until <= $6";
        let take = |segment: &Segment| {
            let Member { process, url } = self.member.clone();
            let segment = i64::from(segment.get()).into();
            let values = [segment, process.into(), url.into(), until.into(), self.alone.into(), now.into()];
            Statement::new(sql, values)
        };
        let mut taking: Vec<Statement> = free.iter().map(take).collect();
        // Two processes that take several at once lock them in one order.
        taking.sort_by(|a, b| a.values.first().cmp(&b.values.first()));
        if !taking.is_empty() {
            self.write(taking).await?;
        }
        Ok(())
    }

    /// Lets others take these.
    pub(super) async fn release(&self, leaving: &BTreeSet<Segment>) -> Result<(), Fault> {
        let sql = "UPDATE media_segments SET process = NULL, url = NULL WHERE segment = $1 AND process = $2";
        let release = |segment: &Segment| {
            Statement::new(sql, [i64::from(segment.get()).into(), self.member.process.clone().into()])
        };
        let statements: Vec<Statement> = leaving.iter().map(release).collect();
        if !statements.is_empty() {
            self.write(statements).await?;
        }
        Ok(())
    }

    /// Gives everything up, and is gone from this moment.
    pub(super) async fn leave(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let me: Value = self.member.process.clone().into();
        let segments = "UPDATE media_segments SET process = NULL, url = NULL WHERE process = $1";
        let process = "UPDATE media_processes SET until = $2 WHERE process = $1 AND until > $2";
        self.write(vec![Statement::new(segments, [me.clone()]), Statement::new(process, [me, now.into()])])
            .await?;
        Ok(())
    }

    /// All segments, beginning anywhere, so that processes that start together do not all reach for the same ones.
    fn in_my_order(&self) -> impl Iterator<Item = Segment> + use<> {
        let mut hasher = DefaultHasher::new();
        self.member.process.hash(&mut hasher);
        let first = usize::try_from(hasher.finish() % u64::from(domain::call::SEGMENTS)).unwrap_or(0);
        let all: Vec<Segment> = Segment::all().collect();
        let count = all.len();
        all.into_iter().cycle().skip(first).take(count)
    }

    async fn write(&self, statements: Vec<Statement>) -> Result<Vec<u64>, Fault> {
        self.db.transact(statements).await.map_err(|error| match error {
            TransactError::Fault(fault) => fault,
            raced @ TransactError::Raced { .. } => Fault::new("write leases of media segments", raced),
        })
    }
}

fn segment(number: i64) -> Result<Segment, Fault> {
    let number = u8::try_from(number).map_err(|error| Fault::new("read a segment", error))?;
    Segment::try_from(number).map_err(|error| Fault::new("read a segment", error))
}

fn epoch(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|error| Fault::new("read the epoch of a segment", error))
}
