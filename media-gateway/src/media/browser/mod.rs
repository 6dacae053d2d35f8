//! The browser's side of sound: WebRTC by `str0m`, many browsers on one UDP socket.

mod certificate;
pub(super) mod demux;
mod offer;
mod peer;

pub(super) use certificate::Certificate;
pub(super) use peer::{BrowserPeer, Setup};
