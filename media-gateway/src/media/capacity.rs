//! How much an engine admits when nobody says.

/// Ports of one thread. The measured ceiling is about twice this many ports that transcode Opus (docs/performance.md);
/// half of it leaves room for a slower core and for whatever else runs on the machine.
const PORTS_PER_THREAD: usize = 240;

/// Ports that an engine with so many threads admits.
pub(super) const fn estimate(threads: usize) -> usize {
    threads * PORTS_PER_THREAD
}
