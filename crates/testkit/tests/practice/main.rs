//! The practice PBX as a phone meets it: SIP over UDP, RTP with a tone for each person, and what is heard.
#![expect(clippy::unwrap_used, reason = "a caller of the tests ends where something is missing")]

mod caller;

use anyhow::Result;
use caller::{Caller, IVAN_HZ, OLGA_HZ};
use sip::CallEvent;
use std::net::{Ipv4Addr, SocketAddr};
use testkit::practice::Practice;

async fn practice() -> Result<Practice> {
    Practice::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hears_oneself_at_600() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let call = olga.calls("600").await?;
    olga.hears_tone(OLGA_HZ).await?;
    call.hang_up("bye")?;
    olga.is_told(|event| matches!(event, CallEvent::Ended { .. })).await?;
    practice.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_menu_of_601_is_driven_by_keys() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, 0.0).await?;
    let call = olga.calls("601").await?;
    olga.hears_something().await?;
    olga.says(OLGA_HZ);
    olga.presses('3');
    olga.hears_tone(OLGA_HZ).await?;
    olga.presses('*');
    olga.hears_no_tone(OLGA_HZ).await?;
    // A phone may send its keys by INFO too.
    call.digit_by_info(sip::Digit::new('9').expect("a key"))?;
    let ended = olga.is_told(|event| matches!(event, CallEvent::Ended { .. })).await?;
    assert!(matches!(ended, CallEvent::Ended { code: 200, .. }), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_refused_as_the_table_says() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    for (number, refused) in [("603", 486), ("606", 403), ("700", 404), ("1003", 480)] {
        olga.dials(number)?;
        let ended = olga.is_told(|event| matches!(event, CallEvent::Ended { .. })).await?;
        assert!(matches!(ended, CallEvent::Ended { code, .. } if code == refused), "{number}: {ended:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_604_it_rings_and_605_is_heard_before_it_answers() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let call = olga.dials("604")?;
    olga.is_told(|event| *event == CallEvent::Ringing).await?;
    call.hang_up("nobody there")?;
    olga.is_told(|event| matches!(event, CallEvent::Ended { .. })).await?;

    olga.dials("605")?;
    olga.is_told(|event| matches!(event, CallEvent::Progress { .. })).await?;
    olga.hears_something().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_phones_hear_each_other_and_nobody_hears_himself() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let mut ivan = Caller::registered(&practice, 1, IVAN_HZ).await?;
    olga.dials("1002")?;
    ivan.answers("1001").await?;
    olga.is_told(|event| matches!(event, CallEvent::Answered { .. })).await?;
    olga.hears_tone(IVAN_HZ).await?;
    ivan.hears_tone(OLGA_HZ).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_put_on_hold_in_silence_hears_music() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let mut ivan = Caller::registered(&practice, 1, IVAN_HZ).await?;
    let call = olga.dials("1002")?;
    ivan.answers("1001").await?;
    olga.is_told(|event| matches!(event, CallEvent::Answered { .. })).await?;
    ivan.hears_tone(OLGA_HZ).await?;
    olga.says(0.0);
    olga.holds(&call)?;
    olga.is_told(|event| matches!(event, CallEvent::ReofferAnswered { .. })).await?;
    // Olga sends nothing any more, so what is heard is the exchange's music.
    ivan.hears_something().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_handed_on_to_a_number() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let mut ivan = Caller::registered(&practice, 1, IVAN_HZ).await?;
    let call = olga.dials("1002")?;
    ivan.answers("1001").await?;
    olga.is_told(|event| matches!(event, CallEvent::Answered { .. })).await?;
    call.transfer(sip::Uri::sip("600", &practice.address().to_string())?)?;
    let stands =
        |event: &CallEvent| matches!(event, CallEvent::TransferProgress { code, .. } if *code >= 200);
    let stands = olga.is_told(stands).await?;
    assert!(matches!(stands, CallEvent::TransferProgress { code: 200, .. }), "{stands:?}");
    ivan.hears_tone(IVAN_HZ).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_602_calls_back() -> Result<()> {
    let practice = practice().await?;
    let mut olga = Caller::registered(&practice, 0, OLGA_HZ).await?;
    let call = olga.calls("602").await?;
    call.hang_up("as you say")?;
    olga.is_told(|event| matches!(event, CallEvent::Ended { .. })).await?;
    olga.answers("602").await?;
    olga.hears_tone(OLGA_HZ).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_does_not_register() -> Result<()> {
    let practice = practice().await?;
    assert!(Caller::with_password(&practice, "1001", "1234", OLGA_HZ).await.is_err());
    assert!(!practice.is_registered("1001"));
    Ok(())
}
