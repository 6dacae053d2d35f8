//! What happens by itself when its time comes: events and the time in, commands out.
//!
//! Nothing here is a timer. A deadline is known from events alone, so it survives a restart; a driver keeps the open ones
//! in a table and asks which are due.

pub mod call_cleanup;
pub mod deadline;
