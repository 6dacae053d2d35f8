//! What blobs keep and give back, as sentences, on both databases.

use super::*;
use crate::clock::ManualClock;
use crate::contract::TestDatabase;
use crate::open::{OpenOptions, Opened, open};
use crate::vault::Keyring;
use chrono::TimeDelta;
use domain::ids::UserId;
use futures::{FutureExt as _, TryStreamExt as _};
use std::panic::AssertUnwindSafe;

#[tokio::test]
async fn what_one_process_stores_another_one_reads() {
    for_each(async |here| {
        let said: Vec<u8> = (0..CHUNK * 2 + 17).map(|n| (n % 251) as u8).collect();
        let mut writer = here.blobs().create(&ivan(), "audio/ogg").await.expect("begun");
        for piece in said.chunks(1000) {
            writer.push(piece).await.expect("stored");
        }
        assert_eq!(writer.bytes(), said.len() as u64);
        let id = writer.finish().await.expect("finished");
        assert_eq!(id.to_string().parse(), Ok(id));

        let blob = here.blobs().open(id).await.expect("read").expect("there");
        assert_eq!((blob.media_type.as_str(), blob.bytes), ("audio/ogg", said.len() as u64));
        let chunks: Vec<Vec<u8>> = blob.into_stream().try_collect().await.expect("read");
        assert_eq!(chunks.len(), 3);
        assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK));
        assert_eq!(chunks.concat(), said);

        let blob = here.blobs().open(id).await.expect("read").expect("there");
        assert!(matches!(blob.whole(1000).await, Err(ReadError::TooLong)));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_read_before_it_is_finished_and_what_never_was_is_purged() {
    for_each(async |here| {
        let mut writer = here.blobs().create(&ivan(), "audio/ogg").await.expect("begun");
        writer.push(b"half a word").await.expect("taken");
        assert!(here.blobs().open(writer.id()).await.expect("read").is_none());

        let finished = here.store(&ivan(), b"a word").await;
        here.clock.advance(TimeDelta::hours(1));
        assert_eq!(here.blobs().purge(here.clock.now()).await.expect("purged"), 1);
        assert!(here.blobs().open(finished).await.expect("read").is_some());
        assert!(writer.finish().await.is_err(), "it is gone");
    })
    .await;
}

#[tokio::test]
async fn an_empty_recording_is_one() {
    for_each(async |here| {
        let id = here.store(&ivan(), b"").await;
        assert_eq!(here.read(id).await.expect("read"), b"");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_person_takes_what_was_said_along() {
    for_each(async |here| {
        let (ivans, petrs) = (here.store(&ivan(), b"secret").await, here.store(&petr(), b"other").await);
        here.vault.shred(&ivan()).await.expect("shredded");
        assert!(matches!(here.read(ivans).await, Err(ReadError::Forgotten)));
        assert_eq!(here.blobs().delete_about(&ivan()).await.expect("deleted"), 1);
        assert!(here.blobs().open(ivans).await.expect("read").is_none());
        assert_eq!(here.read(petrs).await.expect("read"), b"other");
        assert_eq!(here.count("blob_chunks").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_is_deleted_and_deleting_it_again_changes_nothing() {
    for_each(async |here| {
        let id = here.store(&ivan(), b"a word").await;
        for _ in 0..2 {
            here.blobs().delete(id).await.expect("deleted");
            assert!(here.blobs().open(id).await.expect("read").is_none());
        }
        assert_eq!((here.count("blobs").await, here.count("blob_chunks").await), (0, 0));

        let old = here.store(&ivan(), b"old").await;
        here.clock.advance(TimeDelta::days(31));
        let new = here.store(&ivan(), b"new").await;
        let month_ago = here.clock.now() - TimeDelta::days(30);
        assert_eq!(here.blobs().forget(month_ago).await.expect("forgotten"), 1);
        assert!(here.blobs().open(old).await.expect("read").is_none());
        assert_eq!(here.read(new).await.expect("read"), b"new");
    })
    .await;
}

#[tokio::test]
async fn a_chunk_is_sealed_and_opens_nowhere_else() {
    for_each(async |here| {
        let (one, two) = (here.store(&ivan(), b"parrot one").await, here.store(&ivan(), b"parrot two").await);
        let query = Statement::new("SELECT sealed FROM blob_chunks", []);
        let rows = here.db.query(query, &[Type::Text]).await.expect("read");
        assert!(rows.iter().all(|row| !row.text(0).expect("text").contains("parrot")));

        let swap = "UPDATE blob_chunks SET sealed = (SELECT sealed FROM blob_chunks WHERE blob = $1) WHERE blob = $2";
        let statement = Statement::new(swap, [one.to_string().into(), two.to_string().into()]);
        here.db.transact(vec![statement]).await.expect("swapped");
        assert!(matches!(here.read(two).await, Err(ReadError::Broken)));
    })
    .await;
}

fn ivan() -> Subject {
    Subject::person(UserId(42))
}

fn petr() -> Subject {
    Subject::person(UserId(77))
}

struct Here {
    db: Arc<dyn Database>,
    vault: Arc<Vault>,
    clock: ManualClock,
}

impl Here {
    fn new(opened: &Opened) -> Self {
        let db = opened.database.clone().expect("a database");
        let clock = ManualClock::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let keyring = Keyring::parse(&Keyring::new_line("k1")).expect("a keyring");
        let vault = Arc::new(Vault::new(db.clone(), keyring, Arc::new(clock.clone())));
        Self { db, vault, clock }
    }

    /// As another process sees them.
    fn blobs(&self) -> Blobs {
        Blobs::new(self.db.clone(), self.vault.clone(), Arc::new(self.clock.clone()))
    }

    async fn store(&self, subject: &Subject, bytes: &[u8]) -> BlobId {
        let mut writer = self.blobs().create(subject, "audio/ogg").await.expect("begun");
        writer.push(bytes).await.expect("taken");
        writer.finish().await.expect("finished")
    }

    async fn read(&self, id: BlobId) -> Result<Vec<u8>, ReadError> {
        self.blobs().open(id).await.expect("read").expect("there").whole(u64::MAX).await
    }

    async fn count(&self, table: &str) -> i64 {
        let query = Statement::new(format!("SELECT count(*) FROM {table}"), []);
        self.db.query(query, &[Type::Int]).await.expect("read")[0].int(0).expect("a number")
    }
}

async fn for_each(test: impl AsyncFn(Here)) {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite://{}", folder.path().join("log.db").display());
    let opened = open(&address, OpenOptions::default()).await.expect("opened");
    test(Here::new(&opened)).await;

    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        eprintln!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.expect("created");
    let opened = open(&database.address(), OpenOptions::default()).await.expect("opened");
    let result = AssertUnwindSafe(test(Here::new(&opened))).catch_unwind().await;
    database.drop().await.expect("dropped");
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}
