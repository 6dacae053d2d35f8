//! Reads a session description the way that real PBXes write it: any line ends, any order, parts missing, parts unknown.

use super::crypto::Crypto;
use super::description::{
    Attribute, Direction, Format, Host, MediaDescription, Origin, Protocol, Rtcp, SessionDescription,
};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// The longest description that we read: many times what a phone sends, and little enough for anyone to send us.
const LONGEST: usize = 65_536;

/// The most media sections that we read; an answer must repeat every one.
const MOST_MEDIA: usize = 32;

/// The most attributes that we keep in one section.
const MOST_ATTRIBUTES: usize = 256;

/// Why a body is no session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Larger than anything that a phone sends.
    #[error("the session description is too long")]
    TooLong,
    /// There is no line that a session description has.
    #[error("the body is not a session description")]
    NotADescription,
    /// A line names a version other than 0.
    #[error("the session description is of a version that nobody speaks")]
    Version,
    /// An `m=` line can't be read, so no answer could repeat it.
    #[error("a media line can't be read")]
    Media,
    /// More media sections than anyone needs.
    #[error("the session description has too many media sections")]
    TooManyMedia,
}

impl SessionDescription {
    /// Reads a message's body. Bytes that are not UTF-8 (names in old encodings) do not matter.
    ///
    /// # Errors
    ///
    /// It is no session description, or one that can't be answered.
    pub fn from_bytes(body: &[u8]) -> Result<Self, ParseError> {
        if body.len() > LONGEST {
            return Err(ParseError::TooLong);
        }
        String::from_utf8_lossy(body).parse()
    }
}

impl FromStr for SessionDescription {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() > LONGEST {
            return Err(ParseError::TooLong);
        }
        let mut reader = Reader::default();
        for line in text.split(['\r', '\n']) {
            if let Some((kind, value)) = line.trim_start().split_once('=') {
                reader.line(kind.trim(), value.trim())?;
            }
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader {
    origin: Option<Origin>,
    name: Option<String>,
    connection: Option<Host>,
    direction: Option<Direction>,
    attributes: Vec<Attribute>,
    version_seen: bool,
    media: Vec<Section>,
}

/// A media section while its lines come in; `rtpmap` and `fmtp` may come in any order.
struct Section {
    media: MediaDescription,
    maps: Vec<Format>,
    parameters: Vec<(u8, String)>,
}

impl Reader {
    fn line(&mut self, kind: &str, value: &str) -> Result<(), ParseError> {
        match kind {
            "v" if value != "0" => return Err(ParseError::Version),
            "v" => self.version_seen = true,
            "o" => self.origin = self.origin.take().or_else(|| read_origin(value)),
            "s" => self.name = Some(value.to_owned()),
            "c" => match self.media.last_mut() {
                Some(section) => {
                    section.media.connection = read_host(value).or(section.media.connection.take())
                }
                None => self.connection = read_host(value).or(self.connection.take()),
            },
            "m" if self.media.len() == MOST_MEDIA => return Err(ParseError::TooManyMedia),
            "m" => self.media.push(Section::start(value)?),
            "a" => self.attribute(value),
            // Times, bandwidths, phone numbers, keys of old: nothing that a call depends on.
            _ => (),
        }
        Ok(())
    }

    fn attribute(&mut self, text: &str) {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text, None),
        };
        let direction = read_direction(name);
        match self.media.last_mut() {
            Some(section) if direction.is_some() => section.media.direction = direction,
            Some(section) => section.attribute(name, value),
            None if direction.is_some() => self.direction = direction,
            None => keep(&mut self.attributes, name, value),
        }
    }

    fn finish(self) -> Result<SessionDescription, ParseError> {
        if !self.version_seen && self.origin.is_none() && self.media.is_empty() {
            return Err(ParseError::NotADescription);
        }
        let nobody = Origin {
            username: "-".to_owned(),
            session_id: 0,
            version: 0,
            address: Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        };
        Ok(SessionDescription {
            origin: self.origin.unwrap_or(nobody),
            name: self.name.filter(|name| !name.is_empty()).unwrap_or_else(|| "-".to_owned()),
            connection: self.connection,
            direction: self.direction,
            attributes: self.attributes,
            media: self.media.into_iter().map(Section::finish).collect(),
        })
    }
}

impl Section {
    fn start(value: &str) -> Result<Self, ParseError> {
        let mut words = value.split_ascii_whitespace();
        let (Some(kind), Some(port), Some(protocol)) = (words.next(), words.next(), words.next()) else {
            return Err(ParseError::Media);
        };
        let port = port.split('/').next().and_then(|port| port.parse().ok()).ok_or(ParseError::Media)?;
        let nothing = MediaDescription {
            kind: kind.to_owned(),
            port,
            protocol: read_protocol(protocol),
            raw_formats: words.take(MOST_ATTRIBUTES).map(str::to_owned).collect(),
            ..NOTHING
        };
        Ok(Self { media: nothing, maps: Vec::new(), parameters: Vec::new() })
    }

    fn attribute(&mut self, name: &str, value: Option<&str>) {
        let media = &mut self.media;
        match (name.to_ascii_lowercase().as_str(), value) {
            ("rtpmap", Some(value)) => self.maps.extend(read_map(value).filter(|_| self.maps.len() < 128)),
            ("fmtp", Some(value)) => {
                self.parameters.extend(read_parameters(value).filter(|_| self.parameters.len() < 128));
            }
            ("ptime", Some(value)) => media.ptime = read_milliseconds(value).or(media.ptime),
            ("maxptime", Some(value)) => media.max_ptime = read_milliseconds(value).or(media.max_ptime),
            ("rtcp-mux", None) => media.rtcp_mux = true,
            ("rtcp", Some(value)) => media.rtcp = read_rtcp(value),
            ("crypto", Some(value)) if media.crypto.len() < 16 => media.crypto.extend(Crypto::read(value)),
            _ => keep(&mut media.attributes, name, value),
        }
    }

