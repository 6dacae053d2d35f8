//! Requests that a fork in the network brings here twice: the second is refused with 482 (RFC 3261 section 8.2.2.2).

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

/// How long a request is remembered: as long as its transaction may last (64 T1).
const LIFE: Duration = Duration::from_secs(32);

/// Requests remembered at one time; past this the oldest goes first.
const MOST: usize = 16_384;

/// The requests of the last half minute that began something.
#[derive(Debug, Default)]
pub struct Merges {
    branches: HashMap<Key, String>,
    order: VecDeque<(SystemTime, Key)>,
}

/// From tag, Call-ID, CSeq: the same for every copy of a request.
type Key = (String, String, String);

impl Merges {
    /// Notes a request without a To tag. `true` where the same one came before under another branch: refuse it with 482.
    pub fn is_merged(
        &mut self,
        from_tag: &str,
        call_id: &str,
        cseq: &str,
        branch: &str,
        now: SystemTime,
    ) -> bool {
        self.forget(now);
        let key = (from_tag.to_owned(), call_id.to_owned(), cseq.to_owned());
        if let Some(known) = self.branches.get(&key) {
            return known != branch;
        }
        self.branches.insert(key.clone(), branch.to_owned());
        self.order.push_back((now, key));
        false
    }

    fn forget(&mut self, now: SystemTime) {
        let old = |at: &SystemTime| now.duration_since(*at).is_ok_and(|age| age > LIFE);
        while self.order.front().is_some_and(|(at, _)| old(at)) || self.order.len() >= MOST {
            let Some((_, key)) = self.order.pop_front() else { return };
            self.branches.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn a_copy_by_another_way_is_merged_and_a_repetition_is_not() {
        let mut merges = Merges::default();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        assert!(!merges.is_merged("t", "c", "1 INVITE", "b1", at(0)));
        assert!(!merges.is_merged("t", "c", "1 INVITE", "b1", at(1)));
        assert!(merges.is_merged("t", "c", "1 INVITE", "b2", at(1)));
        assert!(
            !merges.is_merged("t", "c", "2 INVITE", "b3", at(1)),
            "the answer to a challenge is a new request"
        );
        assert!(!merges.is_merged("t", "c", "1 INVITE", "b4", at(40)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut merges = Merges::default();
        for n in 0..40_000 {
            merges.is_merged("t", &n.to_string(), "1 INVITE", "b", UNIX_EPOCH);
        }
        assert!(merges.branches.len() <= MOST && merges.order.len() <= MOST);
    }
}
