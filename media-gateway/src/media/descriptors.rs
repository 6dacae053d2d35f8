//! Open files: a call takes up to four sockets, and a shell commonly allows a process 1,024 of all kinds.

/// Two for a SIP leg, two for a Telegram one; what else a port brings with it counts as a third.
const PER_PORT: u64 = 3;

/// Log, database, SIP and whatever else the process has open.
const BESIDES: u64 = 512;

/// Lets the process open as many files as a full engine needs, as far as the system permits. The limit that a process may
/// raise by itself is there for programs that still use `select`, which nothing here does.
#[cfg(target_os = "linux")]
pub(super) fn allow(ports: usize) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let needed = (ports as u64).saturating_mul(PER_PORT).saturating_add(BESIDES);
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if soft >= needed {
        return;
    }
    let raised = needed.min(hard);
    if let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, raised, hard) {
        tracing::warn!(%error, soft, "the limit of open files stays");
    } else if raised < needed {
        tracing::warn!(
            raised,
            needed,
            "the system allows fewer open files than a full engine needs: set LimitNOFILE"
        );
    }
}

/// Elsewhere it stays as it is.
#[cfg(not(target_os = "linux"))]
pub(super) fn allow(_ports: usize) {}
