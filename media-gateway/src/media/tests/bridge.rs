//! Two SIP phones hear each other.

use super::phone::{Network, Phone, keys};
use super::{await_event, drive, drive_until, engine, is_connected, talk};
use crate::media::{Direction, SrtpSuite};
use audio::codec::Codec;
use std::time::Duration;

const OLGA: f32 = 440.0;
const IVAN: f32 = 1000.0;
const WAIT: Duration = Duration::from_secs(10);

async fn hear_each_other(a: Codec, b: Codec) {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, a, OLGA);
    let (mut ivan, other) = Phone::call_with(&engine, b, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    await_event(&mut events, &mut [&mut olga, &mut ivan], is_connected(port)).await;
    talk(&mut [&mut olga, &mut ivan], Duration::from_millis(1500), [IVAN, OLGA]).await;
    assert!(olga.hears_only(IVAN, OLGA), "{a} hears {:?} of {b}", olga.hears());
    assert!(ivan.hears_only(OLGA, IVAN), "{b} hears {:?} of {a}", ivan.hears());
}

#[tokio::test]
async fn opus_and_a_law_hear_each_other_and_nobody_hears_himself() {
    hear_each_other(Codec::Opus, Codec::Pcma).await;
}

#[tokio::test]
async fn g722_and_mu_law_hear_each_other() {
    hear_each_other(Codec::G722, Codec::Pcmu).await;
}

#[tokio::test]
async fn opus_and_g722_hear_each_other() {
    hear_each_other(Codec::Opus, Codec::G722).await;
}

#[tokio::test]
async fn gsm_and_l16_hear_each_other() {
    hear_each_other(Codec::Gsm, Codec::L16 { rate: 16_000 }).await;
}

#[tokio::test]
async fn opus_passes_through_untouched_with_its_gaps() {
    let (engine, _events) = engine(1);
    let (olga, port) = Phone::call(&engine, Codec::Opus, OLGA);
    let mut olga = olga.behind(Network { loses: 10, swaps: 0 });
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Opus, 0.0, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive_until(&mut [&mut olga, &mut ivan], WAIT, |_| true).await;
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1500)).await;
    assert!(ivan.hears_only(OLGA, IVAN), "{:?}", ivan.hears());
    let numbers: Vec<u16> = ivan.packets.iter().map(|(header, _)| header.sequence).collect();
    let gaps = numbers.windows(2).filter(|two| two[1].wrapping_sub(two[0]) == 2).count();
    assert!(gaps >= 3, "a packet lost on one side is a gap on the other: {numbers:?}");
    let even = ivan.packets.windows(2).all(|two| {
        let steps = two[1].0.sequence.wrapping_sub(two[0].0.sequence);
        two[1].0.timestamp.wrapping_sub(two[0].0.timestamp) == u32::from(steps) * 960 || two[1].0.marker
    });
    assert!(even, "time goes with the numbers");
}

#[tokio::test]
async fn a_tone_survives_loss_and_reordering() {
    let (engine, _events) = engine(1);
    let (olga, port) = Phone::call(&engine, Codec::Opus, OLGA);
    let mut olga = olga.behind(Network { loses: 12, swaps: 7 });
    let (ivan, other) = Phone::call_with(&engine, Codec::Pcma, IVAN, Some(port), |_| {});
    let mut ivan = ivan.behind(Network { loses: 12, swaps: 7 });
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(2500)).await;
    assert!(olga.hears().is_some_and(|heard| (heard - IVAN).abs() < 8.0), "{:?}", olga.hears());
    assert!(ivan.hears().is_some_and(|heard| (heard - OLGA).abs() < 8.0), "{:?}", ivan.hears());
    let statistics = engine.statistics(port).unwrap();
    assert!(statistics.lost > 0 && statistics.loss > 0.01, "{statistics:?}");
    assert!(statistics.mos > 1.5 && statistics.mos < 4.4, "{statistics:?}");
}

#[tokio::test]
async fn keys_protect_both_directions() {
    for suite in [SrtpSuite::Aes128CmHmacSha1_80, SrtpSuite::Aes128CmHmacSha1_32] {
        let (engine, _events) = engine(1);
        let (mut olga, port) =
            Phone::call_with(&engine, Codec::Pcma, OLGA, None, |media| media.srtp = Some(keys(suite)));
        let (mut ivan, other) = Phone::call_with(&engine, Codec::Pcmu, IVAN, Some(port), |_| {});
        engine.join(port, other).unwrap();
        talk(&mut [&mut olga, &mut ivan], Duration::from_millis(1500), [IVAN, OLGA]).await;
        assert!(olga.hears_only(IVAN, OLGA), "{suite:?}: {:?}", olga.hears());
        assert!(ivan.hears_only(OLGA, IVAN), "{suite:?}: {:?}", ivan.hears());
    }
}

#[tokio::test]
async fn whoever_has_not_the_key_is_not_heard() {
    let (engine, _events) = engine(1);
    let (_, port) = Phone::call_with(&engine, Codec::Pcma, OLGA, None, |media| {
        media.srtp = Some(keys(SrtpSuite::Aes128CmHmacSha1_80));
    });
    let listening = engine.open_rtp(Some(port)).unwrap();
    let mut stranger = Phone::new(listening.rtp, Codec::Pcma, OLGA);
    let mut media = stranger.media();
    media.srtp = Some(keys(SrtpSuite::Aes128CmHmacSha1_80));
    engine.set_rtp(listening.port, media).unwrap();
    let mut refused = || engine.statistics(listening.port).unwrap();
    drive_until_refused(&mut stranger, &mut refused).await;
}