    fn finish(mut self) -> MediaDescription {
        if self.media.protocol.is_rtp() {
            let types = self.media.raw_formats.iter().filter_map(|word| word.parse::<u8>().ok());
            let types: Vec<u8> = types.filter(|payload_type| *payload_type < 128).collect();
            self.media.formats = types.into_iter().filter_map(|one| self.format(one)).collect();
        }
        self.media
    }

    fn format(&self, payload_type: u8) -> Option<Format> {
        let said = self.maps.iter().find(|map| map.payload_type == payload_type).cloned();
        let mut format = said.or_else(|| static_format(payload_type))?;
        let parameters = self.parameters.iter().find(|(one, _)| *one == payload_type);
        format.parameters = parameters.map(|(_, text)| text.clone());
        Some(format)
    }
}

const NOTHING: MediaDescription = MediaDescription {
    kind: String::new(),
    port: 0,
    protocol: Protocol::RtpAvp,
    raw_formats: Vec::new(),
    formats: Vec::new(),
    connection: None,
    direction: None,
    ptime: None,
    max_ptime: None,
    rtcp: None,
    rtcp_mux: false,
    crypto: Vec::new(),
    attributes: Vec::new(),
};

fn keep(attributes: &mut Vec<Attribute>, name: &str, value: Option<&str>) {
    if attributes.len() < MOST_ATTRIBUTES {
        attributes.push(Attribute { name: name.to_owned(), value: value.map(str::to_owned) });
    }
}

fn read_origin(value: &str) -> Option<Origin> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let [username, session_id, version, net, kind, address] = words.as_slice() else { return None };
    let address = read_host(&format!("{net} {kind} {address}"))?;
    Some(Origin {
        username: (*username).to_owned(),
        session_id: read_number(session_id),
        version: read_number(version),
        address,
    })
}

/// Some PBXes write numbers that no 64 bits hold, or words. All that matters is that equal ones stay equal.
fn read_number(text: &str) -> u64 {
    let fold = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(u64::from(byte));
    text.parse().unwrap_or_else(|_| text.bytes().fold(7, fold))
}

/// Reads `IN IP4 192.0.2.1/127`. The address counts, whatever family the line claims.
fn read_host(value: &str) -> Option<Host> {
    let mut words = value.split_ascii_whitespace();
    let (_net, _kind, address) = (words.next()?, words.next()?, words.next()?);
    let address = address.split('/').next().filter(|address| !address.is_empty())?;
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    Some(bare.parse().map_or_else(|_| Host::Name(bare.to_owned()), Host::Ip))
}

fn read_protocol(name: &str) -> Protocol {
    match name.to_ascii_uppercase().as_str() {
        "RTP/AVP" => Protocol::RtpAvp,
        "RTP/SAVP" => Protocol::RtpSavp,
        "RTP/AVPF" => Protocol::RtpAvpf,
        "RTP/SAVPF" => Protocol::RtpSavpf,
        _ => Protocol::Other(name.to_owned()),
    }
}

fn read_direction(name: &str) -> Option<Direction> {
    match name.to_ascii_lowercase().as_str() {
        "sendrecv" => Some(Direction::SendReceive),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::ReceiveOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    }
}

fn read_map(value: &str) -> Option<Format> {
    let (payload_type, encoding) = value.split_once(|c: char| c.is_ascii_whitespace())?;
    let mut parts = encoding.trim().split('/');
    let name = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let clock_rate = parts.next().and_then(|rate| rate.trim().parse().ok()).unwrap_or(8000);
    let channels = parts.next().and_then(|channels| channels.trim().parse().ok()).unwrap_or(1);
    let payload_type = payload_type.parse().ok().filter(|one| *one < 128)?;
    Some(Format { payload_type, name, clock_rate, channels, parameters: None })
}

fn read_parameters(value: &str) -> Option<(u8, String)> {
    let (payload_type, parameters) = value.split_once(|c: char| c.is_ascii_whitespace())?;
    Some((payload_type.parse().ok()?, parameters.trim().to_owned()))
}

/// Packet times are now and then written with a fraction (`10.5`); the whole part is enough.
fn read_milliseconds(value: &str) -> Option<u16> {
    value.split('.').next()?.parse().ok().filter(|time| (1..=1000).contains(time))
}

fn read_rtcp(value: &str) -> Option<Rtcp> {
    let (port, rest) = value.split_once(' ').unwrap_or((value, ""));
    Some(Rtcp { port: port.parse().ok()?, host: read_host(rest) })
}

/// The payload types of sound that RFC 3551 section 6 fixes, as far as anybody uses them.
fn static_format(payload_type: u8) -> Option<Format> {
    let (name, clock_rate, channels) = match payload_type {
        0 => ("PCMU", 8000, 1),
        3 => ("GSM", 8000, 1),
        8 => ("PCMA", 8000, 1),
        9 => ("G722", 8000, 1),
        10 => ("L16", 44_100, 2),
        11 => ("L16", 44_100, 1),
        13 => ("CN", 8000, 1),
        18 => ("G729", 8000, 1),
        _ => return None,
    };
    Some(Format { payload_type, name: name.to_owned(), clock_rate, channels, parameters: None })
}
