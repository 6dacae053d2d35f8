//! A session description as data: what the two sides tell each other about a call's sound.

use super::crypto::Crypto;
use std::net::IpAddr;

/// One `application/sdp` body (RFC 8866). `str::parse` and [`SessionDescription::from_bytes`] read it, `to_string` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDescription {
    /// Who made it, and which version of it this is (`o=`).
    pub origin: Origin,
    /// The session's name (`s=`); `-` where there is none.
    pub name: String,
    /// Where media goes unless a media section says otherwise (`c=`).
    pub connection: Option<Host>,
    /// The direction of every media section that names none of its own.
    pub direction: Option<Direction>,
    /// Attributes of the session that we do not read, kept in their order.
    pub attributes: Vec<Attribute>,
    /// The media sections (`m=`), in their order: an answer has exactly as many.
    pub media: Vec<MediaDescription>,
}

/// The `o=` line: session and version, by which a re-offer is told from a repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The maker's name; `-` where there is none.
    pub username: String,
    /// Names the session; stays for the whole call.
    pub session_id: u64,
    /// Rises by one with every change.
    pub version: u64,
    /// The maker's address.
    pub address: Host,
}

/// An address as a session description writes it: a number, or (rarely) a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// IPv4 or IPv6.
    Ip(IpAddr),
    /// A name that nobody resolved.
    Name(String),
}

impl Host {
    /// The address, unless it is a name.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }

    /// Whether this is `0.0.0.0` or `::`, by which old phones say "hold" (RFC 2543, RFC 3264 section 8.4).
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_unspecified())
    }
}

/// Who of the two sends, seen from the description's maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Sends and receives.
    #[default]
    SendReceive,
    /// Only sends: it holds the other side, perhaps with music.
    SendOnly,
    /// Only receives: it is being held.
    ReceiveOnly,
    /// Neither: held in silence.
    Inactive,
}

impl Direction {
    /// Builds a direction from its two halves.
    #[must_use]
    pub fn new(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendReceive,
            (true, false) => Self::SendOnly,
            (false, true) => Self::ReceiveOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether its maker sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// Whether its maker wants to receive.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }

    /// The same, seen from the other side.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self::new(self.receives(), self.sends())
    }

    /// What is left of it where only as much as `other` is allowed.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self::new(self.sends() && other.sends(), self.receives() && other.receives())
    }
}

/// The transport that an `m=` line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// Plain RTP.
    RtpAvp,
    /// SRTP with keys in the description (RFC 4568).
    RtpSavp,
    /// Plain RTP with early feedback (RFC 4585).
    RtpAvpf,
    /// SRTP with early feedback (RFC 5124).
    RtpSavpf,
    /// Anything else, such as `udptl` for fax.
    Other(String),
}

impl Protocol {
    /// Whether RTP must be encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        matches!(self, Self::RtpSavp | Self::RtpSavpf)
    }

    /// Whether it is RTP of a kind that we speak.
    #[must_use]
    pub fn is_rtp(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

/// One payload type of a media section, with everything that `rtpmap` and `fmtp` say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// RTP payload type, 0 to 127.
    pub payload_type: u8,
    /// The encoding's name as written; names are compared without regard to case.
    pub name: String,
    /// RTP clock, in Hz.
    pub clock_rate: u32,
    /// Channels; 1 unless said otherwise.
    pub channels: u8,
    /// The encoding's parameters (`fmtp`), as written.
    pub parameters: Option<String>,
}

/// Where reports about the sound go (`a=rtcp`, RFC 3605); by default to the next port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rtcp {
    /// The port.
    pub port: u16,
    /// The address, where it differs from the media's.
    pub host: Option<Host>,
}

/// One `m=` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaDescription {
    /// `audio`, `video`, `image`, ….
    pub kind: String,
    /// Where media is wanted; 0 refuses the section.
    pub port: u16,
    /// How it travels.
    pub protocol: Protocol,
    /// The list of the `m=` line as written; a refused section repeats it.
    pub raw_formats: Vec<String>,
    /// The payload types of an RTP section, in order of preference. Types that no line explains and no RFC fixes are left out.
    pub formats: Vec<Format>,
    /// Where media goes, where it differs from the session's.
    pub connection: Option<Host>,
    /// The direction, where the section names one.
    pub direction: Option<Direction>,
    /// The packet time that the maker would like to receive, in milliseconds.
    pub ptime: Option<u16>,
    /// The longest packet that the maker takes, in milliseconds.
    pub max_ptime: Option<u16>,
    /// Where reports go, where it is said.
    pub rtcp: Option<Rtcp>,
    /// Whether reports may share the media's port (RFC 5761).
    pub rtcp_mux: bool,
    /// Keys for SRTP that we can use, in order of preference.
    pub crypto: Vec<Crypto>,
    /// Attributes that we do not read, kept in their order.
    pub attributes: Vec<Attribute>,
}

/// An `a=` line: a name, and perhaps a value.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// What stands before the colon.
    pub name: String,
    /// What stands behind it.
    pub value: Option<String>,
}

impl std::fmt::Debug for Attribute {
    /// Hides the value: a `crypto` line that we can't use, or an ICE password, may be in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hidden = if self.value.is_some() { ":…" } else { "" };
        write!(f, "Attribute({}{hidden})", self.name)
    }
}

impl SessionDescription {
    /// Where this section's media is wanted: its own address, or the session's.
    #[must_use]
    pub fn host_of<'a>(&'a self, media: &'a MediaDescription) -> Option<&'a Host> {
        media.connection.as_ref().or(self.connection.as_ref())
    }

    /// The direction of a section: its own, or the session's, or both ways.
    #[must_use]
    pub fn direction_of(&self, media: &MediaDescription) -> Direction {
        media.direction.or(self.direction).unwrap_or_default()
    }
}

impl MediaDescription {
    /// Whether this is sound over RTP that was not refused.
    #[must_use]
    pub fn is_usable_audio(&self) -> bool {
        self.kind.eq_ignore_ascii_case("audio") && self.port != 0 && self.protocol.is_rtp()
    }

    /// The same section refused: port 0, its formats repeated, nothing else (RFC 3264 section 6).
    #[must_use]
    pub fn refused(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            port: 0,
            protocol: self.protocol.clone(),
            raw_formats: self.raw_formats.clone(),
            formats: Vec::new(),
            connection: None,
            direction: None,
            ptime: None,
            max_ptime: None,
            rtcp: None,
            rtcp_mux: false,
            crypto: Vec::new(),
            attributes: Vec::new(),
        }
    }
}
