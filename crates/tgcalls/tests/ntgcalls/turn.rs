//! coturn, on loopback, for the length of a test.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running TURN server; it ends when dropped. User and password are both `tandem`.
pub(crate) struct TurnServer {
    pub(crate) port: u16,
    child: Child,
}

impl TurnServer {
    /// Starts it; nothing, where coturn is not there.
    pub(crate) fn start() -> Option<Self> {
        let port = UdpSocket::bind("127.0.0.1:0").expect("bind").local_addr().expect("bound").port();
        let mut command = Command::new("turnserver");
        command.args([
            "-n",
            "-L",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-u",
            "tandem:tandem",
            "-r",
            "test",
            "-a",
        ]);
        command.args([
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--allow-loopback-peers",
            "--log-file",
            "/dev/null",
        ]);
        command.args(["--pidfile", "/dev/null", "--min-port", "50100", "--max-port", "50199"]);
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = match started {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let is_required = std::env::var("REQUIRE_CLIENTS").is_ok_and(|it| it == "1");
                assert!(!is_required, "turnserver is not there; Debian's package: coturn");
                eprintln!("skipped: turnserver is not there; `cargo xtask test` sees to it");
                return None;
            }
            Err(error) => panic!("start turnserver: {error}"),
        };
        let server = Self { port, child };
        server.wait();
        Some(server)
    }

    /// It answers a STUN binding request when it is up.
    fn wait(&self) {
        let request = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bind");
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            let _ = socket.send_to(&request, ("127.0.0.1", self.port));
            if socket.recv(&mut [0; 512]).is_ok() {
                return;
            }
        }
        panic!("turnserver does not answer");
    }
}

impl Drop for TurnServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
