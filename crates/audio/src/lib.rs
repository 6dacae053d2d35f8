//! Telephone sound: codecs, jitter buffer, concealment, tones, mixing and recording containers.
