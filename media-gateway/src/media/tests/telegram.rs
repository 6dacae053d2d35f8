//! Telegram calls: both roles and both ways of signalling, joined to phones, on hold, and when the far side goes.

use super::app::App;
use super::phone::Phone;
use super::{End, drive_until, engine};
use crate::media::clock::now;
use crate::media::{
    Addresses, Engine, EngineConfig, Event, Failure, PortId, Source, TelegramPeer, TelegramSetup,
};
use audio::codec::Codec;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tgcalls::call::{Config, Event as Noticed};
use tgcalls::key::{CallKey, Role};
use tgcalls::version::Signalling;
use tokio::sync::mpsc;

const OLGA: f32 = 440.0;
const IVAN: f32 = 1000.0;
const WAIT: Duration = Duration::from_secs(10);

fn config(role: Role, signalling: Signalling) -> Config {
    Config { role, key: CallKey::new([7; 256]), signalling, servers: Vec::new(), p2p: true }
}

/// The engine with what stands in for Telegram's servers: it carries signalling between ports, or a port and an app.
struct World {
    engine: Engine,
    events: mpsc::Receiver<Event>,
    /// Ports that are the two ends of a call.
    pairs: Vec<(PortId, PortId)>,
    /// What else happened.
    log: Vec<Event>,
}

impl World {
    fn new(threads: usize) -> Self {
        let (engine, events) = engine(threads);
        Self { engine, events, pairs: Vec::new(), log: Vec::new() }
    }

    /// A call from one port of the engine to another.
    fn call(&mut self, signalling: Signalling) -> (PortId, PortId) {
        let caller = self.engine.open_telegram(config(Role::Caller, signalling), None).unwrap();
        let callee = self.engine.open_telegram(config(Role::Callee, signalling), None).unwrap();
        self.pairs.push((caller, callee));
        (caller, callee)
    }

    /// A call of the engine with an app; the engine has the role.
    fn app(&self, role: Role, hertz: f32) -> (App, PortId) {
        let port = self.engine.open_telegram(config(role, Signalling::V2), None).unwrap();
        (App::new(config(role.other(), Signalling::V2), hertz), port)
    }

    fn phone(&self, codec: Codec, hertz: f32, port: PortId) -> Phone {
        let (phone, leg) = Phone::call_with(&self.engine, codec, hertz, Some(port), |_| {});
        self.engine.join(leg, port).unwrap();
        phone
    }

    fn carry(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            if let Event::Signal { port, message } = event {
                let other = self.pairs.iter().find_map(|(a, b)| match port {
                    it if it == *a => Some(*b),
                    it if it == *b => Some(*a),
                    _ => None,
                });
                self.engine.signal(other.unwrap(), message).unwrap();
            } else {
                self.log.push(event);
            }
        }
    }

    fn carry_to(&mut self, app: &mut App, port: PortId) {
        while let Ok(event) = self.events.try_recv() {
            if let Event::Signal { message, .. } = event {
                app.signal(&message);
            } else {
                self.log.push(event);
            }
        }
        for packet in app.said.drain(..) {
            // A port that is closed no longer takes it.
            let _ = self.engine.signal(port, packet.into());
        }
    }

    /// Drives phones, and carries signalling between ports, until something is so.
    async fn until(&mut self, phones: &mut [&mut Phone], so: impl Fn(&Self, &[&mut Phone]) -> bool) {
        let end = now() + WAIT;
        loop {
            self.carry();
            if so(self, phones) {
                return;
            }
            assert!(now() < end, "it did not happen: {:?}", self.log);
            step(phones).await;
        }
    }

    /// Drives an app with its phones until something is so.
    async fn until_app(
        &mut self,
        (app, port): (&mut App, PortId),
        phones: &mut [&mut Phone],
        within: Duration,
        so: impl Fn(&Self, &App, &[&mut Phone]) -> bool,
    ) {
        let end = now() + within;
        loop {
            self.carry_to(app, port);
            if so(self, app, phones) {
                return;
            }
            assert!(now() < end, "it did not happen: {:?} {:?}", self.log, app.happened);
            app.step(now());
            step(phones).await;
        }
    }

    fn has(&self, fits: impl Fn(&Event) -> bool) -> bool {
        self.log.iter().any(fits)
    }

    fn is_connected(&self, port: PortId) -> bool {
        self.has(super::is_connected(port))
    }
}

/// Five milliseconds.
async fn step(phones: &mut [&mut Phone]) {
    let mut ends: Vec<&mut dyn End> = phones.iter_mut().map(|phone| &mut **phone as &mut dyn End).collect();
    let mut steps = 0;
    drive_until(&mut ends, WAIT, |_| {
        steps += 1;
        steps > 2
    })
    .await;
}

