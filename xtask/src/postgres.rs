//! A PostgreSQL of the tests' own, on loopback, gone when they end.

use crate::install::is_root;
use crate::process::{found, say};
use anyhow::{Context as _, Result, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The folder of the newest installed server's programs.
pub(crate) fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut folders: Vec<PathBuf> =
        versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let debian = folders.into_iter().rev().find(|folder| folder.join("initdb").is_file());
    debian.or_else(|| found("initdb").and_then(|file| file.parent().map(Path::to_owned)))
}

/// A running server; dropping it stops it and deletes its data.
pub(crate) struct Server {
    process: Child,
    data: PathBuf,
    /// `postgres://…` of its `postgres` database; its user may make others.
    pub(crate) url: String,
}

impl Server {
    /// Makes and starts one.
    ///
    /// # Errors
    ///
    /// PostgreSQL is missing or does not start.
    pub(crate) fn start() -> Result<Self> {
        let binaries = binaries().context("PostgreSQL's `initdb` was not found")?;
        let data = data_folder()?;
        say(&format!("start a PostgreSQL for the tests in {}", data.display()));
        let cluster = data.join("cluster");
        let mut initdb = as_postgres(&binaries.join("initdb"));
        initdb.arg("-D").arg(&cluster).args([
            "-U",
            "tandem",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        let made = initdb.stdout(Stdio::null()).status().context("run initdb")?;
        if !made.success() {
            bail!("initdb failed ({made}) in {}", data.display());
        }
        let port = free_port()?;
        let mut server = as_postgres(&binaries.join("postgres"));
        server.arg("-D").arg(&cluster).arg("-k").arg(&data).args(["-p", &port.to_string()]);
        // The tests prove durability by killing our processes, not the machine: fsync would only cost time.
        for setting in
            ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=300", "log_min_messages=fatal"]
        {
            server.args(["-c", setting]);
        }
        let process = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("start postgres")?;
        let server = Self { process, data, url: format!("postgres://tandem@127.0.0.1:{port}/postgres") };
        server.wait(&binaries, port)?;
        Ok(server)
    }

    fn wait(&self, binaries: &Path, port: u16) -> Result<()> {
        for _ in 0..100 {
            let ready = Command::new(binaries.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-U", "tandem", "-p", &port.to_string()])
                .status()
                .context("run pg_isready")?;
            if ready.success() {
                return Ok(());
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        bail!("PostgreSQL did not answer on 127.0.0.1:{port} within ten seconds")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT asks for a fast shutdown: open sessions are ended, and every child process goes with it.
        let interrupted = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        if !interrupted.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

/// The server refuses to run as root; then it runs as the user of Debian's package. It ends when its parent dies.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT", "--"])
        .arg(program);
    command
}

fn data_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("tandem-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    if is_root() {
        let owned = Command::new("chown").arg("postgres").arg(&folder).status().context("run chown")?;
        if !owned.success() {
            bail!("the user `postgres` of Debian's package is missing");
        }
    }
    Ok(folder)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("find a free port")?;
    Ok(listener.local_addr()?.port())
}
