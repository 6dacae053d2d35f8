//! How fast one source may begin calls.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::SystemTime;

/// Sources remembered at one time. Past this those that were quiet longest are forgotten.
const MOST: usize = 8192;

/// A bucket of calls for each source: so many at once, so many a second after that.
#[derive(Debug)]
pub struct Rates {
    burst: f64,
    per_second: f64,
    buckets: HashMap<IpAddr, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: SystemTime,
}

impl Rates {
    /// Lets every source begin `burst` calls at once, and `per_second` in the long run.
    #[must_use]
    pub fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: f64::from(burst), per_second, buckets: HashMap::new() }
    }

    /// Whether a source may begin another call now; if so, it is counted. If not, refuse with 503 and Retry-After.
    pub fn admits(&mut self, source: IpAddr, now: SystemTime) -> bool {
        self.make_room();
        let (burst, rate) = (self.burst, self.per_second);
        let bucket = self.buckets.entry(source.to_canonical()).or_insert(Bucket { left: burst, at: now });
        let passed = now.duration_since(bucket.at).unwrap_or_default().as_secs_f64();
        bucket.left = (bucket.left + passed * rate).min(burst);
        bucket.at = now;
        let admitted = bucket.left >= 1.0;
        if admitted {
            bucket.left -= 1.0;
        }
        admitted
    }

    fn make_room(&mut self) {
        if self.buckets.len() < MOST {
            return;
        }
        let mut ages: Vec<SystemTime> = self.buckets.values().map(|bucket| bucket.at).collect();
        ages.sort_unstable();
        let middle = ages[ages.len() / 2];
        self.buckets.retain(|_, bucket| bucket.at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_burst_is_fine_and_a_flood_is_not() {
        let mut rates = Rates::new(3, 0.5);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let taken = (0..10).filter(|_| rates.admits(one, at(0))).count();
        assert_eq!(taken, 3);
        assert!(rates.admits(other, at(0)), "each source has a bucket of its own");
        assert!(!rates.admits(one, at(1)) && rates.admits(one, at(2)) && !rates.admits(one, at(2)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut rates = Rates::new(1, 1.0);
        for n in 0..40_000_u32 {
            rates.admits(IpAddr::V4(n.into()), UNIX_EPOCH + Duration::from_millis(n.into()));
        }
        assert!(rates.buckets.len() <= MOST);
    }
}
