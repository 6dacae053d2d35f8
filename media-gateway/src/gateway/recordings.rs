//! Recordings on their way from the engine into the store, each with a task that writes it.
//!
//! While the database is away, pieces wait in memory, up to a bound; then the recording is lost and the log is told.

use crate::call::ids::CallId;
use crate::media::{Engine, PortId, RecordingEnding, RecordingId, RecordingOptions};
use crate::report::{CallReport, Of, Reporter};
use bytes::Bytes;
use event_store::blobs::{BlobId, Blobs, Writer};
use event_store::log::Fault;
use event_store::vault::Subject;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// Pieces that wait for the database. The engine makes about one a second.
const PIECES: usize = 1024;

/// How long a piece is tried.
const PATIENCE: Duration = Duration::from_secs(300);

/// The pause between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// The largest recording, in bytes: what a bot may upload.
const LARGEST: u64 = 50 * 1000 * 1000;

/// Recordings that run.
pub(super) struct Recordings {
    pub(super) engine: Engine,
    pub(super) blobs: Blobs,
    pub(super) reporter: Reporter,
    pub(super) tasks: TaskTracker,
    pub(super) longest: Duration,
    running: HashMap<RecordingId, Running>,
}

struct Running {
    call: CallId,
    of: Of,
    pieces: mpsc::Sender<Piece>,
}

enum Piece {
    Bytes(Bytes),
    End(Duration),
}

impl Recordings {
    pub(super) fn new(
        engine: Engine,
        blobs: Blobs,
        reporter: Reporter,
        tasks: TaskTracker,
        longest: Duration,
    ) -> Self {
        Self { engine, blobs, reporter, tasks, longest, running: HashMap::new() }
    }

    /// Starts to record a port and what it is joined to; false where the engine can't.
    pub(super) fn start(&mut self, call: CallId, of: &Of, port: PortId) -> bool {
        let options =
            RecordingOptions { longest: self.longest, largest: LARGEST, ..RecordingOptions::default() };
        let recording = match self.engine.record(port, options) {
            Ok(recording) => recording,
            Err(error) => {
                tracing::warn!(%call, %error, "a recording could not be started");
                return false;
            }
        };
        let (pieces, waiting) = mpsc::channel(PIECES);
        self.tasks.spawn(store(self.blobs.clone(), self.reporter.clone(), call, of.clone(), waiting));
        self.running.insert(recording, Running { call, of: of.clone(), pieces });
        true
    }

    /// Some are not finished yet.
    pub(super) fn are_running(&self) -> bool {
        !self.running.is_empty()
    }

    pub(super) fn stop(&self, call: CallId) {
        for (recording, _) in self.running.iter().filter(|(_, running)| running.call == call) {
            // One that ended with its port is told by the engine.
            _ = self.engine.stop_recording(*recording);
        }
    }

    pub(super) fn chunk(&mut self, recording: RecordingId, bytes: Bytes) {
        let Some(running) = self.running.get(&recording) else { return };
        if running.pieces.try_send(Piece::Bytes(bytes)).is_err() {
            let running = self.running.remove(&recording);
            if let Some(Running { call, of, .. }) = running {
                tracing::warn!(%call, "a recording is lost: the database was away for too long");
                _ = self.engine.stop_recording(recording);
                let reason = "the database was away".to_owned();
                self.reporter.call(call, of, CallReport::Lost { reason });
            }
        }
    }

    /// A recording is complete; of which call, if it still counted.
    pub(super) fn finished(
        &mut self,
        recording: RecordingId,
        length: Duration,
        ending: RecordingEnding,
    ) -> Option<CallId> {
        let running = self.running.remove(&recording)?;
        if ending == RecordingEnding::Overrun {
            tracing::warn!(call = %running.call, "a recording has a hole");
        }
        if running.pieces.try_send(Piece::End(length)).is_err() {
            let reason = "the database was away".to_owned();
            self.reporter.call(running.call, running.of, CallReport::Lost { reason });
        }
        Some(running.call)
    }
}

async fn store(blobs: Blobs, reporter: Reporter, call: CallId, of: Of, mut pieces: mpsc::Receiver<Piece>) {
    let report = match write(&blobs, &of, &mut pieces).await {
        Ok(Some((reference, length))) => CallReport::Saved { reference, length },
        // Whoever dropped the other end has told why.
        Ok(None) => return,
        Err(fault) => {
            let error = &fault as &dyn std::error::Error;
            tracing::warn!(%call, error, "a recording could not be stored");
            CallReport::Lost { reason: "it could not be stored".to_owned() }
        }
    };
    reporter.call(call, of, report);
}

async fn write(
    blobs: &Blobs,
    of: &Of,
    pieces: &mut mpsc::Receiver<Piece>,
) -> Result<Option<(String, Duration)>, Fault> {
    let subject = Subject::person(of.user);
    let mut writer = create(blobs, &subject).await?;
    while let Some(piece) = pieces.recv().await {
        match piece {
            // What could not be written waits in the writer, and goes with the next piece.
            Piece::Bytes(bytes) => {
                if let Err(fault) = writer.push(&bytes).await {
                    tracing::debug!(%fault, "a piece of a recording waits for the database");
                }
            }
            Piece::End(length) => {
                let id = finish(&mut writer).await?;
                return Ok(Some((id.to_string(), length)));
            }
        }
    }
    writer.discard().await?;
    Ok(None)
}

async fn create(blobs: &Blobs, subject: &Subject) -> Result<Writer, Fault> {
    let end = Instant::now() + PATIENCE;
    loop {
        match blobs.create(subject, "audio/ogg").await {
            Err(_) if Instant::now() < end => tokio::time::sleep_until(Instant::now() + AGAIN).await,
            done => return done,
        }
    }
}

async fn finish(writer: &mut Writer) -> Result<BlobId, Fault> {
    let end = Instant::now() + PATIENCE;
    loop {
        match writer.finish().await {
            Err(_) if Instant::now() < end => tokio::time::sleep_until(Instant::now() + AGAIN).await,
            done => return done,
        }
    }
}