/// Opus passes through, A-law is transcoded; the call between the two ports carries Opus in any case.
#[tokio::test]
async fn two_ends_of_a_telegram_call_hear_each_other_in_both_ways_of_signalling() {
    for (signalling, codec) in [(Signalling::V2, Codec::Pcma), (Signalling::V3, Codec::Opus)] {
        let mut world = World::new(2);
        let (caller, callee) = world.call(signalling);
        let mut olga = world.phone(Codec::Opus, OLGA, caller);
        let mut ivan = world.phone(codec, IVAN, callee);
        world
            .until(&mut [&mut olga, &mut ivan], |_, phones| {
                phones[0].hears_only(IVAN, OLGA) && phones[1].hears_only(OLGA, IVAN)
            })
            .await;
        assert!(world.is_connected(caller) && world.is_connected(callee), "{:?}", world.log);
    }
}

#[tokio::test]
async fn two_ends_with_nothing_but_ipv6_hear_each_other() {
    let here = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((here, 0)).is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let (engine, events) =
        Engine::start(EngineConfig { rtp_listen: here, ..EngineConfig::loopback() }).unwrap();
    let mut world = World { engine, events, pairs: Vec::new(), log: Vec::new() };
    let (caller, callee) = world.call(Signalling::V2);
    world.until(&mut [], |world, _| world.is_connected(caller) && world.is_connected(callee)).await;
}

#[tokio::test]
async fn an_app_is_heard_whatever_the_length_of_its_packets() {
    for (role, milliseconds) in [(Role::Caller, 60), (Role::Callee, 10), (Role::Callee, 120)] {
        let mut world = World::new(1);
        let (mut app, port) = world.app(role, IVAN);
        app.packet_time = Duration::from_millis(milliseconds);
        let mut olga = world.phone(Codec::Pcma, OLGA, port);
        world
            .until_app((&mut app, port), &mut [&mut olga], WAIT, |_, app, phones| {
                phones[0].hears_only(IVAN, OLGA) && app.hears_only(OLGA, IVAN)
            })
            .await;
    }
}

#[tokio::test]
async fn statistics_tell_how_a_telegram_call_does() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    let mut olga = world.phone(Codec::Pcma, OLGA, port);
    world
        .until_app((&mut app, port), &mut [&mut olga], WAIT, |world, _, _| {
            world.engine.statistics(port).is_some_and(|statistics| {
                statistics.received > 50 && statistics.sent > 50 && statistics.round_trip.is_some()
            })
        })
        .await;
    let statistics = world.engine.statistics(port).unwrap();
    assert!(statistics.lost == 0 && statistics.mos > 3.5, "{statistics:?}");
}

#[tokio::test]
async fn an_app_on_hold_hears_silence_that_goes_on() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Callee, IVAN);
    let mut olga = world.phone(Codec::Pcma, OLGA, port);
    let hears = |_: &World, app: &App, _: &[&mut Phone]| app.hears_only(OLGA, IVAN);
    world.until_app((&mut app, port), &mut [&mut olga], WAIT, hears).await;
    world.engine.part(port).unwrap();
    world.until_app((&mut app, port), &mut [&mut olga], WAIT, |_, app, _| app.is_deaf()).await;
    let before = app.packets;
    world.until_app((&mut app, port), &mut [&mut olga], WAIT, |_, app, _| app.packets >= before + 25).await;
    assert!(app.is_deaf(), "it hears {:?}", app.hears());
}

#[tokio::test]
async fn an_app_that_likes_pauses_gets_them_and_what_follows_is_whole() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    app.wants_pauses();
    let (mut olga, leg) = Phone::call_with(&world.engine, Codec::Pcma, OLGA, Some(port), |_| {});
    let hears = |_: &World, app: &App, _: &[&mut Phone]| app.hears_only(OLGA, IVAN);
    for _ in 0..2 {
        world.engine.join(leg, port).unwrap();
        world.until_app((&mut app, port), &mut [&mut olga], WAIT, hears).await;
        world.engine.part(port).unwrap();
        world.until_app((&mut app, port), &mut [&mut olga], WAIT, |_, app, _| app.is_deaf()).await;
        let (before, later) = (app.packets, now() + Duration::from_secs(2));
        world.until_app((&mut app, port), &mut [&mut olga], WAIT, |_, _, _| now() >= later).await;
        let came = app.packets - before;
        assert!((2..30).contains(&came), "{came} packets in two seconds instead of a hundred");
    }
    assert_eq!(app.gaps, 0, "nothing looks lost");
    let statistics = world.engine.statistics(port).unwrap();
    assert!(statistics.loss_reported == 0.0, "{statistics:?}");
}

#[tokio::test]
async fn a_microphone_that_is_off_is_no_silence_and_an_app_that_says_nothing_is() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    world.until_app((&mut app, port), &mut [], WAIT, |world, _, _| world.is_connected(port)).await;
    let heard = |world: &World, _: &App, _: &[&mut Phone]| {
        world.engine.statistics(port).is_some_and(|statistics| statistics.received > 10)
    };
    world.until_app((&mut app, port), &mut [], WAIT, heard).await;
    app.mute(true);
    let is_silent = |event: &Event| matches!(event, Event::Silent { .. });
    let later = now() + Duration::from_millis(1500);
    world.until_app((&mut app, port), &mut [], WAIT, |_, _, _| now() >= later).await;
    assert!(!world.has(is_silent), "{:?}", world.log);
    app.mute(false);
    app.quiet = true;
    world.until_app((&mut app, port), &mut [], WAIT, |world, _, _| world.has(is_silent)).await;
}

