//! Kamailio as registrar, and SIPp as the called: processes of their own, on loopback, for the length of a measurement.

use super::{SocketAddr, cpu};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::UdpSocket;

/// A peer; it ends when dropped.
pub(super) struct Peer {
    child: Child,
    /// Its configuration lives as long as it does.
    _folder: TempDir,
    /// Where it speaks SIP over UDP.
    pub(super) address: SocketAddr,
}

impl Peer {
    /// Kamailio that challenges, and takes any login whose password is `pw` and the login.
    pub(super) async fn kamailio() -> Result<Self> {
        let (folder, address) = (tempfile::tempdir()?, free().await?);
        let modules = modules().context("Kamailio's modules are missing; Debian's package: kamailio")?;
        let config = CONFIG
            .replace("@MODULES@", &modules.display().to_string())
            .replace("@PORT@", &address.port().to_string());
        std::fs::write(folder.path().join("kamailio.cfg"), config)?;
        let arguments =
            ["-DD", "-E", "-P", "pid", "-Y", ".", "-w", ".", "-f", "kamailio.cfg", "-m", "256", "-M", "16"];
        Self::start("kamailio", &arguments, folder, address).await
    }

    /// SIPp that answers every call.
    pub(super) async fn sipp() -> Result<Self> {
        let (folder, address) = (tempfile::tempdir()?, free().await?);
        let port = address.port().to_string();
        let arguments =
            ["-sn", "uas", "-i", "127.0.0.1", "-p", &port, "-nostdin", "-nd", "-buff_size", "1048576"];
        Self::start("sipp", &arguments, folder, address).await
    }

    async fn start(program: &str, arguments: &[&str], folder: TempDir, address: SocketAddr) -> Result<Self> {
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder.path()).env("PATH", path).env("TERM", "dumb");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child =
            child.with_context(|| format!("start {program}; Debian's packages: kamailio sip-tester"))?;
        let peer = Self { child, _folder: folder, address };
        peer.answers().await.with_context(|| format!("wait for {program}"))?;
        Ok(peer)
    }

    /// Asks until something comes back: an answer, or a complaint.
    async fn answers(&self) -> Result<()> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let (port, mut beat) =
            (socket.local_addr()?.port(), tokio::time::interval(Duration::from_millis(100)));
        let question = format!(
            "OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKbench;rport\r\n\
             From: <sip:bench@127.0.0.1>;tag=1\r\nTo: <sip:{to}>\r\nCall-ID: bench\r\nCSeq: 1 OPTIONS\r\n\
             Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n",
            to = self.address
        );
        let mut buffer = [0; 2048];
        for _ in 0..100 {
            beat.tick().await;
            // Before it listens, the kernel says so, and we ask again.
            let _ = socket.send_to(question.as_bytes(), self.address).await;
            let heard = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
            if matches!(heard, Ok(Ok(_))) || self.listens()? {
                return Ok(());
            }
        }
        bail!("it does not answer")
    }

    /// Whether the kernel knows a UDP socket at its port: SIPp as the called does not answer questions.
    fn listens(&self) -> Result<bool> {
        let wanted = format!("0100007F:{:04X} ", self.address.port());
        Ok(std::fs::read_to_string("/proc/net/udp")?.contains(&wanted))
    }

    /// CPU time of the peer and the processes that it has started.
    pub(super) fn spent(&self) -> Duration {
        let children = format!("/proc/{id}/task/{id}/children", id = self.child.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok()).map(cpu::of_process);
        cpu::of_process(self.child.id()) + children.sum::<Duration>()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Kamailio ends its own processes when it is asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// A port that is free now.
async fn free() -> Result<SocketAddr> {
    Ok(UdpSocket::bind("127.0.0.1:0").await?.local_addr()?)
}

/// Where Debian keeps Kamailio's modules.
fn modules() -> Option<PathBuf> {
    let below = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let folders = below.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")]);
    folders.map(|it| it.join("kamailio/modules")).find(|it| Path::new(it).is_dir())
}

const CONFIG: &str = r#"#!KAMAILIO
debug=0
log_stderror=yes
children=2
listen=udp:127.0.0.1:@PORT@
alias="pbx.test"
mpath="@MODULES@/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("auth", "nonce_expire", 300)
modparam("auth", "qop", "auth")
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_expires", 3600)
request_route {
  if (!is_method("REGISTER")) { sl_send_reply("200", "OK"); exit; }
  force_rport();
  $var(pw) = "pw" + $fU;
  if (!pv_www_authenticate("pbx.test", "$var(pw)", "0", "$rm")) { auth_challenge("pbx.test", "1"); exit; }
  save("location");
}
"#;
