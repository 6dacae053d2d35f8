//! Service accounts at an emulated Telegram: sign-in, calls with a person's device, limits, and a network that comes and
//! goes. Media is not part of it; both ends show that they have one key.

mod accounts;
mod calls;
mod device;
mod login;
mod network;
mod world;
mod writing;