#[tokio::test]
async fn an_app_that_hangs_up_ends_its_port_at_once() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    world.until_app((&mut app, port), &mut [], WAIT, |world, _, _| world.is_connected(port)).await;
    app.close();
    let closed = |event: &Event| matches!(event, Event::Failed { failure: Failure::Closed, .. });
    world.until_app((&mut app, port), &mut [], Duration::from_secs(2), |world, _, _| world.has(closed)).await;
}

#[tokio::test]
async fn a_port_that_is_closed_tells_the_app() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Callee, IVAN);
    world.until_app((&mut app, port), &mut [], WAIT, |world, _, _| world.is_connected(port)).await;
    world.engine.close(port);
    let failed = |_: &World, app: &App, _: &[&mut Phone]| {
        app.happened.iter().any(|event| matches!(event, Noticed::Failed(_)))
    };
    world.until_app((&mut app, port), &mut [], Duration::from_secs(2), failed).await;
}

#[tokio::test]
async fn an_app_that_is_gone_is_told_first_and_fails_when_it_does_not_come_back() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    world.until_app((&mut app, port), &mut [], WAIT, |world, _, _| world.is_connected(port)).await;
    app.cut = true;
    let failed = |event: &Event| matches!(event, Event::Failed { .. });
    let within = Duration::from_secs(30);
    world.until_app((&mut app, port), &mut [], within, |world, _, _| world.has(failed)).await;
    let lost = world.log.iter().position(|event| matches!(event, Event::Disconnected { .. })).unwrap();
    let ended = world.log.iter().position(failed).unwrap();
    assert!(lost < ended, "{:?}", world.log);
    assert!(matches!(world.log[ended], Event::Failed { failure: Failure::PathLost, .. }), "{:?}", world.log);
}

#[tokio::test]
async fn a_call_goes_on_when_the_machine_gets_another_address() {
    for role in [Role::Caller, Role::Callee] {
        let mut world = World::new(1);
        let home = Arc::new(Mutex::new(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let own = Arc::clone(&home);
        let setup = TelegramSetup {
            listen: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ports: EngineConfig::default().rtp_ports,
            addresses: Addresses::looked_up(move || vec![*own.lock().unwrap()]),
        };
        let peer = TelegramPeer::new(config(role, Signalling::V2), &setup, now()).unwrap();
        let port = world.engine.open_peer(Box::new(peer), None).unwrap();
        let mut app = App::new(config(role.other(), Signalling::V2), IVAN);
        app.home = Some(Arc::clone(&home));
        let mut olga = world.phone(Codec::Pcma, OLGA, port);
        let hear = |_: &World, app: &App, phones: &[&mut Phone]| {
            phones[0].hears_only(IVAN, OLGA) && app.hears_only(OLGA, IVAN)
        };
        world.until_app((&mut app, port), &mut [&mut olga], WAIT, hear).await;
        world.log.clear();

        *home.lock().unwrap() = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
        let within = Duration::from_secs(15);
        let is_back = |world: &World, _: &App, _: &[&mut Phone]| world.is_connected(port);
        world.until_app((&mut app, port), &mut [&mut olga], within, is_back).await;
        assert!(world.has(|it| matches!(it, Event::Disconnected { .. })), "{:?}", world.log);
        world.until_app((&mut app, port), &mut [&mut olga], WAIT, hear).await;
    }
}

#[tokio::test]
async fn a_call_that_nobody_answers_finds_no_path() {
    let mut world = World::new(1);
    let (mut app, port) = world.app(Role::Caller, IVAN);
    app.cut = true;
    let failed = |event: &Event| matches!(event, Event::Failed { failure: Failure::NoPath, .. });
    let within = Duration::from_secs(30);
    world.until_app((&mut app, port), &mut [], within, |world, _, _| world.has(failed)).await;
}

#[tokio::test]
async fn twenty_calls_at_once_hear_only_their_own() {
    let mut world = World::new(2);
    let mut phones = Vec::new();
    let tone = |number: u16| 400 + 40 * number;
    for number in 0..20 {
        let (caller, callee) = world.call(Signalling::V2);
        let source = Source::Tone { hertz: [tone(number), 0], milliseconds: None };
        world.engine.play(caller, source).unwrap();
        phones.push(world.phone(Codec::Pcma, 0.0, callee));
    }
    let mut phones: Vec<&mut Phone> = phones.iter_mut().collect();
    world
        .until(&mut phones, |_, phones| {
            (0_u16..).zip(phones).all(|(number, phone)| {
                let (own, next) = (f32::from(tone(number)), f32::from(tone((number + 1) % 20)));
                phone.hears_only(own, next)
            })
        })
        .await;
}
