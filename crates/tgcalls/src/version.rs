//! Which versions of the protocol are spoken, and what a call must not ask for.

/// How a version carries its signalling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signalling {
    /// Numbered and acknowledged messages: 8.0.0 and 9.0.0.
    V2,
    /// SCTP: 12.0.0 and 13.0.0.
    V3,
}

/// `library_versions` to send in `phoneCallProtocol`, the wanted ones first.
pub const LIBRARY_VERSIONS: [&str; 4] = ["8.0.0", "9.0.0", "12.0.0", "13.0.0"];

/// `min_layer` of `phoneCallProtocol`.
pub const MIN_LAYER: i32 = 65;

/// `max_layer` of `phoneCallProtocol`.
pub const MAX_LAYER: i32 = 92;

/// A call that this crate can't carry. End it as disconnected: it would connect and stay silent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The server chose a version that nobody here speaks, or none.
    #[error("version {0:?} of Telegram's call library is not spoken here")]
    Version(String),
    /// A custom parameter asks for another media transport.
    #[error("the call asks for `{0}`, which is not spoken here")]
    Parameter(&'static str),
    /// The custom parameters can't be read.
    #[error("the custom parameters of the call are not JSON")]
    Parameters,
}

/// How to speak in this call: clients take the first of the versions that the final `phoneCall` names.
///
/// # Errors
///
/// [`Unsupported::Version`].
pub fn choose<S: AsRef<str>>(library_versions: &[S]) -> Result<Signalling, Unsupported> {
    match library_versions.first().map(AsRef::as_ref) {
        Some("8.0.0" | "9.0.0") => Ok(Signalling::V2),
        Some("12.0.0" | "13.0.0") => Ok(Signalling::V3),
        other => Err(Unsupported::Version(other.unwrap_or_default().to_owned())),
    }
}

/// Looks through `custom_parameters` of `phoneCall`. Those that replace DTLS-SRTP need support at both ends; carrying on
/// regardless would give a call in which nobody hears anything. The others may be ignored.
///
/// # Errors
///
/// The call asks for what is not spoken here, or the parameters can't be read.
pub fn check_parameters(json: Option<&str>) -> Result<(), Unsupported> {
    let Some(json) = json.filter(|it| !it.trim().is_empty()) else { return Ok(()) };
    let parameters: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).map_err(|_| Unsupported::Parameters)?;
    let asks = |name| parameters.get(name).is_some_and(|value| value.as_bool() != Some(false));
    for name in ["network_use_mtproto", "network_standalone_reflectors"] {
        if asks(name) {
            return Err(Unsupported::Parameter(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_counts() {
        assert_eq!(choose(&["8.0.0", "13.0.0"]), Ok(Signalling::V2));
        assert_eq!(choose(&["13.0.0", "8.0.0"]), Ok(Signalling::V3));
        for unknown in ["2.4.4", "7.0.0", "11.0.0", ""] {
            assert_eq!(choose(&[unknown, "8.0.0"]), Err(Unsupported::Version(unknown.to_owned())));
        }
        assert_eq!(choose::<&str>(&[]), Err(Unsupported::Version(String::new())));
    }

    #[test]
    fn every_version_that_is_offered_is_spoken() {
        assert!(LIBRARY_VERSIONS.iter().all(|version| choose(&[version]).is_ok()));
    }

    #[test]
    fn a_call_that_replaces_the_media_transport_is_refused() {
        assert_eq!(check_parameters(None), Ok(()));
        assert_eq!(
            check_parameters(Some(r#"{"network_use_mtproto":false,"network_skip_initial_ping":true}"#)),
            Ok(())
        );
        assert_eq!(
            check_parameters(Some(r#"{"network_use_mtproto":true}"#)),
            Err(Unsupported::Parameter("network_use_mtproto"))
        );
        assert_eq!(check_parameters(Some("[")), Err(Unsupported::Parameters));
    }
}
