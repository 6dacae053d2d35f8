//! Group commit: while one statement is on its way, appends queue up, and the next statement takes all of them.

use super::append::{Failed, alone, insert};
use super::errors::{Meaning, meaning};
use crate::log::{Append, AppendError, Appended, Fault};
use futures::StreamExt;
use sqlx::PgPool;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Appends in one statement. At 256 the commit is a small part of the work (reference: event-store 3.2).
const BATCH: usize = 256;

/// Appends waiting for the task. Two full batches: whoever comes next waits before it queues.
pub(super) const QUEUE: usize = 2 * BATCH;

/// Appends run at once after their common statement failed.
const ALONE: usize = 8;

/// One append and who waits for it.
pub(super) struct Request {
    pub(super) append: Append,
    pub(super) reply: oneshot::Sender<Result<Appended, AppendError>>,
}

/// Appends what is sent until it is told to stop, and then what had been sent by then. `appended` is called after each
/// commit.
pub(super) async fn run(
    pool: PgPool,
    mut requests: mpsc::Receiver<Request>,
    stop: CancellationToken,
    appended: impl Fn(),
) {
    let mut waiting = VecDeque::new();
    let mut arrived = Vec::with_capacity(BATCH);
    loop {
        if waiting.is_empty() {
            tokio::select! {
                count = requests.recv_many(&mut arrived, BATCH) => if count == 0 { return },
                () = stop.cancelled(), if !requests.is_closed() => requests.close(),
            }
        }
        // Those who have just been answered often have more; one turn of the others is enough for them to queue it.
        tokio::task::yield_now().await;
        while waiting.len() + arrived.len() < BATCH
            && let Ok(request) = requests.try_recv()
        {
            arrived.push(request);
        }
        waiting.extend(arrived.drain(..));
        let batch = next_batch(&mut waiting);
        if !batch.is_empty() {
            metrics::histogram!("tandem_log_batch_size", "backend" => "postgres").record(batch.len() as f64);
            append(&pool, batch).await;
            appended();
        }
    }
}

/// At most one append for each stream and each dedup key: the others would fail the whole statement.
fn next_batch(waiting: &mut VecDeque<Request>) -> Vec<Request> {
    let (mut batch, mut later) = (Vec::new(), VecDeque::new());
    {
        let (mut streams, mut keys) = (HashSet::new(), HashSet::new());
        for request in waiting.drain(..) {
            let append = &request.append;
            let first = !streams.contains(&append.stream)
                && append.dedup.is_none_or(|key| !keys.contains(&key))
                && batch.len() < BATCH;
            if first {
                streams.insert(append.stream.clone());
                keys.extend(append.dedup);
                batch.push(request);
            } else {
                later.push_back(request);
            }
        }
    }
    *waiting = later;
    batch
}

async fn append(pool: &PgPool, batch: Vec<Request>) {
    let appends: Vec<&Append> = batch.iter().map(|request| &request.append).collect();
    match insert(pool, &appends).await {
        Ok(done) => {
            for (request, appended) in batch.into_iter().zip(done) {
                answer(request.reply, Ok(appended));
            }
        }
        Err(Failed::Sql(error)) if meaning(&error) == Meaning::Unknown => {
            let error = Arc::new(error);
            for request in batch {
                let fault = Fault::new("append to PostgreSQL", error.clone());
                answer(request.reply, Err(AppendError::Unavailable(fault)));
            }
        }
        Err(Failed::Sql(_) | Failed::Before(_)) => one_by_one(pool, batch).await,
    }
}

/// Somebody's append is refused; nobody else's may be.
async fn one_by_one(pool: &PgPool, batch: Vec<Request>) {
    futures::stream::iter(batch)
        .for_each_concurrent(ALONE, |Request { append, reply }| async move {
            answer(reply, alone(pool, &append).await);
        })
        .await;
}

fn answer(reply: oneshot::Sender<Result<Appended, AppendError>>, result: Result<Appended, AppendError>) {
    // Whoever asked may have given up waiting; the events are there all the same.
    let _ = reply.send(result);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::StreamId;
    use domain::log::Context;

    fn request(stream: &str, dedup: Option<u128>) -> Request {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut append = Append::new(StreamId::new("t", stream), 0, Vec::new(), Context::process(at));
        append.dedup = dedup.map(uuid::Uuid::from_u128);
        Request { append, reply: oneshot::channel().0 }
    }

    fn streams(batch: &[Request]) -> Vec<&str> {
        batch.iter().map(|request| request.append.stream.id.as_str()).collect()
    }

    #[test]
    fn a_batch_has_one_append_of_each_stream_and_each_key_and_the_rest_keeps_its_order() {
        let mut waiting = VecDeque::from([
            request("a", None),
            request("a", None),
            request("b", Some(1)),
            request("c", Some(1)),
            request("d", None),
        ]);
        assert_eq!(streams(&next_batch(&mut waiting)), ["a", "b", "d"]);
        assert_eq!(streams(&next_batch(&mut waiting)), ["a", "c"]);
        assert!(waiting.is_empty());
    }
}
