//! The messages of RFC 5118, and what this side does with each.
//!
//! <https://www.rfc-editor.org/rfc/rfc5118>

use super::{BUSY, Case, Expected};

pub(super) const RFC_5118: &[Case] = &[
    Case {
        section: "4.1",
        title: "Valid SIP Message with an IPv6 Reference",
        expected: Expected::Answer(401),
        message: b"REGISTER sip:[2001:db8::10] SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Max-Forwards: 70\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n\
        CSeq: 98176 REGISTER\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.2",
        title: "Invalid SIP Message with an IPv6 Reference",
        expected: Expected::Answer(400),
        message: b"REGISTER sip:2001:db8::10 SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Max-Forwards: 70\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n\
        CSeq: 98176 REGISTER\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.3",
        title: "Port Ambiguous in a SIP URI: the digits are part of the address",
        expected: Expected::Answer(401),
        message: b"REGISTER sip:[2001:db8::10:5070] SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n\
        Max-Forwards: 70\r\n\
        CSeq: 98176 REGISTER\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.4",
        title: "Port Unambiguous in a SIP URI",
        expected: Expected::Answer(401),
        message: b"REGISTER sip:[2001:db8::10]:5070 SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n\
        Max-Forwards: 70\r\n\
        CSeq: 98176 REGISTER\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.5",
        title: "IPv6 Reference Delimiters in Via Header",
        expected: Expected::Answer(481),
        message: b"BYE sip:[2001:db8::10] SIP/2.0\r\n\
        To: sip:user@example.com;tag=bd76ya\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]; branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Max-Forwards: 70\r\n\
        CSeq: 321 BYE\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.5",
        title: "No IPv6 Reference Delimiters in Via Header",
        expected: Expected::Answer(200),
        message: b"OPTIONS sip:[2001:db8::10] SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255; branch=z9hG4bKas3\r\n\
        Call-ID: SSG95523997077@hlau_4100\r\n\
        Max-Forwards: 70\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::9:1]>\r\n\
        CSeq: 921 OPTIONS\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.6",
        title: "SIP Request with IPv6 Addresses in Session Description Protocol (SDP) Body",
        expected: Expected::Answer(BUSY),
        message: b"INVITE sip:user@[2001:db8::10] SIP/2.0\r\n\
        To: sip:user@[2001:db8::10]\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::20]>\r\n\
        CSeq: 8612 INVITE\r\n\
        Max-Forwards: 70\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: 251\r\n\
        \r\n\
        v=0\r\n\
        o=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\n\
        s=Live video feed for today's meeting\r\n\
        c=IN IP6 2001:db8::20\r\n\
        t=3338481189 3370017201\r\n\
        m=audio 6000 RTP/AVP 2\r\n\
        a=rtpmap:2 G726-32/8000\r\n\
        m=video 6024 RTP/AVP 107\r\n\
        a=rtpmap:107 H263-1998/90000\r\n",
    },
    Case {
        section: "4.7",
        title: "Multiple IP Addresses in SIP Headers",
        expected: Expected::Answer(481),
        message: b"BYE sip:user@host.example.net SIP/2.0\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\r\n\
        Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\r\n\
        Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj; received=192.0.2.200\r\n\
        Call-ID: 997077@lau_4100\r\n\
        Max-Forwards: 70\r\n\
        CSeq: 89187 BYE\r\n\
        To: sip:user@example.net;tag=9817--94\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.8",
        title: "Multiple IP Addresses in SDP",
        expected: Expected::Answer(BUSY),
        message: b"INVITE sip:user@[2001:db8::10] SIP/2.0\r\n\
        To: sip:user@[2001:db8::10]\r\n\
        From: sip:user@example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Contact: \"Caller\" <sip:caller@[2001:db8::9:1]>\r\n\
        Max-Forwards: 70\r\n\
        CSeq: 8912 INVITE\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: 189\r\n\
        \r\n\
        v=0\r\n\
        o=bob 280744730 28977631 IN IP4 host.example.com\r\n\
        s=\r\n\
        t=0 0\r\n\
        m=audio 22334 RTP/AVP 0\r\n\
        c=IN IP4 192.0.2.1\r\n\
        m=video 6024 RTP/AVP 107\r\n\
        c=IN IP6 2001:db8::1\r\n\
        a=rtpmap:107 H263-1998/90000\r\n",
    },
    Case {
        section: "4.9",
        title: "IPv4-Mapped IPv6 Addresses",
        expected: Expected::Answer(BUSY),
        message: b"INVITE sip:user@example.com SIP/2.0\r\n\
        To: sip:user@example.com\r\n\
        From: sip:user@east.example.com;tag=81x2\r\n\
        Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19\r\n\
        Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111\r\n\
        Call-ID: SSG9559905523997077@hlau_4100\r\n\
        Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\r\n\
        CSeq: 612 INVITE\r\n\
        Max-Forwards: 70\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: 245\r\n\
        \r\n\
        v=0\r\n\
        o=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2\r\n\
        s=Call me soon, please!\r\n\
        c=IN IP6 ::ffff:192.0.2.2\r\n\
        t=3338481189 3370017201\r\n\
        m=audio 6000 RTP/AVP 2\r\n\
        a=rtpmap:2 G726-32/8000\r\n\
        m=video 6024 RTP/AVP 107\r\n\
        a=rtpmap:107 H263-1998/90000\r\n",
    },
    Case {
        section: "4.10",
        title: "IPv6 Reference Bug in RFC 3261 ABNF: three colons",
        expected: Expected::Answer(400),
        message: b"OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0\r\n\
        To: sip:user@[2001:db8:::192.0.2.1]\r\n\
        From: sip:user@example.com;tag=810x2\r\n\
        Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111\r\n\
        Call-ID: G9559905523997077@hlau_4100\r\n\
        CSeq: 689 OPTIONS\r\n\
        Max-Forwards: 70\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
    Case {
        section: "4.10",
        title: "IPv6 Reference Bug in RFC 3261 ABNF: two colons",
        expected: Expected::Answer(200),
        message: b"OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0\r\n\
        To: sip:user@[2001:db8::192.0.2.1]\r\n\
        From: sip:user@example.com;tag=810x2\r\n\
        Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111\r\n\
        Call-ID: G9559905523997077@hlau_4100\r\n\
        CSeq: 689 OPTIONS\r\n\
        Max-Forwards: 70\r\n\
        Content-Length: 0\r\n\
        \r\n",
    },
];
