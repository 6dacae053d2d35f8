//! The whole engine on loopback with real sockets: sound is heard by its frequency at the far ends.

mod app;
mod bridge;
mod browser;
mod connecting;
mod crowd;
mod digits;
mod ends;
mod path;
mod phone;
mod play;
mod recording;
mod telegram;
mod turn;

use super::clock::now;
use super::{Engine, EngineConfig, Event, PortId};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// Far ends that the test drives, a step each five milliseconds.
trait End {
    fn step(&mut self, now: Instant);

    /// Whether it hears this tone, and nothing of the other.
    fn hears_only(&self, hertz: f32, not: f32) -> bool;
}

fn engine(threads: usize) -> (Engine, mpsc::Receiver<Event>) {
    let config = EngineConfig {
        threads: NonZeroUsize::new(threads),
        silence: Duration::from_millis(400),
        reconnect: Duration::from_secs(2),
        ..EngineConfig::loopback()
    };
    Engine::start(config).unwrap()
}

/// Drives far ends for so long.
async fn drive(ends: &mut [&mut dyn End], time: Duration) {
    let until = now() + time;
    drive_until(ends, time + Duration::from_secs(60), |_| now() >= until).await;
}

/// Drives two far ends for so long, and on while they do not hear each other: a busy machine may have cut holes into what they
/// said, which leave what is listened to within two seconds. `tones`: what each is to hear.
async fn talk(ends: &mut [&mut dyn End], time: Duration, tones: [f32; 2]) {
    let (until, latest) = (now() + time, now() + time + Duration::from_secs(6));
    drive_until(ends, time + Duration::from_secs(60), |ends| {
        let they_hear = || ends[0].hears_only(tones[0], tones[1]) && ends[1].hears_only(tones[1], tones[0]);
        now() >= until && (now() >= latest || they_hear())
    })
    .await;
}

/// Drives far ends until something is so; panics if it is not in time.
async fn drive_until(
    ends: &mut [&mut dyn End],
    within: Duration,
    mut so: impl FnMut(&[&mut dyn End]) -> bool,
) {
    let begin = now();
    let mut steps = interval(Duration::from_millis(5));
    steps.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while !so(ends) {
        assert!(now() < begin + within, "it did not happen within {within:?}");
        steps.tick().await;
        for end in ends.iter_mut() {
            end.step(now());
        }
    }
}

/// Drives far ends until the engine tells an event that fits; those before it are left aside.
async fn await_event(
    events: &mut mpsc::Receiver<Event>,
    ends: &mut [&mut dyn End],
    fits: impl FnMut(&Event) -> bool,
) -> Event {
    await_event_within(events, ends, Duration::from_secs(10), fits).await
}

async fn await_event_within(
    events: &mut mpsc::Receiver<Event>,
    ends: &mut [&mut dyn End],
    within: Duration,
    mut fits: impl FnMut(&Event) -> bool,
) -> Event {
    let mut found = None;
    drive_until(ends, within, |_| {
        while let (None, Ok(event)) = (&found, events.try_recv()) {
            found = Some(event).filter(&mut fits);
        }
        found.is_some()
    })
    .await;
    found.unwrap()
}

fn is_connected(port: PortId) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Connected { port: connected } if *connected == port)
}
