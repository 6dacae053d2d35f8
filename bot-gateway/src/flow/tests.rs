//! What people do, and what the bot does about it, on a real log.
