//! How soon two ends of a Telegram call find each other, on a clock that the test moves.

use crate::media::EngineConfig;
use crate::media::clock::now;
use crate::media::peer::{Datagram, Happening, Heard, Peer as _};
use crate::media::telegram::TelegramPeer;
use std::time::Duration;
use tgcalls::call::Config;
use tgcalls::key::{CallKey, Role};
use tgcalls::version::Signalling;

/// ICE alone takes a step each 50 ms.
const SOON: u64 = 40;

#[test]
fn two_ends_that_know_of_each_other_connect_at_once() {
    let (begin, setup) = (now(), EngineConfig::loopback().telegram());
    let key = CallKey::new([7; 256]);
    let mut ends = [Role::Caller, Role::Callee].map(|role| {
        let signalling = Signalling::V2;
        let config = Config { role, key: key.clone(), signalling, servers: Vec::new(), p2p: true };
        TelegramPeer::new(config, &setup, begin).unwrap()
    });
    let (mut connected, mut mail) = ([None; 2], [Vec::new(), Vec::new()]);
    for millisecond in 0..1000 {
        let now = begin + Duration::from_millis(millisecond);
        for at in 0..2 {
            let mut heard = Heard::default();
            for message in std::mem::take(&mut mail[at]) {
                ends[at].signal(now, message, &mut heard);
            }
            let (socket, mut buffer) = (ends[at].sockets().swap_remove(0), [0; 2048]);
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let bytes = &mut buffer[..length];
                ends[at].receive(Datagram { now, came: now, socket: 0, from, bytes }, &mut heard);
            }
            ends[at].tick(now, &mut heard);
            for happening in heard.happenings {
                if let Happening::Signal(message) = happening {
                    mail[1 - at].push(message);
                } else if matches!(happening, Happening::Connected) {
                    connected[at] = Some(millisecond);
                }
            }
        }
        if connected.iter().all(Option::is_some) {
            break;
        }
    }
    assert!(connected.iter().all(|at| at.is_some_and(|at| at <= SOON)), "milliseconds: {connected:?}");
}
