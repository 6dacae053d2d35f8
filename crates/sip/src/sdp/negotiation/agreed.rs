//! What both sides agreed on, in the words of whoever moves the packets.

use crate::sdp::crypto::Srtp;
use crate::sdp::description::{Direction, Format, Host, MediaDescription, SessionDescription};
use std::net::{IpAddr, SocketAddr};

/// The agreed sound of a call, seen from our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Where to send. `None` where the far side gave no usable address (`0.0.0.0`, or a name): wait for its first packet.
    pub remote: Option<SocketAddr>,
    /// Where to send reports; the same as [`Media::remote`] when both share a port.
    pub remote_rtcp: Option<SocketAddr>,
    /// Whether reports share the media's port.
    pub rtcp_mux: bool,
    /// What to send, and what to expect first of all.
    pub codec: AgreedCodec,
    /// Other codecs that the far side may change to at any moment.
    pub others: Vec<AgreedCodec>,
    /// How digits travel beside the sound, if they do.
    pub telephone_event: Option<AgreedDtmf>,
    /// Who sends, seen from us.
    pub direction: Direction,
    /// Whether the far side holds us.
    pub held: bool,
    /// The packet time that the far side would like, in milliseconds.
    pub ptime: u16,
    /// The longest packet that the far side takes, in milliseconds.
    pub max_ptime: Option<u16>,
    /// The keys, when the sound is encrypted.
    pub srtp: Option<Srtp>,
}

/// A codec under the payload types of this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedCodec {
    /// Our name of it.
    pub name: String,
    /// RTP clock, in Hz.
    pub clock_rate: u32,
    /// Channels of the `rtpmap`.
    pub channels: u8,
    /// The payload type that we send.
    pub send_type: u8,
    /// The payload type that the far side sends.
    pub receive_type: u8,
    /// The far side's parameters: what it would like to receive.
    pub parameters: Option<String>,
}

/// Telephone events under the payload types of this call (RFC 4733).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreedDtmf {
    /// The payload type that we send.
    pub send_type: u8,
    /// The payload type that the far side sends.
    pub receive_type: u8,
    /// The clock of durations, in Hz.
    pub clock_rate: u32,
    /// Whether the far side takes the flash event (16) beside the sixteen keys.
    pub flash: bool,
}

impl AgreedCodec {
    /// The value of one parameter of a list such as `useinbandfec=1;stereo=0`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.parameters.as_deref()?.split(';').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(key, value)| (key.trim(), value.trim()))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|pair| pair.1)
    }
}

/// Where the far side wants media, and where reports.
pub(super) fn addresses(
    far: &SessionDescription,
    media: &MediaDescription,
    mux: bool,
) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let usable = |host: Option<&Host>| host.and_then(Host::ip).filter(|ip: &IpAddr| !ip.is_unspecified());
    let Some(ip) = usable(far.host_of(media)) else { return (None, None) };
    let remote = SocketAddr::new(ip, media.port);
    let reports = match &media.rtcp {
        _ if mux => Some(remote),
        Some(rtcp) => Some(SocketAddr::new(usable(rtcp.host.as_ref()).unwrap_or(ip), rtcp.port)),
        None => media.port.checked_add(1).map(|port| SocketAddr::new(ip, port)),
    };
    (Some(remote), reports)
}

/// Whether a format is telephone events.
pub(super) fn is_telephone_event(format: &Format) -> bool {
    format.name.eq_ignore_ascii_case("telephone-event")
}

/// Whether `0-15,16` or the like has the flash event.
pub(super) fn has_flash(format: &Format) -> bool {
    let Some(list) = &format.parameters else { return false };
    list.split(',').any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let bounds = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
        matches!(bounds, (Ok(first), Ok(last)) if first <= 16 && 16 <= last)
    })
}
