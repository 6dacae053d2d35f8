//! What an operator sets for calls. Every field has a default that works on one machine without a public address.

use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of the media gateway.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where SIP is spoken.
    pub sip: SipConfig,
    /// How sound travels.
    pub media: MediaConfig,
    /// Where phones in browsers connect.
    pub phone: PhoneConfig,
    /// What calls may do.
    pub calls: CallConfig,
    /// Service accounts at Telegram; none without an application of the operator's.
    pub telegram: Option<crate::telegram::Settings>,
}

/// Where SIP is spoken.
#[derive(Debug, Clone)]
pub struct SipConfig {
    /// Where SIP over UDP is listened for; port 0 takes any free one. None: no UDP.
    pub udp: Option<SocketAddr>,
    /// Where SIP over TCP is listened for. None: connections are only made, never taken.
    pub tcp: Option<SocketAddr>,
    /// Where SIP over TLS is listened for. None: connections are only made, never taken.
    pub tls: Option<SocketAddr>,
    /// Certificate chain and private key (PEM) for [`SipConfig::tls`].
    pub tls_identity: Option<(PathBuf, PathBuf)>,
    /// The address under which peers reach this machine, where it differs from the one it listens at (behind NAT).
    pub public_address: Option<IpAddr>,
    /// Calls at one time; past this a caller hears that the service is unavailable.
    pub max_calls: usize,
    /// New registrations a second at one registrar when many are to be made at once: 1 to 1000.
    pub registrations_per_second: u32,
    /// Log each call's SIP messages when it is over, without secrets and with numbers shortened.
    pub trace: bool,
}

/// How sound travels.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// The address that RTP is received at.
    pub address: IpAddr,
    /// The address that peers are told to send RTP to, where it differs.
    pub public_address: Option<IpAddr>,
    /// Ports for RTP; even ones are used, and the odd ones above them for RTCP.
    pub ports: RangeInclusive<u16>,
    /// Media threads; 0 takes one for each core but one, at most four.
    pub threads: usize,
    /// Music of your own for callers on hold: a WAV file, 16 bits. Without it there is a tune of the house.
    pub music_on_hold: Option<PathBuf>,
    /// A call whose far side sends nothing for so long, while nobody holds it, is ended.
    pub silence_limit: Duration,
}

/// Where phones in browsers connect.
#[derive(Debug, Clone)]
pub struct PhoneConfig {
    /// Where the web phone and its WebSocket are served, behind your TLS proxy.
    pub listen: SocketAddr,
    /// The public HTTPS address of the web phone, as browsers see it: `https://phone.example.org`.
    pub public_url: Option<String>,
    /// Origins that may open the WebSocket, such as `https://phone.example.org`; empty means any, since what lets
    /// somebody in is Telegram's signature and no cookie.
    pub origins: Vec<String>,
    /// The address that browsers are told to send sound to, where it differs from the one they reach.
    pub public_address: Option<IpAddr>,
    /// The UDP port that browsers send sound to; each further media thread takes the next one. 0: any free ports.
    pub media_port: u16,
    /// STUN servers for browsers: `stun:stun.example.org:3478`.
    pub stun: Vec<String>,
    /// TURN servers for browsers: `turn:turn.example.org:3478?transport=udp`.
    pub turn: Vec<String>,
    /// The secret shared with the TURN servers; of it time-limited credentials are made.
    pub turn_secret: Option<SecretString>,
}

/// What calls may do.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// Whether a second call comes through while a person talks. If not, its caller hears busy.
    pub parallel_calls: bool,
    /// Callers on hold hear music; if not, silence.
    pub hold_music: bool,
    /// How long anybody's phone rings before the call is given up.
    pub ring_limit: Duration,
    /// How long a person has to call by themselves, where they are not rung (product reference 3.3, step 4).
    pub call_window: Duration,
    /// How long a caller waits for a person who has no phone open at the moment; zero refuses at once.
    pub wait_for_phone: Duration,
    /// The greatest length of a call; none for any.
    pub max_length: Option<Duration>,
    /// The greatest length of a recording.
    pub recording_limit: Duration,
    /// Whether a recording that was started by hand may be as long as any other; if not, it ends after fifteen seconds
    /// (product reference 10).
    pub manual_recording_unlimited: bool,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            udp: Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060))),
            tcp: None,
            tls: None,
            tls_identity: None,
            public_address: None,
            max_calls: 1_000,
            registrations_per_second: 50,
            trace: false,
        }
    }
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            public_address: None,
            ports: 20_000..=29_999,
            threads: 0,
            music_on_hold: None,
            silence_limit: Duration::from_secs(60),
        }
    }
}

impl Default for PhoneConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8444)),
            public_url: None,
            origins: Vec::new(),
            public_address: None,
            media_port: 3_479,
            stun: Vec::new(),
            turn: Vec::new(),
            turn_secret: None,
        }
    }
}

impl Default for CallConfig {
    fn default() -> Self {
        Self {
            parallel_calls: true,
            hold_music: true,
            ring_limit: Duration::from_secs(90),
            call_window: Duration::from_secs(60),
            wait_for_phone: Duration::from_secs(20),
            max_length: Some(Duration::from_secs(4 * 60 * 60)),
            recording_limit: Duration::from_secs(2 * 60 * 60),
            manual_recording_unlimited: true,
        }
    }
}
