//! Calls: registrations, call sessions and media.
