//! The far side's offers, and our answers to them.

use super::agreed::{addresses, has_flash, is_telephone_event};
use super::offer::telephone_event;
use super::{AgreedCodec, AgreedDtmf, Media, Negotiation, Refusal};
use crate::sdp::capabilities::{Codec, Order, SrtpPolicy};
use crate::sdp::crypto::{Crypto, CryptoSuite, MasterKey, Srtp};
use crate::sdp::description::{Direction, Format, Host, MediaDescription, SessionDescription};

/// A section of an offer that we can answer.
struct Fit<'a> {
    place: usize,
    section: &'a MediaDescription,
    codec: (&'a Codec, &'a Format),
    crypto: Option<&'a Crypto>,
}

impl Negotiation {
    /// Answers the far side's offer: gives our answer, and what is agreed by it.
    ///
    /// One codec is answered, so nobody changes codecs in mid-call. Sections beside the sound are refused with port 0.
    ///
    /// # Errors
    ///
    /// Nothing fits (488), or an offer of ours is open (491). What was agreed before stays.
    pub fn receive_offer(
        &mut self,
        offer: &SessionDescription,
    ) -> Result<(SessionDescription, Media), Refusal> {
        if self.pending.is_some() {
            return Err(Refusal::Glare);
        }
        let capabilities = self.capabilities.clone();
        let fit = self.fit(&capabilities.codecs, offer)?;
        self.payload_types.learn(&fit.section.formats);
        self.held = is_hold(offer, fit.section);

        let events = self.events(fit.section, fit.codec.0.clock_rate);
        let srtp = fit.crypto.map(|theirs| Srtp {
            suite: theirs.suite,
            send: self.key_for(theirs.suite),
            receive: theirs.key.clone(),
        });
        let audio = self.answered_audio(&fit, offer, events, srtp.as_ref());
        let media = self.agree(&fit, offer, events, srtp, audio.direction.unwrap_or_default());

        let mut sections: Vec<MediaDescription> = offer.media.iter().map(MediaDescription::refused).collect();
        let place = fit.place;
        if let Some(section) = sections.get_mut(place) {
            *section = audio;
        }
        let answer = self.describe(sections.clone());
        self.sections.audio = place;
        self.sections.all = sections;
        self.local = Some(answer.clone());
        self.answered = None;
        self.agreed = Some(media.clone());
        Ok((answer, media))
    }

    /// The first section that fits; one that is encrypted before a plain one, where we would rather encrypt.
    fn fit<'a>(&self, codecs: &'a [Codec], offer: &'a SessionDescription) -> Result<Fit<'a>, Refusal> {
        let mut refusal = Refusal::NoAudio;
        let mut best: Option<Fit<'a>> = None;
        for (place, section) in offer.media.iter().enumerate() {
            if !section.is_usable_audio() {
                continue;
            }
            match self.fit_section(codecs, place, section) {
                Ok(fit) if best.is_none() || (fit.crypto.is_some() && !is_encrypted(best.as_ref())) => {
                    best = Some(fit);
                }
                Ok(_) => (),
                Err(why) => refusal = why,
            }
        }
        best.ok_or(refusal)
    }

