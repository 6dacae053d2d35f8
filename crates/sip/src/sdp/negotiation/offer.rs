//! Our offers, and what the far side's answer to one means.

use super::agreed::{addresses, has_flash, is_telephone_event};
use super::{AgreedCodec, AgreedDtmf, Media, Negotiation, Pending, Refusal};
use crate::sdp::capabilities::SrtpPolicy;
use crate::sdp::crypto::{Crypto, CryptoSuite, Srtp};
use crate::sdp::description::{Format, Host, MediaDescription, Protocol, SessionDescription};

impl Negotiation {
    /// Our next offer: the first of the call, or a re-offer. An offer that is still open is made again as it was.
    #[must_use = "the offer must be sent, or withdrawn"]
    pub fn offer(&mut self) -> SessionDescription {
        let audio = self.offered_audio();
        let media = self.in_place(audio);
        let offer = self.describe(media);
        let before = match self.pending.take() {
            Some(pending) => pending.before,
            None => self.local.take(),
        };
        self.pending = Some(Pending { offer: offer.clone(), before });
        self.local = Some(offer.clone());
        offer
    }

    /// Takes the far side's answer to our offer. The answer may come again, in a 200 after a 183.
    ///
    /// # Errors
    ///
    /// The answer refuses the sound or is unusable; the call can't go on with it. Or nobody asked.
    pub fn receive_answer(&mut self, answer: &SessionDescription) -> Result<Media, Refusal> {
        let open = self.pending.as_ref().map(|pending| &pending.offer);
        let offer = open.or(self.answered.as_ref()).ok_or(Refusal::NotExpected)?.clone();
        let offered = offer.media.get(self.sections.audio).ok_or(Refusal::NoAudio)?;
        let section = answer.media.get(self.sections.audio).ok_or(Refusal::NoAudio)?;
        if !section.is_usable_audio() {
            return Err(Refusal::NoAudio);
        }
        let srtp = self.answered_keys(offered, section)?;
        let mut codecs = self.answered_codecs(offered, section);
        if codecs.is_empty() {
            return Err(Refusal::NoCommonCodec);
        }
        let codec = codecs.remove(0);
        let telephone_event = answered_events(offered, section, codec.clock_rate);
        let far = answer.direction_of(section);
        let direction = far.reversed().within(offered.direction.unwrap_or_default());
        self.held = self.held_by_answer(answer, section);
        let mux = offered.rtcp_mux && section.rtcp_mux;
        let (remote, remote_rtcp) = addresses(answer, section, mux);
        let media = Media {
            remote,
            remote_rtcp,
            rtcp_mux: mux,
            codec,
            others: codecs,
            telephone_event,
            direction,
            held: self.held,
            ptime: section.ptime.unwrap_or(self.capabilities.ptime),
            max_ptime: section.max_ptime,
            srtp,
        };
        self.sections.all.clone_from(&offer.media);
        self.payload_types.learn(&section.formats);
        self.pending = None;
        self.answered = Some(offer);
        self.agreed = Some(media.clone());
        Ok(media)
    }

    fn offered_audio(&mut self) -> MediaDescription {
        let codecs = self.capabilities.codecs.clone();
        let mut formats: Vec<Format> =
            codecs.iter().map(|codec| codec.format(self.payload_types.of(codec))).collect();
        if self.capabilities.telephone_event {
            for clock_rate in self.capabilities.event_clocks() {
                formats.push(telephone_event(self.payload_types.of_telephone_event(clock_rate), clock_rate));
            }
        }
        let secure = self.capabilities.srtp == SrtpPolicy::Required
            || self.agreed.as_ref().is_some_and(|media| media.srtp.is_some());
        MediaDescription {
            crypto: self.offered_crypto(),
            protocol: if secure { self.secure_protocol() } else { Protocol::RtpAvp },
            ..self.audio_section(formats)
        }
    }

    /// A call that was agreed on as plain RTP with keys beside stays so in re-offers.
    fn secure_protocol(&self) -> Protocol {
        let optional = self.capabilities.srtp == SrtpPolicy::Optional;
        let settled = self.sections.all.get(self.sections.audio).map(|section| section.protocol.clone());
        settled.filter(|_| optional).unwrap_or(Protocol::RtpSavp)
    }

    fn offered_crypto(&self) -> Vec<Crypto> {
        if self.capabilities.srtp == SrtpPolicy::Off {
            return Vec::new();
        }
        // A running call keeps its cipher and key, so that a re-offer does not interrupt the sound.
        if let Some(srtp) = self.agreed.as_ref().and_then(|media| media.srtp.clone()) {
            return vec![Crypto { tag: 1, suite: srtp.suite, key: srtp.send }];
        }
        let keys = CryptoSuite::ALL.into_iter().zip(&self.keys);
        (1..).zip(keys).map(|(tag, (suite, key))| Crypto { tag, suite, key: key.clone() }).collect()
    }

