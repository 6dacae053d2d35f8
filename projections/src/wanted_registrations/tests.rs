//! What `wanted_registrations` keeps and answers, as sentences.

use super::*;
use crate::testing::{OLGA, account, complete, created, on_each_database, row, sealed, story};
use domain::settings::Transport;

fn wanted_after(events: impl IntoIterator<Item = Happened>) -> Option<Wanted> {
    row(&WantedRegistrations, &story(events)).and_then(|row| wanted(*row))
}

fn applied(revision: u32) -> Happened {
    Happened::SettingsApplied { revision: Revision(revision) }
}

fn tls() -> Happened {
    Happened::TransportChanged { transport: Transport::Tls }
}

#[test]
fn nothing_is_registered_before_settings_act() {
    assert_eq!(wanted_after([created(complete())]), None);
    assert_eq!(wanted_after([created(complete()), applied(0)]).map(|it| it.revision), Some(Revision(0)));
}

#[test]
fn a_change_is_registered_when_it_acts_and_not_before() {
    let wanted = wanted_after([created(complete()), applied(0), tls()]).unwrap();
    assert_eq!((wanted.revision, wanted.settings.transport), (Revision(0), Transport::Udp));
    let wanted = wanted_after([created(complete()), applied(0), tls(), applied(1)]).unwrap();
    assert_eq!((wanted.revision, wanted.settings.transport), (Revision(1), Transport::Tls));
}

#[test]
fn an_account_switched_off_incomplete_or_deleted_is_not_registered() {
    assert_eq!(wanted_after([created(complete()), applied(0), Happened::AccountSwitchedOff]), None);
    assert_eq!(wanted_after([created(Settings::default()), applied(0)]), None);
    assert_eq!(
        wanted_after([created(complete()), applied(0), Happened::AccountDeleted { owner: OLGA }]),
        None
    );
}

#[tokio::test]
async fn gateways_read_the_sealed_password_from_the_database() {
    on_each_database(async |platform| {
        platform.happens(&story([created(complete()), applied(0), tls()])).await;
        let wanted = all(&*platform.db()).await.unwrap();
        assert_eq!(wanted.len(), 1);
        assert_eq!((wanted[0].account, wanted[0].owner, wanted[0].user), (account(), OLGA, OLGA));
        assert_eq!(wanted[0].settings.password, Some(sealed()));
    })
    .await;
}
