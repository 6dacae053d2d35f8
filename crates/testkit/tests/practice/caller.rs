//! A phone for these tests: our user agent, and plain RTP with G.711 on a socket of its own.

use anyhow::{Context as _, Result, bail};
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions};
use audio::{spectrum, tone::Sine};
use secrecy::SecretString;
use sip::sdp::{self, Capabilities, Negotiation, Order, SrtpPolicy};
use sip::{
    Account, AccountKey, Call, CallEvent, CallId, Config, Event, Invite, RegistrationState, Uri, UserAgent,
};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::practice::{ACCOUNTS, Practice};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub(crate) const OLGA_HZ: f32 = 440.0;
pub(crate) const IVAN_HZ: f32 = 700.0;

const RATE: u32 = 8000;
const PATIENCE: Duration = Duration::from_secs(20);
const KEY: AccountKey = AccountKey(1);
/// No payload type: the far side takes no telephone-events.
const NEVER: u8 = 255;

/// What the phone's sound task and the test share.
struct Line {
    socket: UdpSocket,
    far: Mutex<Option<SocketAddr>>,
    tone: Mutex<(f32, Sine)>,
    heard: Mutex<Vec<i16>>,
    events_type: Mutex<u8>,
    key: Mutex<Option<u8>>,
}

pub(crate) struct Caller {
    agent: UserAgent,
    events: mpsc::Receiver<Event>,
    domain: String,
    line: Arc<Line>,
    negotiation: Option<Negotiation>,
    call: Option<CallId>,
    _stop: DropGuard,
}

impl Caller {
    /// The phone of one of the practice accounts, registered.
    pub(crate) async fn registered(practice: &Practice, account: usize, hz: f32) -> Result<Self> {
        let (login, password) = ACCOUNTS[account];
        Self::with_password(practice, login, password, hz).await
    }

