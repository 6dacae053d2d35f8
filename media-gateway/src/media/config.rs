//! How an engine is set up.

use super::telegram::{Addresses, Setup as TelegramSetup};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Settings of an engine, for its whole life.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Media threads; `None`: one a core, at most four.
    pub threads: Option<NonZeroUsize>,
    /// Where RTP sockets are bound.
    pub rtp_listen: IpAddr,
    /// UDP ports for RTP and RTCP of SIP legs, two a call.
    pub rtp_ports: RangeInclusive<u16>,
    /// Where browsers' packets arrive.
    pub browser_listen: IpAddr,
    /// UDP port of the first thread's socket for browsers; the next thread has the next port. 0: any free ports.
    pub browser_port: u16,
    /// Addresses that browsers are told to reach us at (host candidates); empty: `browser_listen`, or where that is any
    /// address, the one that this machine reaches others from.
    pub browser_addresses: Vec<IpAddr>,
    /// Most ports at once; `None`: what the cores are estimated to carry.
    pub capacity: Option<usize>,
    /// How long a far side that should send may be silent before [`Event::Silent`](super::Event::Silent).
    pub silence: Duration,
    /// How long a browser's path may be gone before it counts as failed.
    pub reconnect: Duration,
    /// How many events may wait to be taken. When it is full, events wait in order in the engine; the oldest
    /// recording chunks are dropped first.
    pub events: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            threads: None,
            rtp_listen: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            rtp_ports: 20_000..=29_999,
            browser_listen: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            browser_port: 3_479,
            browser_addresses: Vec::new(),
            capacity: None,
            silence: Duration::from_secs(30),
            reconnect: Duration::from_secs(20),
            events: 4_096,
        }
    }
}

impl EngineConfig {
    /// Everything on 127.0.0.1 and any free ports: tests, the demo, the practice PBX.
    #[must_use]
    pub fn loopback() -> Self {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self { rtp_listen: here, browser_listen: here, browser_port: 0, ..Self::default() }
    }

    /// Addresses that browsers are told, as the settings come to on this machine.
    #[must_use]
    pub fn candidates(&self) -> Vec<IpAddr> {
        if !self.browser_addresses.is_empty() {
            return self.browser_addresses.clone();
        }
        if !self.browser_listen.is_unspecified() {
            return vec![self.browser_listen];
        }
        vec![outgoing().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))]
    }

    /// Where a Telegram call may be reached: what browsers are told, where that is set, and else the addresses of this
    /// machine that sound is listened for at, which may change. IPv6 belongs to them if the machine has it; to those that
    /// are set, only where `rtp_listen` is `::`.
    pub(super) fn telegram(&self) -> TelegramSetup {
        let set = self.browser_addresses.clone();
        let with_v6 =
            self.rtp_listen == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && !set.iter().any(IpAddr::is_ipv6);
        let addresses = if set.is_empty() && self.rtp_listen.is_unspecified() {
            Addresses::looked_up(|| outgoing().into_iter().chain(outgoing_v6()).collect())
        } else if set.is_empty() {
            Addresses::fixed(vec![self.rtp_listen])
        } else if with_v6 {
            Addresses::looked_up(move || set.iter().copied().chain(outgoing_v6()).collect())
        } else {
            Addresses::fixed(set)
        };
        TelegramSetup { listen: self.rtp_listen, ports: self.rtp_ports.clone(), addresses }
    }

    /// The number of threads it comes to on this machine.
    #[must_use]
    pub fn thread_count(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.threads.map_or(cores.min(4), NonZeroUsize::get)
    }
}

/// The address that this machine would send from. Nothing is sent: connecting a UDP socket only looks up the route to an
/// address that is set aside for documentation (RFC 5737).
fn outgoing() -> Option<IpAddr> {
    towards(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)))
}

/// The same for IPv6 (RFC 3849), if it is an address that others can reach.
fn outgoing_v6() -> Option<IpAddr> {
    let far = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let own = towards(IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(far))?;
    let IpAddr::V6(ip) = own else { return None };
    (!ip.is_loopback() && !ip.is_unicast_link_local()).then_some(own)
}

fn towards(any: IpAddr, far: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((far, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_never_told_an_address_that_is_none() {
        let told = EngineConfig::default().candidates();
        assert_eq!(told.len(), 1);
        assert!(!told[0].is_unspecified());
        assert_eq!(EngineConfig::loopback().candidates(), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    }

    #[test]
    fn a_telegram_call_is_told_of_public_addresses_first_and_never_of_one_that_is_none() {
        let told = |listen: &str, set: &[&str]| {
            let browser_addresses = set.iter().map(|ip| ip.parse().unwrap()).collect();
            let rtp_listen = listen.parse().unwrap();
            let config = EngineConfig { rtp_listen, browser_addresses, ..EngineConfig::default() };
            config.telegram().addresses.at(crate::media::clock::now())
        };
        let public: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(told("0.0.0.0", &["203.0.113.7"]), [public]);
        assert_eq!(told("127.0.0.1", &[]), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        for addresses in [told("0.0.0.0", &[]), told("::", &[]), told("::", &["203.0.113.7"])] {
            assert!(addresses.iter().all(|it| !it.is_unspecified() && !it.is_loopback()), "{addresses:?}");
        }
        assert_eq!(told("0.0.0.0", &[]), told("::", &[]), "both families, wherever any address will do");
        // As many more as the machine has addresses of IPv6.
        assert_eq!(told("::", &["203.0.113.7"])[0], public);
    }
}
