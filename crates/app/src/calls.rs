//! The settings of calls, as the media gateway takes them.

use crate::config::Config;
use anyhow::{Result, bail};
use media_gateway::config::{CallConfig, Config as Calls, MediaConfig, PhoneConfig, SipConfig};
use media_gateway::telegram::Settings;
use serde::Deserialize;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

/// An address to listen at, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Listen(pub(crate) Option<SocketAddr>);

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self(None)),
            address => match address.parse() {
                Ok(address) => Ok(Self(Some(address))),
                Err(_) => Err(format!("`{address}` is neither `off` nor an address such as 0.0.0.0:5060")),
            },
        }
    }
}

/// A range of ports, `20000-29999`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Ports(pub(crate) RangeInclusive<u16>);

impl TryFrom<String> for Ports {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refusal = || format!("`{text}` is not a range of ports such as 20000-29999");
        let (first, last) = text.split_once('-').ok_or_else(refusal)?;
        let (first, last) = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
        match (first, last) {
            (Ok(first), Ok(last)) if first >= 1024 && last > first => Ok(Self(first..=last)),
            _ => Err(refusal()),
        }
    }
}

/// The settings of calls.
///
/// # Errors
///
/// Two settings that belong together do not fit.
pub(crate) fn settings(config: &Config) -> Result<Calls> {
    let identity = match (&config.sip_tls_certificate, &config.sip_tls_key) {
        (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
        (None, None) => None,
        _ => bail!("`sip_tls_certificate` and `sip_tls_key` belong together: set both or neither"),
    };
    if config.sip_tls.0.is_some() && identity.is_none() {
        bail!("`sip_tls` needs `sip_tls_certificate` and `sip_tls_key`");
    }
    if !config.turn_servers.is_empty() && config.turn_secret.is_none() {
        bail!("`turn_servers` need `turn_secret`, as `static-auth-secret` of coturn");
    }
    let sip = SipConfig {
        udp: config.sip_udp.0,
        tcp: config.sip_tcp.0,
        tls: config.sip_tls.0,
        tls_identity: identity,
        public_address: config.public_address,
        max_calls: config.max_calls,
        registrations_per_second: config.registrations_per_second.clamp(1, 1000),
        trace: config.sip_trace,
    };
    let media = MediaConfig {
        address: config.media_address,
        public_address: config.public_address,
        ports: config.rtp_ports.0.clone(),
        threads: config.media_threads,
        music_on_hold: config.music_on_hold.clone(),
        silence_limit: Duration::from_secs(config.media_silence_seconds),
    };
    Ok(Calls { sip, media, phone: phone(config), calls: calls(config), telegram: telegram(config)? })
}

/// The settings of service accounts; none without an application of the operator's.
///
/// # Errors
///
/// One half of the application is missing, or can't be read.
pub(crate) fn telegram(config: &Config) -> Result<Option<Settings>> {
    match (config.telegram_api_id, config.telegram_secret()?) {
        (Some(api_id), Some(api_hash)) => Ok(Some(Settings {
            api_id,
            api_hash,
            test_server: config.telegram_test_server.clone(),
            calls_per_account: config.telegram_calls_per_account,
        })),
        (None, None) => Ok(None),
        _ => bail!(
            "`telegram_api_id` and `telegram_api_hash` (or its file) belong together: set both or neither"
        ),
    }
}

fn phone(config: &Config) -> PhoneConfig {
    PhoneConfig {
        listen: config.phone_listen,
        public_url: config.phone_url.clone(),
        origins: config.phone_origins.clone(),
        public_address: config.public_address,
        media_port: config.phone_media_port,
        stun: config.stun_servers.clone(),
        turn: config.turn_servers.clone(),
        turn_secret: config.turn_secret.clone(),
    }
}

fn calls(config: &Config) -> CallConfig {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    CallConfig {
        parallel_calls: config.parallel_calls,
        hold_music: config.hold_music,
        ring_limit: Duration::from_secs(config.ring_seconds),
        call_window: Duration::from_secs(config.call_window_seconds),
        wait_for_phone: Duration::from_secs(config.wait_for_phone_seconds),
        max_length: Some(config.max_call_minutes).filter(|it| *it > 0).map(minutes),
        recording_limit: minutes(config.recording_minutes),
        manual_recording_unlimited: config.manual_recording_unlimited,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        toml::from_str(text).expect("valid settings")
    }

    #[test]
    fn a_transport_can_be_switched_off() {
        let calls = settings(&config("sip_udp = \"off\"\nsip_tcp = \"127.0.0.1:5060\"")).expect("they fit");
        assert_eq!((calls.sip.udp, calls.sip.tcp.map(|it| it.port())), (None, Some(5060)));
        assert!(toml::from_str::<Config>("sip_udp = \"5060\"").is_err(), "a port alone is no address");
    }

    #[test]
    fn a_certificate_comes_with_its_key() {
        let error = settings(&config("sip_tls_certificate = \"/etc/tandem/sip.pem\"")).expect_err("no key");
        assert!(error.to_string().contains("sip_tls_key"), "{error}");
        assert!(settings(&config("sip_tls = \"0.0.0.0:5061\"")).is_err());
    }

    #[test]
    fn a_range_of_ports_has_two_ends() {
        assert_eq!(config("rtp_ports = \"30000-30099\"").rtp_ports, Ports(30_000..=30_099));
        for bad in ["30000", "30099-30000", "80-90", "a-b"] {
            assert!(toml::from_str::<Config>(&format!("rtp_ports = \"{bad}\"")).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_application_has_a_number_and_a_secret() {
        assert!(settings(&config("telegram_api_id = 1")).is_err());
        let both = config("telegram_api_id = 1\ntelegram_api_hash = \"winter\"");
        let settings = settings(&both).expect("they fit").telegram.expect("there is one");
        assert_eq!((settings.api_id, settings.calls_per_account), (1, 200));
        assert!(!format!("{settings:?}").contains("winter"), "a secret is never printed");
    }

    #[test]
    fn turn_servers_need_their_secret() {
        assert!(settings(&config("turn_servers = [\"turn:turn.example.org:3478\"]")).is_err());
    }
}
