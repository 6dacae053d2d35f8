//! A media thread: its handle here, its loop in [`worker`].

mod arrival;
mod beat;
mod commands;
mod events;
mod meter;
mod ports;
mod sockets;
mod worker;

use super::command::Command;
use super::config::EngineConfig;
use super::error::EngineError;
use super::event::Event;
use meter::Meter;
use mio::Waker;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;

/// Work for the ports that are due should take no longer, and a peer that seeks a path is looked after this often.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Commands that may wait: a thread takes them as they come, so that many mean that it is stuck.
const COMMANDS: usize = 4096;

/// A media thread's handle. Dropping it ends the thread, which says good-bye to its far sides.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) commands: SyncSender<Command>,
    /// Wakes the thread where it sleeps for sockets.
    bell: Waker,
    pub(super) browser_socket: Arc<UdpSocket>,
    pub(super) meter: Arc<Meter>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a thread.
///
/// # Errors
///
/// The system refuses the socket for browsers, or the thread.
pub(super) fn start(
    index: usize,
    config: &EngineConfig,
    events: mpsc::Sender<Event>,
) -> Result<Lane, EngineError> {
    let browser_socket = Arc::new(browser_socket(index, config)?);
    let (commands, queue) = sync_channel(COMMANDS);
    let meter = Arc::new(Meter::default());
    let (worker, bell) =
        worker::Worker::new(queue, Arc::clone(&browser_socket), events, Arc::clone(&meter), config)?;
    let thread = std::thread::Builder::new().name(format!("media-{index}")).spawn(move || worker.run())?;
    Ok(Lane { commands, bell, browser_socket, meter, thread: Some(thread) })
}

fn browser_socket(index: usize, config: &EngineConfig) -> Result<UdpSocket, EngineError> {
    let offset = u16::try_from(index).unwrap_or(0);
    let port = if config.browser_port == 0 { 0 } else { config.browser_port.saturating_add(offset) };
    let socket = UdpSocket::bind(SocketAddr::new(config.browser_listen, port))?;
    socket.set_nonblocking(true)?;
    let room = socket2::SockRef::from(&socket);
    // Hundreds of browsers share it, and it is read once a frame. The system may grant less.
    let _ = room.set_recv_buffer_size(4 << 20);
    let _ = room.set_send_buffer_size(4 << 20);
    Ok(socket)
}

impl Lane {
    pub(super) fn tell(&self, command: Command) -> Result<(), EngineError> {
        self.commands.try_send(command).map_err(|_| EngineError::Busy)?;
        self.ring();
        Ok(())
    }

    /// For what must not be lost, though it cannot be refused: waits for room.
    pub(super) fn insist(&self, command: Command) {
        if let Err(TrySendError::Full(command)) = self.commands.try_send(command) {
            // A thread that has ended has closed its ports already.
            let _ = self.commands.send(command);
        }
        self.ring();
    }

    fn ring(&self) {
        // A thread that is not woken comes to its commands at its next frame.
        let _ = self.bell.wake();
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // The queue closes when its last sender goes; others may hold one while a port moves.
        let (closed, _) = sync_channel(0);
        drop(std::mem::replace(&mut self.commands, closed));
        self.ring();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a media thread panicked");
        }
    }
}