    pub(crate) async fn with_password(
        practice: &Practice,
        login: &str,
        password: &str,
        hz: f32,
    ) -> Result<Self> {
        let stop = CancellationToken::new();
        let (agent, mut events) = UserAgent::start(Config::loopback(), stop.clone()).await?;
        let domain = practice.address().to_string();
        agent.register(KEY, Account::new(login, SecretString::from(password), domain.clone()))?;
        let registered = async {
            while let Some(event) = events.recv().await {
                if let Event::Registration { state, .. } = event {
                    return Ok(state);
                }
            }
            bail!("the user agent ended")
        };
        match timeout(PATIENCE, registered).await.context("no registration in time")?? {
            RegistrationState::Registered { .. } => {}
            state @ (RegistrationState::Failed { .. } | RegistrationState::Unregistered) => {
                bail!("{state:?}")
            }
        }
        let line = Arc::new(Line {
            socket: UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            far: Mutex::default(),
            tone: Mutex::new((hz, Sine::new(hz, RATE))),
            heard: Mutex::default(),
            events_type: Mutex::new(NEVER),
            key: Mutex::default(),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(talk(Arc::clone(&line), stop.clone()));
        let stop = stop.drop_guard();
        Ok(Self { agent, events, domain, line, negotiation: None, call: None, _stop: stop })
    }

    fn negotiation(&self) -> Result<Negotiation> {
        let address = self.line.socket.local_addr()?;
        let capabilities = Capabilities {
            address: address.ip(),
            port: address.port(),
            codecs: vec![sdp::Codec::pcma()],
            telephone_event: true,
            ptime: 20,
            max_ptime: None,
            srtp: SrtpPolicy::Off,
            rtcp_mux: false,
            order: Order::Ours,
        };
        Ok(Negotiation::new(capabilities, &mut rand::rng()))
    }

    /// Dials, and waits for nothing.
    pub(crate) fn dials(&mut self, number: &str) -> Result<Call> {
        let mut negotiation = self.negotiation()?;
        let offer = negotiation.offer().to_string();
        let call = self.agent.call(KEY, Invite::new(Uri::sip(number, &self.domain)?, offer))?;
        self.negotiation = Some(negotiation);
        self.call = Some(call.id());
        Ok(call)
    }

    /// Dials, and talks.
    pub(crate) async fn calls(&mut self, number: &str) -> Result<Call> {
        let call = self.dials(number)?;
        self.is_told(|event| matches!(event, CallEvent::Answered { .. })).await?;
        Ok(call)
    }

    /// Answers a call from this number.
    pub(crate) async fn answers(&mut self, from: &str) -> Result<()> {
        let incoming = async {
            while let Some(event) = self.events.recv().await {
                if let Event::Incoming { call, invitation, .. } = event {
                    return Some((call, invitation));
                }
            }
            None
        };
        let (call, invitation) =
            timeout(PATIENCE, incoming).await.context("nobody calls")?.context("the user agent ended")?;
        assert_eq!(invitation.from.user_text(), from);
        let mut negotiation = self.negotiation()?;
        let offer = invitation.offer.context("an offer")?.parse()?;
        let (answer, media) = negotiation.receive_offer(&offer)?;
        self.agrees(&media);
        call.answer(answer.to_string())?;
        self.negotiation = Some(negotiation);
        self.call = Some(call.id());
        Ok(())
    }

    /// Puts the call on hold, and sends nothing meanwhile.
    pub(crate) fn holds(&mut self, call: &Call) -> Result<()> {
        let negotiation = self.negotiation.as_mut().context("a call")?;
        negotiation.hold();
        let offer = negotiation.offer().to_string().replace("a=sendonly", "a=inactive");
        call.reoffer(offer)?;
        Ok(())
    }

    fn agrees(&self, media: &sdp::Media) {
        *self.line.far.lock().unwrap() = media.remote;
        *self.line.events_type.lock().unwrap() = media.telephone_event.map_or(NEVER, |event| event.send_type);
    }

    /// Waits for the first thing in the call that fits.
    pub(crate) async fn is_told(&mut self, fits: impl Fn(&CallEvent) -> bool) -> Result<CallEvent> {
        let told = async {
            while let Some(event) = self.events.recv().await {
                let Event::Call { id, event } = event else { continue };
                if Some(id) != self.call {
                    continue;
                }
                if let CallEvent::Answered { sdp } | CallEvent::Progress { sdp } = &event {
                    let negotiation = self.negotiation.as_mut().context("an offer")?;
                    let media = negotiation.receive_answer(&sdp.parse()?)?;
                    self.agrees(&media);
                }
                if fits(&event) {
                    return Ok(event);
                }
                if matches!(event, CallEvent::Ended { .. }) {
                    bail!("the call ended: {event:?}");
                }
            }
            bail!("the user agent ended")
        };
        timeout(PATIENCE, told).await.context("it does not happen in time")?
    }

    /// From now on this tone; none with 0.
    pub(crate) fn says(&self, hz: f32) {
        *self.line.tone.lock().unwrap() = (hz, Sine::new(hz, RATE));
    }

    /// Presses a key, as a telephone-event.
    pub(crate) fn presses(&self, key: char) {
        let digit = audio::dtmf::Digit::from_char(key).expect("a key");
        *self.line.key.lock().unwrap() = Some(digit.event());
    }

    pub(crate) async fn hears_tone(&self, hz: f32) -> Result<()> {
        let clear = |pcm: &[i16]| {
            spectrum::dominant(pcm, RATE)
                .is_some_and(|heard| (heard.hz - hz).abs() < 8.0 && heard.dbov > -30.0)
        };
        self.listens(&format!("{hz} Hz"), clear).await
    }

    pub(crate) async fn hears_no_tone(&self, hz: f32) -> Result<()> {
        self.listens(&format!("no {hz} Hz"), |pcm| spectrum::level_at(pcm, hz, RATE) < -45.0).await
    }

    pub(crate) async fn hears_something(&self) -> Result<()> {
        self.listens("anything", |pcm| audio::level::dbov(pcm) > -45.0).await
    }

    /// Waits until half a second of what is heard fits.
    async fn listens(&self, what: &str, fits: impl Fn(&[i16]) -> bool) -> Result<()> {
        let mut look = interval(Duration::from_millis(50));
        self.line.heard.lock().unwrap().clear();
        let heard = async {
            loop {
                look.tick().await;
                let heard = self.line.heard.lock().unwrap();
                let newest = heard.len().saturating_sub(4000);
                if heard.len() >= 4000 && fits(&heard[newest..]) {
                    return;
                }
            }
        };
        if timeout(PATIENCE, heard).await.is_err() {
            let pcm = self.line.heard.lock().unwrap().clone();
            bail!("{what} is not heard, but {:?} in {} samples", spectrum::dominant(&pcm, RATE), pcm.len());
        }
        Ok(())
    }
}

/// Sends a packet each 20 ms and listens to what comes.
async fn talk(line: Arc<Line>, stop: CancellationToken) {
    let mut encoder = Encoder::new(Codec::Pcma, &EncoderOptions::at(RATE)).unwrap();
    let mut decoder = Decoder::new(Codec::Pcma, RATE).unwrap();
    let mut beat = interval(Duration::from_millis(20));
    let (mut sequence, mut room) = (0_u16, [0; 2048]);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => {
                sequence = sequence.wrapping_add(1);
                let packets = say(&line, &mut encoder, sequence);
                let far = *line.far.lock().unwrap();
                if let Some(far) = far {
                    for packet in packets {
                        let _ = line.socket.send_to(&packet, far).await;
                    }
                }
            }
            Ok((length, _)) = line.socket.recv_from(&mut room) => {
                // Twelve bytes of header without extensions, then A-law.
                if length > 12 && room[1] & 0x7F == 8 {
                    let mut pcm = [0; 960];
                    let samples = decoder.decode(&room[12..length], &mut pcm).unwrap();
                    line.heard.lock().unwrap().extend_from_slice(&pcm[..samples]);
                }
            }
        }
    }
}

/// One packet of sound, or all packets of a key that was pressed.
fn say(line: &Line, encoder: &mut Encoder, sequence: u16) -> Vec<Vec<u8>> {
    let timestamp = u32::from(sequence) * 160;
    if let Some(key) = line.key.lock().unwrap().take() {
        let kind = *line.events_type.lock().unwrap();
        // The end of the event, three times (RFC 4733 section 2.5.1.4).
        return (0..3).map(|_| rtp(kind, sequence, timestamp, &[key, 0x8A, 0x03, 0x20])).collect();
    }
    let (mut pcm, mut payload) = ([0; 160], [0; 160]);
    let (hz, sine) = &mut *line.tone.lock().unwrap();
    if *hz > 0.0 {
        sine.fill(&mut pcm, 0.3);
    }
    encoder.encode(&pcm, &mut payload).unwrap();
    vec![rtp(8, sequence, timestamp, &payload)]
}

fn rtp(kind: u8, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, kind];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(0x1234_5678_u32.to_be_bytes());
    packet.extend(payload);
    packet
}
