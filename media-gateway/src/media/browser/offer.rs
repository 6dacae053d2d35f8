//! A browser's offer, made fit for str0m: lines that it cannot use are left out, not a reason to refuse.

use std::ops::RangeInclusive;
use str0m::Candidate;
use str0m::change::SdpOffer;
use str0m::media::Mid;

/// How long a user name fragment for ICE may be. RFC 8839, 5.4 allows up to 256; but checks carry both ends' fragments in
/// one STUN attribute, and `str0m` panics where that has more than 128 bytes. Browsers use 4 to 8.
const UFRAG: RangeInclusive<usize> = 4..=100;

/// Reads an offer. Candidates with names (`….local`, RFC 8828) are left out: the browser's own checks reveal its address.
pub(super) fn read(offer: &str) -> Result<SdpOffer, String> {
    let ufrags = offer.lines().filter_map(|line| line.trim().strip_prefix("a=ice-ufrag:"));
    if let Some(ufrag) = ufrags.into_iter().find(|it| !UFRAG.contains(&it.trim().len())) {
        return Err(format!("an ICE user name fragment of {} bytes", ufrag.trim().len()));
    }
    let usable: String =
        offer.lines().filter(|line| is_usable(line)).map(|line| format!("{line}\r\n")).collect();
    SdpOffer::from_sdp_string(&usable).map_err(|error| error.to_string())
}

/// The name of the offer's first audio section.
pub(super) fn audio(offer: &str) -> Option<Mid> {
    let mut lines = offer.lines().skip_while(|line| !line.starts_with("m=audio ")).skip(1);
    let section = lines.by_ref().take_while(|line| !line.starts_with("m="));
    section.filter_map(|line| line.strip_prefix("a=mid:")).next().map(|mid| Mid::from(mid.trim()))
}

/// Reads a trickled candidate, with or without `a=`; `None` for one that is of no use, or ends the list.
pub(super) fn candidate(line: &str) -> Option<Candidate> {
    let line = line.trim();
    let line = line.strip_prefix("a=").unwrap_or(line);
    let candidate = Candidate::from_sdp_string(line).ok()?;
    (candidate.proto() == str0m::net::Protocol::Udp).then_some(candidate)
}

fn is_usable(line: &str) -> bool {
    !line.starts_with("a=candidate:") || candidate(line).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_read_with_or_without_its_attribute_name() {
        let plain =
            "candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host generation 0 ufrag abcd network-id 1";
        assert!(candidate(plain).is_some());
        assert!(candidate(&format!("a={plain}\r\n")).is_some());
    }

    #[test]
    fn a_user_name_that_ice_can_t_work_with_is_refused() {
        let offer = |ufrag: &str| {
            format!("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:{ufrag}\r\n")
        };
        for length in [0, 3, 101, 256] {
            let refused = read(&offer(&"u".repeat(length))).expect_err("it can't be used");
            assert_eq!(refused, format!("an ICE user name fragment of {length} bytes"));
        }
        for length in [4, 8, 100] {
            assert!(read(&offer(&"u".repeat(length))).is_ok(), "{length}");
        }
    }

    #[test]
    fn the_audio_section_is_found_wherever_it_stands() {
        let offer = "v=0\r\nm=video 9 X 96\r\na=mid:v\r\nm=audio 9 X 111\r\na=sendrecv\r\na=mid:1\r\nm=audio 9 X 0\r\na=mid:2\r\n";
        assert_eq!(audio(offer), Some(Mid::from("1")));
        assert_eq!(audio("v=0\r\nm=audio 9 X 111\r\n"), None);
    }

    #[test]
    fn candidates_of_no_use_are_left_out() {
        for line in [
            "",
            "candidate:1 1 udp 2122260223 7c5e.local 5000 typ host",
            "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
            "nonsense",
        ] {
            assert!(candidate(line).is_none(), "{line}");
        }
    }
}