    /// The parts of our audio section that offers and answers share.
    pub(super) fn audio_section(&self, formats: Vec<Format>) -> MediaDescription {
        MediaDescription {
            kind: "audio".to_owned(),
            port: self.capabilities.port,
            protocol: Protocol::RtpAvp,
            raw_formats: formats.iter().map(|format| format.payload_type.to_string()).collect(),
            formats,
            connection: None,
            direction: Some(self.wanted()),
            ptime: Some(self.capabilities.ptime),
            max_ptime: self.capabilities.max_ptime,
            rtcp: None,
            rtcp_mux: self.capabilities.rtcp_mux,
            crypto: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// Puts the sound where it stood before; sections that were refused stay refused.
    fn in_place(&self, audio: MediaDescription) -> Vec<MediaDescription> {
        if self.sections.all.is_empty() {
            return vec![audio];
        }
        let mut media: Vec<MediaDescription> =
            self.sections.all.iter().map(MediaDescription::refused).collect();
        if let Some(place) = media.get_mut(self.sections.audio) {
            *place = audio;
        }
        media
    }

    /// The codecs of an answer that are ours, in the answer's order: its first is what we send (RFC 3264 section 7).
    fn answered_codecs(&self, offered: &MediaDescription, section: &MediaDescription) -> Vec<AgreedCodec> {
        let agreed = |format: &Format| {
            let codec = self.capabilities.codecs.iter().find(|codec| codec.is(format))?;
            let ours = offered.formats.iter().find(|ours| codec.is(ours))?;
            Some(AgreedCodec {
                name: codec.name.to_string(),
                clock_rate: codec.clock_rate,
                channels: codec.channels,
                send_type: format.payload_type,
                receive_type: ours.payload_type,
                parameters: format.parameters.clone(),
            })
        };
        section.formats.iter().filter_map(agreed).collect()
    }

    fn answered_keys(
        &self,
        offered: &MediaDescription,
        section: &MediaDescription,
    ) -> Result<Option<Srtp>, Refusal> {
        let ours = |theirs: &Crypto| {
            offered.crypto.iter().find(|ours| ours.tag == theirs.tag && ours.suite == theirs.suite)
        };
        let chosen = section.crypto.iter().find_map(|theirs| ours(theirs).map(|ours| (ours, theirs)));
        match chosen {
            Some((ours, theirs)) => {
                Ok(Some(Srtp { suite: theirs.suite, send: ours.key.clone(), receive: theirs.key.clone() }))
            }
            None if self.capabilities.srtp == SrtpPolicy::Required => Err(Refusal::EncryptionRequired),
            None if section.protocol.is_secure() => Err(Refusal::EncryptionNotPossible),
            None => Ok(None),
        }
    }

    /// An answer tells of a hold only where our offer left it the choice: whoever is held by us can't say more than "I listen".
    fn held_by_answer(&self, answer: &SessionDescription, section: &MediaDescription) -> bool {
        let listens = answer.direction_of(section).receives()
            && !answer.host_of(section).is_some_and(Host::is_unspecified);
        if self.holding { self.held && !listens } else { !listens }
    }
}

/// The telephone events of this clock, sixteen keys and the flash.
pub(super) fn telephone_event(payload_type: u8, clock_rate: u32) -> Format {
    let name = "telephone-event".to_owned();
    Format { payload_type, name, clock_rate, channels: 1, parameters: Some("0-16".to_owned()) }
}

fn answered_events(
    offered: &MediaDescription,
    section: &MediaDescription,
    clock_rate: u32,
) -> Option<AgreedDtmf> {
    let theirs = section.formats.iter().filter(|format| is_telephone_event(format));
    let usable = theirs.filter_map(|format| {
        let same = |ours: &&Format| is_telephone_event(ours) && ours.clock_rate == format.clock_rate;
        offered.formats.iter().find(same).map(|ours| (format, ours))
    });
    let mut usable: Vec<(&Format, &Format)> = usable.collect();
    usable.sort_by_key(|(format, _)| format.clock_rate != clock_rate);
    usable.first().map(|(format, ours)| AgreedDtmf {
        send_type: format.payload_type,
        receive_type: ours.payload_type,
        clock_rate: format.clock_rate,
        flash: has_flash(format),
    })
}