async fn drive_until_refused(
    stranger: &mut Phone,
    statistics: &mut impl FnMut() -> crate::media::Statistics,
) {
    // What comes back is protected, and this one cannot open it: it does not listen.
    let (mut packets, mut step) = (0, tokio::time::interval(Duration::from_millis(20)));
    while statistics().refused < 5 {
        step.tick().await;
        stranger.send(8, packets * 160, false, &[0xD5; 160]);
        packets += 1;
        assert!(packets < 500, "{:?}", statistics());
    }
    assert_eq!(statistics().received, 0);
}

#[tokio::test]
async fn on_hold_there_is_silence_and_the_talk_goes_on_after() {
    let (engine, _events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, OLGA);
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Opus, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_secs(1)).await;
    assert!(olga.hears_only(IVAN, OLGA));

    let mut held = olga.media();
    held.direction = Direction::Inactive;
    engine.set_rtp(port, held).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1500)).await;
    assert!(ivan.is_deaf(), "what a held party says is not heard: {:?}", ivan.hears());
    let packets = olga.packets.len();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(200)).await;
    assert_eq!(olga.packets.len(), packets, "and nothing is sent to it");

    engine.set_rtp(port, olga.media()).unwrap();
    talk(&mut [&mut olga, &mut ivan], Duration::from_millis(1500), [IVAN, OLGA]).await;
    assert!(olga.hears_only(IVAN, OLGA));
    assert!(ivan.hears_only(OLGA, IVAN));
}

#[tokio::test]
async fn a_codec_may_change_in_a_re_offer() {
    let (engine, _events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, OLGA);
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Pcma, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(800)).await;
    let ssrc = olga.packets.last().unwrap().0.ssrc;

    let mut again = Phone::new(engine.open_rtp(Some(port)).unwrap().rtp, Codec::G722, OLGA);
    std::mem::swap(&mut again, &mut olga);
    olga.sequence = again.sequence;
    olga.ssrc = again.ssrc;
    olga = olga.to(&again);
    engine.set_rtp(port, olga.media()).unwrap();
    talk(&mut [&mut olga, &mut ivan], Duration::from_millis(1500), [IVAN, OLGA]).await;
    assert!(olga.hears_only(IVAN, OLGA), "{:?}", olga.hears());
    assert!(ivan.hears_only(OLGA, IVAN), "{:?}", ivan.hears());
    assert_eq!(olga.packets.last().unwrap().0.ssrc, ssrc, "it is the same stream");
}

#[tokio::test]
async fn ports_of_different_threads_come_together() {
    let (engine, _events) = engine(2);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, OLGA);
    let (mut ivan, other) = Phone::call(&engine, Codec::Opus, IVAN);
    engine.join(port, other).unwrap();
    engine.play(other, crate::media::Source::None).unwrap();
    talk(&mut [&mut olga, &mut ivan], Duration::from_millis(1500), [IVAN, OLGA]).await;
    assert!(olga.hears_only(IVAN, OLGA), "{:?}", olga.hears());
    assert!(ivan.hears_only(OLGA, IVAN), "{:?}", ivan.hears());
}

#[tokio::test]
async fn parted_ports_hear_each_other_no_more() {
    let (engine, _events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, OLGA);
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Pcma, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(800)).await;
    engine.part(other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1500)).await;
    assert!(olga.is_deaf() && ivan.is_deaf(), "{:?} {:?}", olga.hears(), ivan.hears());
}

#[tokio::test]
async fn the_echo_gives_back_what_it_hears() {
    for codec in [Codec::Pcma, Codec::Opus] {
        let (engine, _events) = engine(1);
        let (mut olga, port) = Phone::call(&engine, codec, OLGA);
        engine.echo(port, true).unwrap();
        drive(&mut [&mut olga], Duration::from_millis(1500)).await;
        assert!(olga.hears_only(OLGA, IVAN), "{codec}: {:?}", olga.hears());
        engine.echo(port, false).unwrap();
        drive(&mut [&mut olga], Duration::from_millis(1500)).await;
        assert!(olga.is_deaf());
    }
}

#[tokio::test]
async fn packet_times_other_than_twenty_milliseconds_are_kept() {
    for (milliseconds, bytes) in [(10, 80), (30, 240), (60, 480)] {
        let (engine, _events) = engine(1);
        let (mut olga, port) = Phone::call_with(&engine, Codec::Pcma, 0.0, None, |media| {
            media.packet_time = Duration::from_millis(milliseconds);
        });
        let (mut ivan, other) = Phone::call_with(&engine, Codec::Pcmu, IVAN, Some(port), |_| {});
        engine.join(port, other).unwrap();
        drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1500)).await;
        assert!(olga.hears().is_some_and(|heard| (heard - IVAN).abs() < 8.0), "{:?}", olga.hears());
        assert!(olga.packets.iter().all(|(_, payload)| payload.len() == bytes));
        let step = u32::from(bytes as u16);
        // A marker begins anew after a stall of a busy machine.
        let even = olga
            .packets
            .windows(2)
            .all(|two| two[1].0.marker || two[1].0.timestamp.wrapping_sub(two[0].0.timestamp) == step);
        assert!(even, "time stamps go up by {step}");
    }
}
