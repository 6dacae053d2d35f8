//! A session description as text, in the order that RFC 8866 section 5 fixes.

use super::description::{
    Attribute, Direction, Format, Host, MediaDescription, Protocol, Rtcp, SessionDescription,
};
use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;

impl Display for SessionDescription {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let origin = &self.origin;
        write!(f, "v=0\r\no={} {} ", or_dash(&origin.username), origin.session_id)?;
        write!(f, "{} {}\r\ns={}\r\n", origin.version, origin.address, or_dash(&self.name))?;
        if let Some(host) = &self.connection {
            write!(f, "c={host}\r\n")?;
        }
        write!(f, "t=0 0\r\n")?;
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))?;
        if let Some(direction) = self.direction {
            write!(f, "a={direction}\r\n")?;
        }
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

impl Display for Host {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => write!(f, "IN IP4 {ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "IN IP6 {ip}"),
            Self::Name(name) => write!(f, "IN IP4 {name}"),
        }
    }
}

impl Display for Direction {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        })
    }
}

impl Display for Protocol {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::RtpAvp => "RTP/AVP",
            Self::RtpSavp => "RTP/SAVP",
            Self::RtpAvpf => "RTP/AVPF",
            Self::RtpSavpf => "RTP/SAVPF",
            Self::Other(name) => name,
        })
    }
}

impl Display for Attribute {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.value {
            Some(value) => write!(f, "a={}:{value}\r\n", self.name),
            None => write!(f, "a={}\r\n", self.name),
        }
    }
}

impl Display for MediaDescription {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "m={} {} {}", self.kind, self.port, self.protocol)?;
        self.raw_formats.iter().try_for_each(|format| write!(f, " {format}"))?;
        f.write_str("\r\n")?;
        if let Some(host) = &self.connection {
            write!(f, "c={host}\r\n")?;
        }
        self.formats.iter().try_for_each(|format| format.fmt(f))?;
        if let Some(ptime) = self.ptime {
            write!(f, "a=ptime:{ptime}\r\n")?;
        }
        if let Some(max_ptime) = self.max_ptime {
            write!(f, "a=maxptime:{max_ptime}\r\n")?;
        }
        self.crypto.iter().try_for_each(|crypto| write!(f, "a=crypto:{crypto}\r\n"))?;
        match &self.rtcp {
            Some(Rtcp { port, host: None }) => write!(f, "a=rtcp:{port}\r\n")?,
            Some(Rtcp { port, host: Some(host) }) => write!(f, "a=rtcp:{port} {host}\r\n")?,
            None => (),
        }
        if self.rtcp_mux {
            f.write_str("a=rtcp-mux\r\n")?;
        }
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))?;
        match self.direction {
            Some(direction) => write!(f, "a={direction}\r\n"),
            None => Ok(()),
        }
    }
}

impl Display for Format {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "a=rtpmap:{} {}/{}", self.payload_type, self.name, self.clock_rate)?;
        if self.channels > 1 {
            write!(f, "/{}", self.channels)?;
        }
        f.write_str("\r\n")?;
        match &self.parameters {
            Some(parameters) => write!(f, "a=fmtp:{} {parameters}\r\n", self.payload_type),
            None => Ok(()),
        }
    }
}
