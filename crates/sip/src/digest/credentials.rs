//! A client's proof: `Authorization` and `Proxy-Authorization`.

use super::algorithm::{Algorithm, Qop};
use super::parameters::{HeaderError, Parameters, quoted};
use std::fmt;
use std::str::FromStr;

/// One answer to a challenge. Debug hides the response, against which passwords could be tried.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The name that people log in with.
    pub username: String,
    /// For which realm.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// The address that the response vouches for.
    pub uri: String,
    /// The proof, in hexadecimal.
    pub response: String,
    /// The hash that was used.
    pub algorithm: Algorithm,
    /// The client's own nonce.
    pub cnonce: Option<String>,
    /// The quality of protection, and how often the nonce was used; `None` for clients of RFC 2069.
    pub qop: Option<(Qop, u32)>,
    /// As the challenge had it.
    pub opaque: Option<String>,
}

impl FromStr for Authorization {
    type Err = HeaderError;

    fn from_str(header: &str) -> Result<Self, HeaderError> {
        let read = Parameters::read(header)?;
        if read.get("userhash").is_some_and(|yes| yes.eq_ignore_ascii_case("true")) {
            return Err(HeaderError::Unsupported("userhash"));
        }
        let qop = match read.get("qop") {
            None | Some("") => None,
            Some(name) => {
                let qop = Qop::named(name).ok_or(HeaderError::Unsupported("qop"))?;
                let count = read.get("nc").ok_or(HeaderError::Missing("nc"))?;
                Some((qop, u32::from_str_radix(count, 16).map_err(|_| HeaderError::Malformed)?))
            }
        };
        let cnonce = read.get("cnonce").map(str::to_owned);
        if qop.is_some() && cnonce.is_none() {
            return Err(HeaderError::Missing("cnonce"));
        }
        let algorithm = Algorithm::named(read.get("algorithm").unwrap_or("MD5"));
        Ok(Self {
            username: read.need("username")?,
            realm: read.need("realm")?,
            nonce: read.need("nonce")?,
            uri: read.need("uri")?,
            response: read.need("response")?,
            algorithm: algorithm.ok_or(HeaderError::Unsupported("algorithm"))?,
            cnonce,
            qop,
            opaque: read.get("opaque").map(str::to_owned),
        })
    }
}

impl fmt::Display for Authorization {
    /// Writes the header value, the response in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest username={}, realm={}", quoted(&self.username), quoted(&self.realm))?;
        write!(f, ", nonce={}, uri={}", quoted(&self.nonce), quoted(&self.uri))?;
        write!(f, ", response={}, algorithm={}", quoted(&self.response), self.algorithm.name())?;
        if let Some(cnonce) = &self.cnonce {
            write!(f, ", cnonce={}", quoted(cnonce))?;
        }
        if let Some((qop, count)) = self.qop {
            write!(f, ", qop={}, nc={count:08x}", qop.name())?;
        }
        match &self.opaque {
            Some(opaque) => write!(f, ", opaque={}", quoted(opaque)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization({} of {}, {}, [hidden])", self.username, self.realm, self.algorithm.name())
    }
}
