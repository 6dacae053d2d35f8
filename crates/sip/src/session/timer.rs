//! Session timers (RFC 4028): who refreshes a call, when, and when it is given up. Pure; told what was agreed.

use crate::wire::{self, Headers};
use std::time::Duration;

/// The shortest session interval that we take, in seconds (RFC 4028 section 4).
pub(crate) const SHORTEST: u32 = 90;
/// The same as a header value.
pub(crate) const MIN_SE: &str = "90";

/// What two sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) seconds: u32,
    pub(crate) we_refresh: bool,
}

impl Agreed {
    /// How long after the last refresh the next one, or the end, is due.
    pub(crate) fn due(self) -> Duration {
        let seconds = u64::from(self.seconds);
        if self.we_refresh {
            return Duration::from_secs(seconds / 2);
        }
        // Section 10: hang up the lesser of 32 seconds and a third of the interval before it ends.
        Duration::from_secs(seconds - 32.min(seconds / 3))
    }

    /// The header for a refresh by us.
    pub(crate) fn as_client(self) -> String {
        format!("{};refresher={}", self.seconds, if self.we_refresh { "uac" } else { "uas" })
    }
}

/// What a 2xx to our INVITE or UPDATE says; without the header the peer knows no timers.
pub(crate) fn from_answer(headers: &Headers) -> Option<Agreed> {
    let seconds = wire::number::<u32>(headers, "Session-Expires")?.max(SHORTEST);
    Some(Agreed { seconds, we_refresh: refresher(headers) != Some(Side::Uas) })
}

/// What we answer to an INVITE or UPDATE, and the header for it. Where the client asks for nothing but knows timers, we ask.
pub(crate) fn answer(headers: &Headers, wanted: Option<Duration>) -> Option<(Agreed, String)> {
    let knows = wire::lists(headers, "Supported", "timer") || wire::lists(headers, "Require", "timer");
    let asked = wire::number::<u32>(headers, "Session-Expires");
    let least = wire::number::<u32>(headers, "Min-SE").unwrap_or(SHORTEST).max(SHORTEST);
    let ours = wanted.map(|w| u32::try_from(w.as_secs()).unwrap_or(u32::MAX).max(SHORTEST));
    let seconds = match (asked, ours) {
        (Some(asked), _) => asked.max(SHORTEST),
        (None, Some(ours)) if knows => ours.max(least),
        (None, Some(_) | None) => return None,
    };
    // Section 9, table 2: a client that knows no timers cannot refresh; otherwise its choice stands.
    let we_refresh = match refresher(headers) {
        Some(Side::Uac) => false,
        Some(Side::Uas) => true,
        None => !knows || asked.is_none(),
    };
    let side = if we_refresh { "uas" } else { "uac" };
    Some((Agreed { seconds, we_refresh }, format!("{seconds};refresher={side}")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Uac,
    Uas,
}

fn refresher(headers: &Headers) -> Option<Side> {
    let value = wire::text(headers, "Session-Expires")?;
    let given =
        value.split(';').filter_map(|p| p.trim().split_once('=')).find(|(n, _)| n.trim() == "refresher")?;
    match given.1.trim().to_ascii_lowercase().as_str() {
        "uac" => Some(Side::Uac),
        "uas" => Some(Side::Uas),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> Headers {
        list.iter().map(|(n, v)| wire::header(n, *v)).collect::<Vec<_>>().into()
    }

    const HALF_HOUR: Option<Duration> = Some(Duration::from_secs(1800));

    #[test]
    fn the_side_that_asked_refreshes_at_half_time() {
        let agreed = from_answer(&headers(&[("Session-Expires", "600;refresher=uac")])).unwrap();
        assert_eq!((agreed.we_refresh, agreed.due()), (true, Duration::from_secs(300)));
    }

    #[test]
    fn the_other_side_hangs_up_shortly_before_the_end() {
        let agreed = from_answer(&headers(&[("x", "90;refresher=uas")])).unwrap();
        assert_eq!((agreed.we_refresh, agreed.due()), (false, Duration::from_secs(60)));
        assert_eq!(Agreed { seconds: 1800, we_refresh: false }.due(), Duration::from_secs(1768));
    }

    #[test]
    fn a_client_without_timers_is_refreshed_by_us_where_a_proxy_asked() {
        let (agreed, header) = answer(&headers(&[("Session-Expires", "300")]), HALF_HOUR).unwrap();
        assert_eq!((agreed.we_refresh, header.as_str()), (true, "300;refresher=uas"));
    }

    #[test]
    fn a_client_that_knows_timers_is_asked_for_one() {
        let known = headers(&[("Supported", "timer")]);
        assert_eq!(answer(&known, HALF_HOUR).unwrap().1, "1800;refresher=uas");
        assert_eq!(answer(&known, None), None);
        let patient = headers(&[("Supported", "timer"), ("Min-SE", "3600")]);
        assert_eq!(answer(&patient, HALF_HOUR).unwrap().0.seconds, 3600);
    }

    #[test]
    fn the_clients_choice_of_refresher_stands() {
        let asked = headers(&[("Supported", "timer"), ("Session-Expires", "120;refresher=uac")]);
        assert_eq!(answer(&asked, HALF_HOUR).unwrap().1, "120;refresher=uac");
        let left_open = headers(&[("Supported", "timer"), ("Session-Expires", "120")]);
        assert_eq!(answer(&left_open, HALF_HOUR).unwrap().1, "120;refresher=uac");
    }

    #[test]
    fn without_a_header_in_the_answer_there_is_no_timer() {
        assert_eq!(from_answer(&headers(&[])), None);
    }
}
