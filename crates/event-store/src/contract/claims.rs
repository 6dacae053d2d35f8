//! Names with one holder, and places of which there are so many.

use super::{Log, append, new_name, new_stream, one, refusal};
use crate::log::{AppendError, Claim, Release, StreamId};
use futures::future::join_all;

fn name(key: &str) -> Claim {
    Claim::Unique { scope: "name".to_owned(), key: key.to_owned() }
}

fn place(scope: &str, limit: u32) -> Claim {
    Claim::Place { scope: scope.to_owned(), limit }
}

fn claiming(stream: &StreamId, expected: u64, claims: impl IntoIterator<Item = Claim>) -> crate::log::Append {
    let mut wanted = one(stream, expected);
    wanted.claims = claims.into_iter().collect();
    wanted
}

fn releasing(stream: &StreamId, expected: u64, scope: &str) -> crate::log::Append {
    let mut wanted = one(stream, expected);
    wanted.releases = vec![Release { scope: scope.to_owned() }];
    wanted
}

#[doc(hidden)]
pub async fn a_name_has_one_holder_until_it_is_given_up(log: Log) {
    let (olga, ivan) = (new_stream(), new_stream());
    let (key, another) = (new_name(), new_name());
    append(&log, claiming(&olga, 0, [name(&key), name(&another)])).await;
    let refused = refusal(&log, claiming(&ivan, 0, [name(&key)])).await;
    let AppendError::Taken { scope, key: taken } = refused else {
        panic!("the name is taken, not {refused:?}")
    };
    assert_eq!((scope.as_str(), &taken), ("name", &key));

    append(&log, releasing(&olga, 1, "name")).await;
    append(&log, claiming(&ivan, 0, [name(&key), name(&another)])).await;
    assert!(matches!(refusal(&log, claiming(&olga, 2, [name(&key)])).await, AppendError::Taken { .. }));
}

#[doc(hidden)]
pub async fn claiming_again_what_one_holds_changes_nothing(log: Log) {
    let (olga, ivan) = (new_stream(), new_stream());
    let (key, scope) = (new_name(), new_name());
    for expected in 0..3 {
        append(&log, claiming(&olga, expected, [name(&key), place(&scope, 2)])).await;
    }
    append(&log, claiming(&ivan, 0, [place(&scope, 2)])).await;
    let third = claiming(&new_stream(), 0, [place(&new_name(), 5), place(&scope, 2)]);
    let refused = refusal(&log, third).await;
    let AppendError::Full { scope: full, limit: 2 } = refused else {
        panic!("no place is free, not {refused:?}")
    };
    assert_eq!(full, scope);
}

#[doc(hidden)]
pub async fn one_of_many_racers_gets_a_name(log: Log) {
    let key = new_name();
    let racers = (0..50).map(|_| log.append(claiming(&new_stream(), 0, [name(&key)])));
    let results = join_all(racers).await;
    let taken = results.iter().filter(|result| matches!(result, Err(AppendError::Taken { .. }))).count();
    assert_eq!((results.iter().filter(|result| result.is_ok()).count(), taken), (1, 49));
}

#[doc(hidden)]
pub async fn as_many_racers_as_there_are_places_get_one(log: Log) {
    let scope = new_name();
    let racers = (0..50).map(|_| log.append(claiming(&new_stream(), 0, [place(&scope, 20)])));
    let results = join_all(racers).await;
    let full =
        results.iter().filter(|result| matches!(result, Err(AppendError::Full { limit: 20, .. }))).count();
    assert_eq!((results.iter().filter(|result| result.is_ok()).count(), full), (20, 30), "{results:?}");
}

#[doc(hidden)]
pub async fn a_place_given_up_is_free_again(log: Log) {
    let (scope, elsewhere) = (new_name(), new_name());
    let (olga, ivan, petr) = (new_stream(), new_stream(), new_stream());
    append(&log, claiming(&olga, 0, [place(&scope, 2)])).await;
    append(&log, claiming(&ivan, 0, [place(&scope, 2)])).await;
    assert!(matches!(refusal(&log, claiming(&petr, 0, [place(&scope, 2)])).await, AppendError::Full { .. }));

    // As an account does that changes its owner: one place is given up and one of another scope taken, at once.
    let mut moving = releasing(&olga, 1, &scope);
    moving.claims = vec![place(&elsewhere, 1)];
    append(&log, moving).await;
    append(&log, claiming(&petr, 0, [place(&scope, 2)])).await;
    assert!(matches!(
        refusal(&log, claiming(&ivan, 1, [place(&elsewhere, 1)])).await,
        AppendError::Full { .. }
    ));
    assert!(matches!(
        refusal(&log, claiming(&new_stream(), 0, [place(&new_name(), 0)])).await,
        AppendError::Full { .. }
    ));
}

#[doc(hidden)]
pub async fn giving_up_what_another_holds_changes_nothing(log: Log) {
    let (olga, ivan, petr) = (new_stream(), new_stream(), new_stream());
    let key = new_name();
    append(&log, claiming(&olga, 0, [name(&key)])).await;
    append(&log, releasing(&ivan, 0, "name")).await;
    assert!(matches!(refusal(&log, claiming(&petr, 0, [name(&key)])).await, AppendError::Taken { .. }));
}

#[doc(hidden)]
pub async fn a_scope_given_up_and_claimed_at_once_is_refused(log: Log) {
    let stream = new_stream();
    let mut wanted = releasing(&stream, 0, "name");
    wanted.claims = vec![name(&new_name())];
    assert!(matches!(refusal(&log, wanted).await, AppendError::Fault(_)));
    let scope = new_name();
    let twice = claiming(&stream, 0, [place(&scope, 3), place(&scope, 3)]);
    assert!(matches!(refusal(&log, twice).await, AppendError::Fault(_)));
}
