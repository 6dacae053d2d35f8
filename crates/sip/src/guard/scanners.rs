//! Tools that look for open PBXes and weak passwords, by the names that they give themselves.

/// Parts of the `User-Agent` of such tools, in lower case. Whoever changes the name is caught by the bans instead.
const NAMES: [&str; 12] = [
    "friendly-scanner",
    "friendly-request",
    "sipcli",
    "sipvicious",
    "pplsip",
    "vaxsipuseragent",
    "vaxipuseragent",
    "sip-scan",
    "sipsak",
    "sundayddr",
    "iwar",
    "smap",
];

/// Whether a `User-Agent` is a scanner's. Scanners are not answered at all: an answer is what they look for.
#[must_use]
pub fn is_scanner(user_agent: &str) -> bool {
    let name = user_agent.to_ascii_lowercase();
    NAMES.iter().any(|known| name.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_are_known_and_phones_are_not_taken_for_one() {
        for scanner in ["friendly-scanner", "sipcli/v1.8", "pplsip", "VaxSIPUserAgent/3.1", "SIPVicious"] {
            assert!(is_scanner(scanner), "{scanner}");
        }
        for phone in
            ["Yealink SIP-T46U 108.86.0.20", "baresip v1.0.0", "Linphone/5.1", "kamailio (5.6.3)", ""]
        {
            assert!(!is_scanner(phone), "{phone}");
        }
    }
}
