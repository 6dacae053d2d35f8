//! Where an emulated Telegram is: the file that tests point at.

use super::session::Session;
use serde::Deserialize;
use std::net::SocketAddrV4;
use std::path::Path;

/// What `GET /sim/mtproto` of the emulated Telegram answers.
#[derive(Deserialize)]
struct Server {
    address: SocketAddrV4,
    dc: i32,
    /// 256 bytes, hexadecimal. Kept by a session that has none of its own.
    auth_key: String,
}

/// Why an emulated Telegram can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TestServerError {
    /// The file can't be read.
    #[error("the file of the test server can't be read")]
    Unreadable(#[source] std::io::Error),
    /// The file is not such an answer.
    #[error("the file of the test server has to be as GET /sim/mtproto answers")]
    Malformed,
}

/// Sends a session to the emulated Telegram.
///
/// # Errors
///
/// See [`TestServerError`].
pub(super) async fn direct(session: &Session, file: &Path) -> Result<(), TestServerError> {
    let text = tokio::fs::read(file).await.map_err(TestServerError::Unreadable)?;
    let server: Server = serde_json::from_slice(&text).map_err(|_| TestServerError::Malformed)?;
    let key = key(&server.auth_key).ok_or(TestServerError::Malformed)?;
    session.set_centre(server.dc, server.address, Some(key));
    session.set_home(server.dc);
    Ok(())
}

fn key(text: &str) -> Option<[u8; 256]> {
    let digits = text.as_bytes();
    let mut key = [0_u8; 256];
    if digits.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_256_bytes_in_hexadecimal() {
        assert_eq!(key(&"0f".repeat(256)), Some([15; 256]));
        for bad in ["0f".repeat(255), "0g".repeat(256), "é0".repeat(171)] {
            assert_eq!(key(&bad), None);
        }
    }
}
