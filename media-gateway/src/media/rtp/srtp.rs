//! SRTP and SRTCP with `AES_CM_128_HMAC_SHA1_80` and `_32` (RFC 3711), keyed by SDES (RFC 4568).
//!
//! Written here since the crates that speak it bring a whole WebRTC stack or a C library. The primitives are RustCrypto's.

use crate::media::rtp_media::{SrtpKey, SrtpSuite};
use aes::Aes128;
use aes::cipher::{InnerIvInit, KeyInit, StreamCipher};
use ctr::CtrCore;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::packet::Header;

type HmacSha1 = Hmac<Sha1>;

/// Streams (SSRCs) of one sender whose counters are kept; more at once is an attack or a fault.
const STREAMS: usize = 4;
/// How far back a packet may be late.
const WINDOW: u64 = 64;
/// Tag of SRTCP, whatever the suite (RFC 4568 6.2).
const RTCP_TAG: usize = 10;

/// Protects what we send.
pub(crate) struct Sender {
    rtp: Keys,
    rtcp: Keys,
    tag: usize,
    rtcp_index: u32,
}

impl Sender {
    /// With the key of our own `a=crypto` line.
    pub(crate) fn new(key: &SrtpKey) -> Self {
        Self {
            rtp: Keys::derive(key, 0),
            rtcp: Keys::derive(key, 3),
            tag: tag_length(key.suite),
            rtcp_index: 0,
        }
    }

    /// Encrypts a whole RTP packet in place and adds its tag. `index` is the sequence number with its rollovers counted.
    pub(crate) fn protect(&self, packet: &mut Vec<u8>, index: u64) {
        let Some((header, length)) = Header::read(packet) else { return };
        self.rtp.apply(header.ssrc, index, &mut packet[length..]);
        let tag = self.rtp.tag(packet, &rollover(index).to_be_bytes());
        packet.extend_from_slice(&tag[..self.tag]);
    }

    /// Encrypts a compound RTCP packet in place and adds index and tag.
    pub(crate) fn protect_rtcp(&mut self, packet: &mut Vec<u8>) {
        let Some(ssrc) = rtcp_ssrc(packet) else { return };
        self.rtcp_index = (self.rtcp_index + 1) & 0x7FFF_FFFF;
        self.rtcp.apply(ssrc, u64::from(self.rtcp_index), &mut packet[8..]);
        packet.extend_from_slice(&(self.rtcp_index | 0x8000_0000).to_be_bytes());
        let tag = self.rtcp.tag(packet, &[]);
        packet.extend_from_slice(&tag[..RTCP_TAG]);
    }
}

/// Opens what the far side sent, and refuses what is not authentic or was heard before.
pub(crate) struct Receiver {
    rtp: Keys,
    rtcp: Keys,
    tag: usize,
    streams: Vec<(u32, Replay)>,
    rtcp_streams: Vec<(u32, Replay)>,
}

impl Receiver {
    /// With the key of the far side's `a=crypto` line.
    pub(crate) fn new(key: &SrtpKey) -> Self {
        Self {
            rtp: Keys::derive(key, 0),
            rtcp: Keys::derive(key, 3),
            tag: tag_length(key.suite),
            streams: Vec::new(),
            rtcp_streams: Vec::new(),
        }
    }

    /// Decrypts an RTP packet in place; gives its length without the tag, or `None` if it is to be dropped.
    pub(crate) fn open(&mut self, packet: &mut [u8]) -> Option<usize> {
        let (header, length) = Header::read(packet)?;
        let end = packet.len().checked_sub(self.tag).filter(|end| *end >= length)?;
        let replay = find(&self.streams, header.ssrc);
        let index = replay.guess(header.sequence);
        let tag = self.rtp.tag(&packet[..end], &rollover(index).to_be_bytes());
        if !replay.is_new(index) || !bool::from(tag[..self.tag].ct_eq(&packet[end..])) {
            return None;
        }
        remember(&mut self.streams, header.ssrc, replay.with(index));
        self.rtp.apply(header.ssrc, index, &mut packet[length..end]);
        Some(end)
    }

    /// Decrypts a compound RTCP packet in place; gives its length, or `None` if it is to be dropped.
    pub(crate) fn open_rtcp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let ssrc = rtcp_ssrc(packet)?;
        let signed = packet.len().checked_sub(RTCP_TAG)?;
        let end = signed.checked_sub(4).filter(|end| *end >= 8)?;
        let tag = self.rtcp.tag(&packet[..signed], &[]);
        let trailer = u32::from_be_bytes(*packet[end..signed].first_chunk()?);
        let index = u64::from(trailer & 0x7FFF_FFFF);
        let replay = find(&self.rtcp_streams, ssrc);
        if !replay.is_new(index) || !bool::from(tag[..RTCP_TAG].ct_eq(&packet[signed..])) {
            return None;
        }
        remember(&mut self.rtcp_streams, ssrc, replay.with(index));
        if trailer & 0x8000_0000 != 0 {
            self.rtcp.apply(ssrc, index, &mut packet[8..end]);
        }
        Some(end)
    }
}

