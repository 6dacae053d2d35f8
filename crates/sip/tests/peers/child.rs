//! Other people's programs, started for one test and ended with it.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// Ports that are free on UDP and TCP, so many in a row.
pub(crate) fn free_ports(count: u16) -> u16 {
    for _ in 0..200 {
        let first = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().port();
        let is_free = |port| {
            UdpSocket::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok()
        };
        if first < 65_000 && (first..first + count).all(is_free) {
            return first;
        }
    }
    panic!("no free ports");
}

/// Starts a program; it is killed when the test ends.
pub(crate) fn start(program: &str, arguments: &[&str], folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("output.log")).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    // Debian keeps some of them where only administrators look.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap_or_else(|error| panic!("{program} can't be started: {error}"))
}

/// What a program has said so far.
pub(crate) fn said(folder: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(folder.join("output.log")).unwrap_or_default()).into_owned()
}

/// Shows what a program wrote, when its test fails.
pub(crate) fn explain(folder: &Path) {
    if !std::thread::panicking() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            let text = std::fs::read(entry.path()).unwrap_or_default();
            println!("{}:\n{}", entry.path().display(), String::from_utf8_lossy(&text));
        }
    }
}

/// Waits until somebody answers OPTIONS over UDP.
pub(crate) async fn answers_options(address: SocketAddr) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let here = socket.local_addr().unwrap();
    let options = format!(
        "OPTIONS sip:x@{address} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKup{};rport\r\n\
         From: <sip:t@{here}>;tag=1\r\nTo: <sip:x@{address}>\r\nCall-ID: up{}\r\nCSeq: 1 OPTIONS\r\n\
         Contact: <sip:t@{here}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        here.port(),
        here.port()
    );
    let mut buffer = [0; 4096];
    for _ in 0..100 {
        // Refused while nobody listens yet.
        let _ = socket.send_to(options.as_bytes(), address).await;
        let answer = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
        if matches!(answer, Ok(Ok(_))) {
            return;
        }
    }
    panic!("nobody answers at {address}");
}

/// Waits until somebody listens at a UDP port, without sending anything there.
pub(crate) async fn listens(address: SocketAddr) {
    for _ in 0..200 {
        if UdpSocket::bind(address).is_err() {
            return;
        }
        let _ = tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>()).await;
    }
    panic!("nobody listens at {address}");
}
