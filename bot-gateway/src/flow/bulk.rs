//! Many accounts at once: a list comes in, is looked at, becomes offers, and a board shows how they stand.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::conversation::{Awaited, request};
use crate::incoming::{MessageRef, Place};
use crate::office::bulk::Prepared;
use crate::outgoing::{Outgoing, Screen};
use crate::screen::alert::{Toast, Trouble};
use crate::screen::{bulk, inline};
use crate::view::{
    BatchLine, BulkBoard, BulkBoardLine, BulkCounts, BulkLine, BulkPreview, BulkProblemLine, BulkState,
};
use domain::ids::{BatchId, OfferToken};
use domain::sip_account::Grant;
use event_store::log::Fault;
use event_store::sql::{Statement, Type};
use projections::offer_board::{self, OfferRow, OfferState};

impl Flow {
    /// How to send a list, and the lists made so far. The next message is taken for a list.
    pub(super) async fn bulk_start(&self, talk: &Talk<'_>, server: &str) -> Result<Screen, Fault> {
        let number = request(talk.errand.update);
        let awaited = Awaited::List(server.to_owned());
        self.conversations.await_answer(talk.errand.by, number, &awaited, talk.errand.at).await?;
        let batches = self.batches(talk).await?;
        Ok(bulk::start(&talk.reader(), &batches))
    }

    pub(super) async fn show_bulk(&self, talk: &Talk<'_>, place: &Place) -> Result<Reply, Fault> {
        let screen = self.bulk_start(talk, "").await?;
        Ok(Reply::shows([Self::show(place, screen)]))
    }

    /// A text file: a list, if one is awaited.
    pub(super) async fn file(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        content: Option<&str>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let awaited = self.question_of(talk, None).await?.map(|pending| pending.awaited);
        let server = match awaited {
            Some(Awaited::List(server)) => server,
            Some(_) | None => String::new(),
        };
        // It may hold passwords, also when it came unasked.
        let mut says = vec![Outgoing::Delete { message }];
        match content {
            Some(text) => says.extend(self.list_sent(talk, &server, text).await?),
            None => says.push(talk.trouble_message(Trouble::BadFile)),
        }
        Ok(says)
    }

    /// A list came in. Its message is deleted already.
    pub(super) async fn list_sent(
        &self,
        talk: &Talk<'_>,
        server: &str,
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let list = match self.office.prepare_list(&talk.errand, server, text).await? {
            Ok(list) => list,
            Err(hint) => {
                let lines = inline::hint(&talk.reader(), &hint);
                let why = lines.first().map(|line| line.title.clone()).unwrap_or_default();
                let html = crate::text::escaped(&why, 200);
                let screen = crate::screen::parts::Page::new(html).screen();
                return Ok(vec![Outgoing::to(talk.errand.by, screen)]);
            }
        };
        self.conversations.forget(talk.errand.by, talk.errand.update).await?;
        let screen = bulk::preview(&talk.reader(), &preview(talk, &list, 0));
        self.show_anew(talk, screen).await
    }

    pub(super) async fn bulk_preview(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        batch: &BatchId,
        page: u16,
    ) -> Result<Reply, Fault> {
        match self.office.prepared_list(&talk.errand, batch).await? {
            Some(list) => {
                let screen = bulk::preview(&talk.reader(), &preview(talk, &list, page));
                Ok(Reply::shows([Self::show(place, screen)]))
            }
            None => Ok(Reply::trouble(talk, Trouble::InputOver)),
        }
    }

    pub(super) async fn bulk_grant(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        batch: &BatchId,
        grant: Grant,
    ) -> Result<Reply, Fault> {
        match self.office.prepared_list(&talk.errand, batch).await? {
            Some(mut list) => {
                self.office.set_list_grant(&list, grant).await?;
                list.grant = grant;
                let screen = bulk::preview(&talk.reader(), &preview(talk, &list, 0));
                Ok(Reply::shows([Self::show(place, screen)]))
            }
            None => Ok(Reply::trouble(talk, Trouble::InputOver)),
        }
    }

    /// Makes the offers, and shows how they stand. A list that was made already is only shown.
    pub(super) async fn bulk_make(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        batch: &BatchId,
    ) -> Result<Reply, Fault> {
        let list = self.office.prepared_list(&talk.errand, batch).await?;
        if let Some(list) = &list {
            self.office.make_offers(&talk.errand, list).await?;
        }
        self.bulk_board(talk, place, batch, 0).await
    }

    pub(super) async fn bulk_drop(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        batch: &BatchId,
    ) -> Result<Reply, Fault> {
        if let Some(list) = self.office.prepared_list(&talk.errand, batch).await? {
            self.office.drop_list(&list).await?;
        }
        let screen = self.bulk_start(talk, "").await?;
        Ok(Reply::toast(talk, Toast::Dropped).and([Self::show(place, screen)]))
    }

    pub(super) async fn bulk_board(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        batch: &BatchId,
        page: u16,
    ) -> Result<Reply, Fault> {
        self.catch_up("offer_board").await?;
        let rows = self.my_list(talk, batch).await?;
        match self.board(talk, batch, &rows, page).await? {
            Some(screen) => Ok(Reply::shows([Self::show(place, screen)])),
            None => Ok(Reply::trouble(talk, Trouble::InputOver)),
        }
    }

