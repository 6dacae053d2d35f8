//! The credentials that browsers get are those that a real TURN server takes.

use crate::media::turn::{IceServer, IceServers};
use hmac::{Hmac, Mac};
use md5::{Digest as _, Md5};
use secrecy::SecretString;
use sha1::Sha1;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SUCCESS: u16 = 0x0103;
const ERROR: u16 = 0x0113;
const USERNAME: u16 = 0x0006;
const INTEGRITY: u16 = 0x0008;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const TRANSPORT: u16 = 0x0019;

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// coturn with a shared secret; `None` where it is not installed.
    fn start(secret: &str) -> Option<Self> {
        let probe = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = probe.local_addr().unwrap().port();
        drop(probe);
        let child = Command::new("turnserver")
            .args(["-n", "-L", "127.0.0.1", "-r", "tandem", "--no-tls", "--no-dtls", "--no-cli", "--no-tcp"])
            .args([
                "--use-auth-secret",
                "--static-auth-secret",
                secret,
                "--listening-port",
                &port.to_string(),
            ])
            .args(["--log-file", "stdout", "--pidfile", "/dev/null", "--allow-loopback-peers"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { child, port })
    }

    /// Sends a request until it is answered.
    fn ask(&self, socket: &UdpSocket, request: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 2048];
        for _ in 0..80 {
            // Nobody hears it until the server listens.
            socket.send_to(request, ("127.0.0.1", self.port)).unwrap();
            if let Ok(length) = socket.recv(&mut buffer) {
                return buffer[..length].to_vec();
            }
        }
        panic!("coturn does not answer");
    }

    /// Asks for a relay with these credentials; gives the kind of answer.
    fn allocate(&self, server: &IceServer) -> u16 {
        // Each from another address: an address has one relay at a time.
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
        let challenge = self.ask(&socket, &request(&[(TRANSPORT, &[17, 0, 0, 0])], None));
        assert_eq!(kind(&challenge), ERROR, "nobody gets a relay without a password");
        let (user, password) = (server.username.clone().unwrap(), server.credential.clone().unwrap());
        let (realm, nonce) = (attribute(&challenge, REALM), attribute(&challenge, NONCE));
        let key = Md5::digest(format!("{user}:{}:{password}", String::from_utf8_lossy(&realm)));
        let attributes: [(u16, &[u8]); 4] =
            [(TRANSPORT, &[17, 0, 0, 0]), (USERNAME, user.as_bytes()), (REALM, &realm), (NONCE, &nonce)];
        kind(&self.ask(&socket, &request(&attributes, Some(&key))))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_turn_server_takes_the_password_until_it_ends() {
    let Some(server) = Server::start("north") else {
        println!("coturn (turnserver) is not installed: TURN credentials are not tried on a real server");
        return;
    };
    let now = unix_time();
    assert_eq!(server.allocate(&told("north", now)), SUCCESS);
    assert_eq!(server.allocate(&told("south", now)), ERROR, "another secret");
    assert_eq!(server.allocate(&told("north", now - 7200)), ERROR, "it ended an hour ago");
}

fn told(secret: &str, now: u64) -> IceServer {
    let servers = IceServers {
        stun: Vec::new(),
        turn: vec!["turn:127.0.0.1".to_owned()],
        secret: Some(SecretString::from(secret)),
        lifetime: Duration::from_secs(3600),
    };
    servers.for_user("77", now).remove(0)
}

#[expect(clippy::disallowed_methods, reason = "the server compares with the machine's clock")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An Allocate request (RFC 8656), signed if there is a key.
fn request(attributes: &[(u16, &[u8])], key: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = vec![0, 3, 0, 0, 0x21, 0x12, 0xA4, 0x42];
    bytes.extend_from_slice(&rand::random::<[u8; 12]>());
    for (kind, value) in attributes {
        push(&mut bytes, *kind, value);
    }
    if let Some(key) = key {
        // The signature covers a length that counts itself (RFC 8489 14.5).
        set_length(&mut bytes, 24);
        let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(key).unwrap();
        mac.update(&bytes);
        let tag = mac.finalize().into_bytes();
        push(&mut bytes, INTEGRITY, &tag);
    }
    set_length(&mut bytes, 0);
    bytes
}

fn push(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

fn set_length(bytes: &mut [u8], more: usize) {
    let length = u16::try_from(bytes.len() - 20 + more).unwrap();
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
}

fn kind(answer: &[u8]) -> u16 {
    u16::from_be_bytes([answer[0], answer[1]])
}

fn attribute(answer: &[u8], wanted: u16) -> Vec<u8> {
    let mut rest = &answer[20..];
    while rest.len() >= 4 {
        let (kind, length) = (u16::from_be_bytes([rest[0], rest[1]]), u16::from_be_bytes([rest[2], rest[3]]));
        let length = usize::from(length);
        if kind == wanted {
            return rest[4..4 + length].to_vec();
        }
        rest = &rest[4 + length.next_multiple_of(4)..];
    }
    panic!("no attribute {wanted:#x}");
}
