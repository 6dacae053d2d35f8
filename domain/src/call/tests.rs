//! What may happen to a call, as sentences.
