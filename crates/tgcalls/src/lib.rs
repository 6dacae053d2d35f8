//! Telegram one-to-one voice calls, without I/O.
