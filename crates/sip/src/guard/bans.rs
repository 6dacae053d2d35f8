//! Who is not heard for a while: sources and accounts at which passwords are being guessed.

use super::trust::Trusted;
use crate::account::Transport;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

/// Sources, and accounts, remembered at one time.
const MOST: usize = 16_384;

/// When somebody is banned, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BanPolicy {
    /// So many failures …
    pub failures: u32,
    /// … within this time lead to a ban.
    pub within: Duration,
    /// The first ban's length; each further one is twice as long.
    pub first: Duration,
    /// The longest ban.
    pub longest: Duration,
}

impl Default for BanPolicy {
    /// Five failures in ten minutes: an hour, doubling to a day.
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self { failures: 5, within: minutes(10), first: minutes(60), longest: minutes(24 * 60) }
    }
}

/// Failures and bans, per source and per account.
///
/// Only failures of proven senders may be counted: whoever answered a challenge of ours has received it at its address,
/// so nobody can get a trunk banned by forging its address. An account that is guessed at from many places
/// is closed to strangers only: sources that proved its password lately stay welcome.
#[derive(Debug, Default)]
pub struct Guard {
    policy: BanPolicy,
    trusted: Vec<Trusted>,
    sources: HashMap<IpAddr, Record>,
    accounts: HashMap<String, Record>,
    friends: HashMap<(String, IpAddr), SystemTime>,
}

#[derive(Debug, Default)]
struct Record {
    failures: Vec<SystemTime>,
    bans: u32,
    until: Option<SystemTime>,
}

/// How long a source that proved an account's password is a friend of it.
const FRIENDSHIP: Duration = Duration::from_secs(24 * 60 * 60);

impl Guard {
    /// A guard with these rules and these networks, which it never bans.
    #[must_use]
    pub fn new(policy: BanPolicy, trusted: Vec<Trusted>) -> Self {
        Self { policy, trusted, ..Self::default() }
    }

    /// Whether a source is heard at all. Ask before parsing; whoever is not heard gets no answer.
    #[must_use]
    pub fn hears(&self, source: IpAddr, now: SystemTime) -> bool {
        !self.sources.get(&source.to_canonical()).is_some_and(|record| record.is_banned(now))
    }

    /// Whether an account may be tried from there now. A refusal must look as a wrong password does.
    #[must_use]
    pub fn allows(&self, account: &str, source: IpAddr, now: SystemTime) -> bool {
        let closed = self.accounts.get(account).is_some_and(|record| record.is_banned(now));
        !closed || self.is_friend(account, source, now)
    }

    /// Whether requests from there need no password.
    #[must_use]
    pub fn trusts(&self, source: SocketAddr, transport: Transport) -> bool {
        self.trusted.iter().any(|network| network.covers(source, transport))
    }

    /// Counts a wrong password, given by somebody who had received our challenge. `true` when the source is banned by it.
    pub fn failed(&mut self, account: &str, source: IpAddr, now: SystemTime) -> bool {
        let source = source.to_canonical();
        let is_trusted = self.trusted.iter().any(|trusted| trusted.network.contains(source));
        if !self.is_friend(account, source, now) {
            make_room(&mut self.accounts, now, self.policy.within);
            self.accounts.entry(account.to_owned()).or_default().fail(&self.policy, now);
        }
        if is_trusted {
            return false;
        }
        make_room(&mut self.sources, now, self.policy.within);
        self.sources.entry(source).or_default().fail(&self.policy, now)
    }

    /// Notes a right password: the source's failures are forgiven, and it is a friend of the account.
    pub fn succeeded(&mut self, account: &str, source: IpAddr, now: SystemTime) {
        let source = source.to_canonical();
        if let Some(record) = self.sources.get_mut(&source) {
            record.failures.clear();
        }
        if self.friends.len() >= MOST {
            let mut ages: Vec<SystemTime> = self.friends.values().copied().collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            self.friends.retain(|_, at| *at > middle);
        }
        self.friends.insert((account.to_owned(), source), now);
    }

    /// The sources that are banned now, with the end of the ban.
    pub fn banned(&self, now: SystemTime) -> impl Iterator<Item = (IpAddr, SystemTime)> {
        let banned = move |(ip, record): (&IpAddr, &Record)| {
            record.until.filter(|until| *until > now).map(|until| (*ip, until))
        };
        self.sources.iter().filter_map(banned)
    }

    fn is_friend(&self, account: &str, source: IpAddr, now: SystemTime) -> bool {
        let since = self.friends.get(&(account.to_owned(), source.to_canonical()));
        since.is_some_and(|at| now.duration_since(*at).unwrap_or_default() < FRIENDSHIP)
    }
}

