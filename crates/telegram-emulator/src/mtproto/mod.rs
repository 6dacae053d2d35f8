//! The MTProto door: what an ordinary Telegram client speaks, for service accounts that sign in as people do.
//!
//! Keys are given out beforehand (`GET /sim/mtproto`), so there is no exchange with Telegram's RSA key.

pub(crate) mod cipher;
mod connection;
pub(crate) mod delivery;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod mailbox;
mod methods;
mod objects;
mod packet;
pub(crate) mod srp;
mod transport;

pub(crate) use objects::config::DC;

use crate::telegram::Telegram;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Takes connections until the emulator stops.
pub(crate) async fn listen(telegram: Arc<Telegram>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = telegram.stop.cancelled() => return,
        };
        match accepted {
            // A network that is down: the connection is closed at once.
            Ok(_) if telegram.is_down() => (),
            Ok((stream, _)) => {
                // Answers are small and awaited; a connection that does not take the hint is only slower.
                let _ = stream.set_nodelay(true);
                telegram.tasks.spawn(connection::serve(Arc::clone(&telegram), stream));
            }
            Err(error) => tracing::warn!(%error, "a connection could not be taken"),
        }
    }
}
