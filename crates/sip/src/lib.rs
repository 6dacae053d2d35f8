//! SIP user agent and registrar.