/// Session keys of one direction and kind.
struct Keys {
    cipher: Aes128,
    salt: [u8; 14],
    hmac: HmacSha1,
}

impl Keys {
    /// RFC 3711 4.3: labels 0, 1, 2 for RTP, 3, 4, 5 for RTCP; the key derivation rate is zero.
    fn derive(key: &SrtpKey, first_label: u8) -> Self {
        let (master, salt) = key.key_and_salt.split_at(16);
        let master = Aes128::new_from_slice(master).unwrap_or_else(|_| unreachable!("split at 16"));
        let mut cipher = Zeroizing::new([0; 16]);
        let mut auth = Zeroizing::new([0; 20]);
        let mut session_salt = [0; 14];
        derive(&master, salt, first_label, &mut *cipher);
        derive(&master, salt, first_label + 1, &mut *auth);
        derive(&master, salt, first_label + 2, &mut session_salt);
        Self {
            cipher: Aes128::new_from_slice(&*cipher).unwrap_or_else(|_| unreachable!("16 bytes")),
            salt: session_salt,
            hmac: <HmacSha1 as Mac>::new_from_slice(&*auth)
                .unwrap_or_else(|_| unreachable!("a key of any length")),
        }
    }

    /// Encrypts or decrypts: RFC 3711 4.1.1, the initial counter is salt, SSRC and index.
    fn apply(&self, ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        for (byte, with) in counter[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= with;
        }
        for (byte, with) in counter[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= with;
        }
        key_stream(&self.cipher, counter, bytes);
    }

    fn tag(&self, message: &[u8], suffix: &[u8]) -> [u8; 20] {
        let mut hmac = self.hmac.clone();
        hmac.update(message);
        hmac.update(suffix);
        hmac.finalize().into_bytes().into()
    }
}

fn derive(master: &Aes128, salt: &[u8], label: u8, out: &mut [u8]) {
    let mut counter = [0; 16];
    counter[..14].copy_from_slice(salt);
    counter[7] ^= label;
    key_stream(master, counter, out);
}

fn key_stream(cipher: &Aes128, counter: [u8; 16], bytes: &mut [u8]) {
    let core = CtrCore::<_, ctr::flavors::Ctr128BE>::inner_iv_init(cipher.clone(), &counter.into());
    aes::cipher::StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
}

fn tag_length(suite: SrtpSuite) -> usize {
    match suite {
        SrtpSuite::Aes128CmHmacSha1_80 => 10,
        SrtpSuite::Aes128CmHmacSha1_32 => 4,
    }
}

/// The upper 32 of the 48 bits of a packet's index.
fn rollover(index: u64) -> u32 {
    u32::try_from(index >> 16 & 0xFFFF_FFFF).unwrap_or(0)
}

fn rtcp_ssrc(packet: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*packet.get(4..8)?.first_chunk()?))
}

fn find(streams: &[(u32, Replay)], ssrc: u32) -> Replay {
    streams.iter().find(|(known, _)| *known == ssrc).map_or(Replay::default(), |(_, replay)| *replay)
}

fn remember(streams: &mut Vec<(u32, Replay)>, ssrc: u32, replay: Replay) {
    streams.retain(|(known, _)| *known != ssrc);
    if streams.len() == STREAMS {
        streams.remove(0);
    }
    streams.push((ssrc, replay));
}

/// The highest index heard of a stream, and which of those before it (RFC 3711 3.3.1 and 3.3.2).
#[derive(Clone, Copy, Default)]
struct Replay {
    heard: Option<u64>,
    before: u64,
}

impl Replay {
    /// The index that a sequence number most probably stands for.
    fn guess(self, sequence: u16) -> u64 {
        let Some(highest) = self.heard else { return u64::from(sequence) };
        let same = highest & !0xFFFF | u64::from(sequence);
        let (down, up) = (same.checked_sub(0x1_0000), same + 0x1_0000);
        [Some(same), down, Some(up)]
            .into_iter()
            .flatten()
            .min_by_key(|index| index.abs_diff(highest))
            .unwrap_or(same)
    }

    fn is_new(self, index: u64) -> bool {
        match self.heard {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => {
                let back = highest - index;
                back < WINDOW && self.before >> back & 1 == 0
            }
        }
    }