impl Record {
    fn is_banned(&self, now: SystemTime) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    fn fail(&mut self, policy: &BanPolicy, now: SystemTime) -> bool {
        if self.is_banned(now) {
            return false;
        }
        self.failures.retain(|at| now.duration_since(*at).unwrap_or_default() < policy.within);
        self.failures.push(now);
        if self.failures.len() < policy.failures as usize {
            return false;
        }
        let length = policy.first.saturating_mul(1 << self.bans.min(16)).min(policy.longest);
        self.failures.clear();
        self.bans += 1;
        self.until = Some(now + length);
        true
    }

    fn last(&self) -> Option<SystemTime> {
        self.failures.last().copied().max(self.until)
    }
}

/// Forgets whoever did nothing lately and is not banned; if all did, those who did it longest ago.
fn make_room<K: Clone + Eq + Hash>(records: &mut HashMap<K, Record>, now: SystemTime, within: Duration) {
    if records.len() < MOST {
        return;
    }
    let recent = |at: SystemTime| now.duration_since(at).unwrap_or_default() < within;
    records.retain(|_, record| record.is_banned(now) || record.last().is_some_and(recent));
    if records.len() >= MOST {
        let mut ages: Vec<Option<SystemTime>> = records.values().map(Record::last).collect();
        ages.sort_unstable();
        let middle = ages[ages.len() / 2];
        records.retain(|_, record| record.last() > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// Five failures at this time.
    fn guess(guard: &mut Guard, account: &str, source: IpAddr, seconds: u64) -> bool {
        (0..5).any(|_| guard.failed(account, source, at(seconds)))
    }

    #[test]
    fn the_fifth_failure_bans_for_an_hour_and_each_further_ban_is_twice_as_long() {
        let mut guard = Guard::default();
        assert!((0..4).all(|_| !guard.failed("ivan", ip(1), at(0))));
        assert!(guard.failed("ivan", ip(1), at(0)));
        assert!(!guard.hears(ip(1), at(HOUR - 1)) && guard.hears(ip(1), at(HOUR)));
        assert!(guard.hears(ip(2), at(0)));

        guess(&mut guard, "ivan", ip(1), HOUR);
        assert!(!guard.hears(ip(1), at(3 * HOUR - 1)) && guard.hears(ip(1), at(3 * HOUR)));
        for ban in 2..12 {
            guess(&mut guard, "ivan", ip(1), ban * 100 * HOUR);
        }
        let last = 1100 * HOUR;
        assert!(!guard.hears(ip(1), at(last + 24 * HOUR - 1)) && guard.hears(ip(1), at(last + 24 * HOUR)));
    }

    #[test]
    fn slow_typing_is_no_attack() {
        let mut guard = Guard::default();
        assert!((0..50).all(|n| !guard.failed("ivan", ip(1), at(n * 3 * MINUTE))));
    }

    #[test]
    fn a_right_password_forgives() {
        let mut guard = Guard::default();
        for _ in 0..4 {
            guard.failed("ivan", ip(1), at(0));
        }
        guard.succeeded("ivan", ip(1), at(1));
        assert!(!guard.failed("ivan", ip(1), at(2)));
    }

    #[test]
    fn an_account_guessed_at_from_many_places_stays_open_to_its_owner() {
        let mut guard = Guard::default();
        guard.succeeded("ivan", ip(9), at(0));
        for place in 1..6 {
            guard.failed("ivan", ip(place), at(10));
        }
        assert!(!guard.allows("ivan", ip(7), at(11)));
        assert!(guard.allows("ivan", ip(9), at(11)));
        assert!(guard.allows("anna", ip(7), at(11)));
        assert!(guard.hears(ip(1), at(11)), "one failure each bans no source");
    }

    #[test]
    fn a_trusted_network_is_never_banned() {
        let network = "192.0.2.0/24".parse().unwrap();
        let mut guard =
            Guard::new(BanPolicy::default(), vec![Trusted { network, port: None, transport: None }]);
        assert!(!guess(&mut guard, "ivan", ip(1), 0) && guard.hears(ip(1), at(1)));
        assert!(guard.trusts("192.0.2.1:5060".parse().unwrap(), Transport::Udp));
    }

    #[test]
    fn memory_is_bounded_however_many_strangers_come() {
        let mut guard = Guard::default();
        for n in 0..60_000_u32 {
            guard.failed(&n.to_string(), IpAddr::V4(n.into()), at(0));
            guard.succeeded(&n.to_string(), IpAddr::V4(n.into()), at(0));
        }
        assert!(guard.sources.len() <= MOST && guard.accounts.len() <= MOST && guard.friends.len() <= MOST);
    }
}