    fn fit_section<'a>(
        &self,
        codecs: &'a [Codec],
        place: usize,
        section: &'a MediaDescription,
    ) -> Result<Fit<'a>, Refusal> {
        let crypto = self.choose_crypto(section)?;
        let pairs = |codec: &'a Codec| {
            section.formats.iter().find(|format| codec.is(format)).map(|format| (codec, format))
        };
        let mut common: Vec<(&Codec, &Format)> = codecs.iter().filter_map(pairs).collect();
        if self.capabilities.order == Order::Theirs {
            let rank = |wanted: &Format| section.formats.iter().position(|format| format == wanted);
            common.sort_by_key(|(_, format)| rank(format));
        }
        let codec = common.first().copied().ok_or(Refusal::NoCommonCodec)?;
        Ok(Fit { place, section, codec, crypto })
    }

    /// Which of the offered keys we take, if any.
    fn choose_crypto<'a>(&self, section: &'a MediaDescription) -> Result<Option<&'a Crypto>, Refusal> {
        // A running call stays with its cipher where it can.
        let running = self.agreed.as_ref().and_then(|media| media.srtp.as_ref()).map(|srtp| srtp.suite);
        let same = |crypto: &&Crypto| running.is_none_or(|suite| suite == crypto.suite);
        let offered = section.crypto.iter().find(same).or(section.crypto.first());
        match self.capabilities.srtp {
            SrtpPolicy::Off if section.protocol.is_secure() => Err(Refusal::EncryptionNotPossible),
            SrtpPolicy::Off => Ok(None),
            SrtpPolicy::Optional if section.protocol.is_secure() => {
                offered.map(Some).ok_or(Refusal::EncryptionNotPossible)
            }
            SrtpPolicy::Optional => Ok(offered),
            SrtpPolicy::Required => offered.map(Some).ok_or(Refusal::EncryptionRequired),
        }
    }

    fn key_for(&self, suite: CryptoSuite) -> MasterKey {
        let running = self.agreed.as_ref().and_then(|media| media.srtp.as_ref());
        let [long, short] = &self.keys;
        match (running.filter(|srtp| srtp.suite == suite), suite) {
            (Some(srtp), _) => srtp.send.clone(),
            (None, CryptoSuite::AesCm128HmacSha1_80) => long.clone(),
            (None, CryptoSuite::AesCm128HmacSha1_32) => short.clone(),
        }
    }

    /// The telephone events to use: of the codec's clock if they are offered, else the first.
    fn events(&self, section: &MediaDescription, clock_rate: u32) -> Option<AgreedDtmf> {
        let offered = || section.formats.iter().filter(|format| is_telephone_event(format));
        let fitting = offered().find(|format| format.clock_rate == clock_rate).or_else(|| offered().next());
        fitting.filter(|_| self.capabilities.telephone_event).map(|format| AgreedDtmf {
            send_type: format.payload_type,
            receive_type: format.payload_type,
            clock_rate: format.clock_rate,
            flash: has_flash(format),
        })
    }

    fn answered_audio(
        &self,
        fit: &Fit<'_>,
        offer: &SessionDescription,
        events: Option<AgreedDtmf>,
        srtp: Option<&Srtp>,
    ) -> MediaDescription {
        let mut formats = vec![answered_format(fit)];
        formats.extend(events.map(|events| telephone_event(events.receive_type, events.clock_rate)));
        let key = |theirs: &Crypto, srtp: &Srtp| Crypto {
            tag: theirs.tag,
            suite: theirs.suite,
            key: srtp.send.clone(),
        };
        MediaDescription {
            protocol: fit.section.protocol.clone(),
            direction: Some(far_direction(offer, fit.section).reversed().within(self.wanted())),
            rtcp_mux: fit.section.rtcp_mux && self.capabilities.rtcp_mux,
            crypto: fit.crypto.zip(srtp).map(|(theirs, srtp)| key(theirs, srtp)).into_iter().collect(),
            ..self.audio_section(formats)
        }
    }

    fn agree(
        &self,
        fit: &Fit<'_>,
        offer: &SessionDescription,
        telephone_event: Option<AgreedDtmf>,
        srtp: Option<Srtp>,
        direction: Direction,
    ) -> Media {
        let (codec, format) = fit.codec;
        let rtcp_mux = fit.section.rtcp_mux && self.capabilities.rtcp_mux;
        let (remote, remote_rtcp) = addresses(offer, fit.section, rtcp_mux);
        Media {
            remote,
            remote_rtcp,
            rtcp_mux,
            codec: AgreedCodec {
                name: codec.name.to_string(),
                clock_rate: codec.clock_rate,
                channels: codec.channels,
                send_type: format.payload_type,
                receive_type: format.payload_type,
                parameters: format.parameters.clone(),
            },
            others: Vec::new(),
            telephone_event,
            direction,
            held: self.held,
            ptime: fit.section.ptime.unwrap_or(self.capabilities.ptime),
            max_ptime: fit.section.max_ptime,
            srtp,
        }
    }
}

fn is_encrypted(fit: Option<&Fit<'_>>) -> bool {
    fit.is_some_and(|fit| fit.crypto.is_some())
}

/// The chosen codec in the offer's spelling and under its number, with our parameters.
fn answered_format(fit: &Fit<'_>) -> Format {
    let (codec, format) = fit.codec;
    Format { parameters: codec.format(format.payload_type).parameters, ..format.clone() }
}

/// The direction that an offer means: an address of zeros does not want to receive (RFC 3264 section 8.4).
fn far_direction(offer: &SessionDescription, section: &MediaDescription) -> Direction {
    let said = offer.direction_of(section);
    let blackhole = offer.host_of(section).is_some_and(Host::is_unspecified);
    Direction::new(said.sends(), said.receives() && !blackhole)
}

fn is_hold(offer: &SessionDescription, section: &MediaDescription) -> bool {
    !far_direction(offer, section).receives()
}