    /// The page of the board that this offer stands on; none for an offer that is not out of a list of this person's.
    pub(super) async fn board_of(
        &self,
        talk: &Talk<'_>,
        token: &OfferToken,
    ) -> Result<Option<Screen>, Fault> {
        self.catch_up("offer_board").await?;
        let offer = offer_board::one(&*self.database, token).await?;
        let Some(batch) = offer.and_then(|offer| offer.batch) else { return Ok(None) };
        let rows = self.my_list(talk, &batch).await?;
        let place = rows.iter().position(|row| row.token == *token).unwrap_or_default();
        let page = u16::try_from(place / BulkBoard::PAGE).unwrap_or_default();
        self.board(talk, &batch, &rows, page).await
    }

    /// The offers of a list, if it is this person's.
    async fn my_list(&self, talk: &Talk<'_>, batch: &BatchId) -> Result<Vec<OfferRow>, Fault> {
        let mut rows = offer_board::of_batch(&*self.database, batch).await?;
        rows.retain(|row| row.by == talk.errand.by);
        Ok(rows)
    }

    async fn board(
        &self,
        talk: &Talk<'_>,
        batch: &BatchId,
        rows: &[OfferRow],
        page: u16,
    ) -> Result<Option<Screen>, Fault> {
        let Some(first) = rows.first() else { return Ok(None) };
        // Also where the first offer is over, and its account with it.
        let settings = self.office.last_settings(first.account).await?;
        let server = settings.as_ref().and_then(super::views::server).unwrap_or_default();
        let counts = counts(talk, rows);
        let mut lines = Vec::new();
        for row in rows.iter().skip(usize::from(page) * BulkBoard::PAGE).take(BulkBoard::PAGE) {
            lines.push(self.board_line(talk, row).await?);
        }
        let board = BulkBoard { batch: batch.clone(), server, lines, counts, page };
        Ok(Some(bulk::board(&talk.reader(), &board)))
    }

    async fn board_line(&self, talk: &Talk<'_>, row: &OfferRow) -> Result<BulkBoardLine, Fault> {
        let state = match row.state_at(talk.errand.at) {
            OfferState::Open if row.is_sent() => BulkState::Sent { until: row.until },
            OfferState::Open => BulkState::Made,
            OfferState::Taken => match row.taken_by {
                Some(by) => BulkState::Taken { by: self.office.person_view(by).await? },
                None => BulkState::Cancelled,
            },
            OfferState::Expired => BulkState::Expired,
            OfferState::Cancelled | OfferState::Undone => BulkState::Cancelled,
        };
        let title = row.label.clone().unwrap_or_else(|| row.account.to_string());
        Ok(BulkBoardLine { account: row.account, offer: row.token.clone(), title, state })
    }

    /// The newest lists of a person.
    async fn batches(&self, talk: &Talk<'_>) -> Result<Vec<BatchLine>, Fault> {
        let select = Statement::new(
            "SELECT batch, MIN(made_at), COUNT(*), SUM(CASE WHEN state = 'taken' THEN 1 ELSE 0 END) FROM offer_board
             WHERE offered_by = $1 AND batch IS NOT NULL GROUP BY batch ORDER BY MIN(made_at) DESC LIMIT 5",
            [talk.errand.by.0.into()],
        );
        let types = [Type::Text, Type::Time, Type::Int, Type::Int];
        let mut batches = Vec::new();
        for row in self.database.query(select, &types).await? {
            let token = row.text(0)?.parse().map_err(|error| Fault::new("read a list's name", error))?;
            batches.push(BatchLine {
                batch: BatchId(token),
                made: row.time(1)?,
                offers: usize::try_from(row.int(2)?).unwrap_or_default(),
                taken: usize::try_from(row.int(3)?).unwrap_or_default(),
            });
        }
        Ok(batches)
    }
}

fn preview(talk: &Talk<'_>, list: &Prepared, page: u16) -> BulkPreview {
    let reader = &talk.reader();
    BulkPreview {
        batch: list.batch.clone(),
        server: super::views::server(&list.common).unwrap_or_default(),
        grant: list.grant,
        lines: list
            .entries
            .iter()
            .map(|entry| BulkLine {
                line: entry.line,
                login: entry.login.to_string(),
                name: entry.name.as_ref().map(ToString::to_string),
            })
            .collect(),
        problems: list
            .problems
            .iter()
            .map(|problem| BulkProblemLine { line: problem.line, why: bulk::problem(reader, &problem.why) })
            .collect(),
        page,
    }
}

fn counts(talk: &Talk<'_>, rows: &[OfferRow]) -> BulkCounts {
    let mut counts = BulkCounts::default();
    for row in rows {
        match row.state_at(talk.errand.at) {
            OfferState::Open if row.is_sent() => counts.sent += 1,
            OfferState::Open => counts.made += 1,
            OfferState::Taken => counts.taken += 1,
            OfferState::Expired | OfferState::Cancelled | OfferState::Undone => counts.over += 1,
        }
    }
    counts
}
