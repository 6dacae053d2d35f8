//! A reflector: it remembers who said hello under which tag, and forwards by tag.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running reflector; it ends when dropped.
pub(crate) struct Reflector {
    pub(crate) port: u16,
    forwarded: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reflector {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bind");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("set");
        let port = socket.local_addr().expect("bound").port();
        let (forwarded, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (forwarded.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut tags: HashMap<[u8; 16], SocketAddr> = HashMap::new();
            let mut buffer = [0_u8; 2048];
            while !end.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                forward(&socket, &mut tags, &buffer[..length], from, &count);
            }
        });
        Self { port, forwarded, stop, thread: Some(thread) }
    }

    /// How many datagrams it has passed on.
    pub(crate) fn forwarded(&self) -> usize {
        self.forwarded.load(Ordering::Relaxed)
    }
}

fn forward(
    socket: &UdpSocket,
    tags: &mut HashMap<[u8; 16], SocketAddr>,
    datagram: &[u8],
    from: SocketAddr,
    count: &AtomicUsize,
) {
    let Some(tag) = datagram.first_chunk::<16>() else { return };
    if datagram.get(16..28) == Some(&[0xff; 12]) {
        tags.insert(*tag, from);
        let _ = socket.send_to(datagram, from);
    } else if let Some(to) = tags.get(tag) {
        let _ = socket.send_to(datagram, to);
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Reflector {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