    fn with(self, index: u64) -> Self {
        match self.heard {
            None => Self { heard: Some(index), before: 1 },
            Some(highest) if index > highest => {
                let ahead = index - highest;
                let before = if ahead < WINDOW { self.before << ahead } else { 0 };
                Self { heard: Some(index), before: before | 1 }
            }
            Some(highest) => Self { heard: self.heard, before: self.before | 1 << (highest - index) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    }

    fn key(suite: SrtpSuite) -> SrtpKey {
        let all = bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
        SrtpKey { suite, key_and_salt: Zeroizing::new(all.try_into().unwrap()) }
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let header = Header { marker: false, payload_type: 8, sequence, timestamp: 160, ssrc: 0xCAFE_BABE };
        let mut packet = Vec::new();
        header.write(&mut packet);
        packet.extend_from_slice(&[0xAB; 160]);
        packet
    }

    fn protected(sequence: u16, index: u64) -> Vec<u8> {
        let mut packet = packet(sequence);
        Sender::new(&key(SrtpSuite::Aes128CmHmacSha1_80)).protect(&mut packet, index);
        packet
    }

    fn receiver() -> Receiver {
        Receiver::new(&key(SrtpSuite::Aes128CmHmacSha1_80))
    }

    #[test]
    fn the_key_stream_is_that_of_rfc_3711_appendix_b2() {
        let cipher = Aes128::new_from_slice(&bytes("2B7E151628AED2A6ABF7158809CF4F3C")).unwrap();
        let counter = bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000").try_into().unwrap();
        let mut stream = [0; 48];
        key_stream(&cipher, counter, &mut stream);
        let expected = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0";
        assert_eq!(stream.to_vec(), bytes(expected));
    }

    #[test]
    fn session_keys_are_those_of_rfc_3711_appendix_b3() {
        let key = key(SrtpSuite::Aes128CmHmacSha1_80);
        let (master, salt) = key.key_and_salt.split_at(16);
        let master = Aes128::new_from_slice(master).unwrap();
        let made = |label, length| {
            let mut out = vec![0; length];
            derive(&master, salt, label, &mut out);
            out
        };
        assert_eq!(made(0, 16), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(made(1, 20), bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
        assert_eq!(made(2, 14), bytes("30CBBC08863D8C85D49DB34A9AE1"));
    }

    #[test]
    fn a_packet_is_protected_as_other_implementations_do() {
        // The reference packet of libsrtp's own tests.
        let mut packet = bytes("800f1234 decafbad cafebabe abababab abababab abababab abababab");
        Sender::new(&key(SrtpSuite::Aes128CmHmacSha1_80)).protect(&mut packet, 0x1234);
        let expected = "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc99ea179b8dbb";
        assert_eq!(packet, bytes(expected));
    }

    #[test]
    fn a_report_is_protected_as_other_implementations_do() {
        let mut packet = bytes("81c8000b cafebabe abababab abababab abababab abababab");
        Sender::new(&key(SrtpSuite::Aes128CmHmacSha1_80)).protect_rtcp(&mut packet);
        let expected = "81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd54d6c1230798";
        assert_eq!(packet, bytes(expected));
    }

    #[test]
    fn what_one_side_protects_the_other_opens() {
        for suite in [SrtpSuite::Aes128CmHmacSha1_80, SrtpSuite::Aes128CmHmacSha1_32] {
            let mut protected = packet(7);
            Sender::new(&key(suite)).protect(&mut protected, 7);
            let length = Receiver::new(&key(suite)).open(&mut protected).unwrap();
            assert_eq!(protected[..length], packet(7));
        }
    }

    #[test]
    fn a_report_comes_through() {
        let plain = bytes("81c80006 cafebabe 00000000 00000000 00000000 00000000 00000000");
        let (mut sender, mut receiver) = (Sender::new(&key(SrtpSuite::Aes128CmHmacSha1_32)), receiver());
        for _ in 0..3 {
            let mut packet = plain.clone();
            sender.protect_rtcp(&mut packet);
            let mut again = packet.clone();
            let length = receiver.open_rtcp(&mut packet).unwrap();
            assert_eq!(packet[..length], plain);
            assert_eq!(receiver.open_rtcp(&mut again), None, "a report is heard once");
        }
    }

    #[test]
    fn a_packet_is_heard_once() {
        let mut receiver = receiver();
        assert!(receiver.open(&mut protected(7, 7)).is_some());
        assert_eq!(receiver.open(&mut protected(7, 7)), None);
    }

    #[test]
    fn packets_out_of_order_are_heard_and_very_late_ones_are_not() {
        let mut receiver = receiver();
        for sequence in [100, 102, 101, 180] {
            assert!(receiver.open(&mut protected(sequence, u64::from(sequence))).is_some(), "{sequence}");
        }
        assert!(receiver.open(&mut protected(117, 117)).is_some(), "63 packets late");
        assert_eq!(receiver.open(&mut protected(116, 116)), None, "64 packets late");
    }

    #[test]
    fn a_changed_bit_anywhere_is_refused() {
        let whole = protected(7, 7);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(receiver().open(&mut changed), None, "byte {at}");
        }
    }

    #[test]
    fn sequence_numbers_roll_over() {
        let mut receiver = receiver();
        for index in 0xFFFE_u64..0x1_0003 {
            let sequence = u16::try_from(index & 0xFFFF).unwrap();
            let mut packet_ = protected(sequence, index);
            let length = receiver.open(&mut packet_).unwrap();
            assert_eq!(packet_[..length], packet(sequence));
        }
        let mut late = protected(0xFFFD, 0xFFFD);
        assert!(receiver.open(&mut late).is_some(), "a late one from before the rollover");
    }

    #[test]
    fn short_datagrams_are_refused() {
        for length in 0..40 {
            assert_eq!(receiver().open(&mut vec![0x80; length]), None);
            assert_eq!(receiver().open_rtcp(&mut vec![0x80; length]), None);
        }
    }
}
