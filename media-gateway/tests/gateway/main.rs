//! The media gateway from outside: a real registrar and far end over SIP, a real phone over WebSocket and WebRTC, and a
//! real log. Sound is heard by its frequency.

mod calls;
mod far_end;
mod log;
mod phone;
mod place;
mod sound;
