//! Where this machine is reached, asked anew when a call has lost its way.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// All calls of an engine share one look at the system in this time.
const LASTS: Duration = Duration::from_secs(1);

/// Addresses under which a far side can reach this machine. Clones share what was learned.
#[derive(Clone)]
pub struct Addresses(Arc<Inner>);

enum Inner {
    Fixed(Vec<IpAddr>),
    Looked { look: Box<dyn Fn() -> Vec<IpAddr> + Send + Sync>, last: Mutex<Option<(Instant, Vec<IpAddr>)>> },
}

impl Addresses {
    /// They were set, and never change.
    #[must_use]
    pub fn fixed(addresses: Vec<IpAddr>) -> Self {
        Self(Arc::new(Inner::Fixed(addresses)))
    }

    /// They are this machine's own, as `look` finds them; it must not block. While a network is gone it finds none.
    #[must_use]
    pub fn looked_up(look: impl Fn() -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner::Looked { look: Box::new(look), last: Mutex::new(None) }))
    }

    /// What they are now, give or take a second.
    #[must_use]
    pub fn at(&self, now: Instant) -> Vec<IpAddr> {
        match &*self.0 {
            Inner::Fixed(addresses) => addresses.clone(),
            Inner::Looked { look, last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                match &*last {
                    Some((at, known)) if now < *at + LASTS => known.clone(),
                    Some(_) | None => last.insert((now, look())).1.clone(),
                }
            }
        }
    }

    /// Whether to ask again can be of use.
    #[must_use]
    pub(super) fn may_change(&self) -> bool {
        matches!(*self.0, Inner::Looked { .. })
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Fixed(addresses) => f.debug_tuple("Fixed").field(addresses).finish(),
            Inner::Looked { .. } => f.write_str("Looked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[test]
    fn the_system_is_asked_once_a_second_however_many_calls_ask() {
        let asked = Arc::new(AtomicU8::new(0));
        let count = Arc::clone(&asked);
        let addresses = Addresses::looked_up(move || {
            vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, count.fetch_add(1, Ordering::Relaxed)))]
        });
        let begin = now();
        let first = addresses.at(begin);
        assert_eq!(addresses.clone().at(begin + Duration::from_millis(900)), first);
        assert_ne!(addresses.at(begin + Duration::from_millis(1_100)), first);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
