//! The registrar itself: who someone is, and where they are reached.

use super::binding::{Binding, Change};
use super::contact::{self, Contact, Contacts};
use crate::digest::{Algorithm, Authorization, Ha1, Request, Verdict, Verifier};
use crate::guard::{BanPolicy, Guard, Rates, Trusted};
use crate::server::{ServerReply, ServerRequest};
use secrecy::SecretBox;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// What a registrar goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The realm of the passwords, which phones show to people who type one.
    pub realm: String,
    /// The domains that are ours, in lower case; none means that every domain is.
    pub domains: Vec<String>,
    /// The hashes to challenge with, in this order. Phones that stumble over two challenges need a list of one.
    pub algorithms: Vec<Algorithm>,
    /// The shortest registration; whoever asks for less gets 423 and this.
    pub min_expires: Duration,
    /// The longest registration; whoever asks for more gets this.
    pub max_expires: Duration,
    /// What whoever asks for nothing gets.
    pub default_expires: Duration,
    /// Places at one time for one user.
    pub most_contacts: usize,
    /// How long a nonce may be used.
    pub nonce_life: Duration,
    /// Networks that call without a password.
    pub trusted: Vec<Trusted>,
    /// When sources and accounts are banned.
    pub bans: BanPolicy,
    /// Calls that one source may begin at once, and each second after that.
    pub calls: (u32, f64),
}

impl Settings {
    /// The usual: an hour at most, a minute at least, five places, SHA-256 before MD5.
    #[must_use]
    pub fn new(realm: &str) -> Self {
        Self {
            realm: realm.to_owned(),
            domains: Vec::new(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(600),
            most_contacts: 5,
            nonce_life: Duration::from_secs(60),
            trusted: Vec::new(),
            bans: BanPolicy::default(),
            calls: (10, 2.0),
        }
    }
}

/// Users and their places. Pure: nothing here waits, and the time is handed in.
#[derive(Debug)]
pub struct Registrar {
    settings: Settings,
    verifier: Verifier,
    guard: Guard,
    rates: Rates,
    users: HashMap<String, Vec<Ha1>>,
    bindings: BTreeMap<String, Vec<Binding>>,
    changes: Vec<Change>,
}

/// Changes kept for whoever asks; past this the oldest are dropped, since the newest state can be looked up.
const MOST_CHANGES: usize = 4096;

impl Registrar {
    /// A registrar without users. `secret` seals its nonces; processes that share it know one another's.
    #[must_use]
    pub fn new(settings: Settings, secret: SecretBox<[u8; 32]>) -> Self {
        Self {
            verifier: Verifier::new(&settings.realm, &settings.algorithms, settings.nonce_life, secret),
            guard: Guard::new(settings.bans, settings.trusted.clone()),
            rates: Rates::new(settings.calls.0, settings.calls.1),
            users: HashMap::new(),
            bindings: BTreeMap::new(),
            changes: Vec::new(),
            settings,
        }
    }

    /// Adds a user, or changes its password: one HA1 for each hash that it can use.
    pub fn set_user(&mut self, name: &str, keys: Vec<Ha1>) {
        self.users.insert(name.to_owned(), keys);
    }

    /// Removes a user and its places.
    pub fn remove_user(&mut self, name: &str) {
        self.users.remove(name);
        if self.bindings.remove(name).is_some() {
            self.note(Change::Unbound { user: name.to_owned(), left: 0 });
        }
    }

    /// Where a user is reached, the best first.
    #[must_use]
    pub fn lookup(&self, user: &str, now: SystemTime) -> Vec<Binding> {
        let alive = |binding: &&Binding| binding.until > now;
        let mut found: Vec<Binding> =
            self.bindings.get(user).into_iter().flatten().filter(alive).cloned().collect();
        found
            .sort_by_key(|binding| (std::cmp::Reverse(binding.preference), std::cmp::Reverse(binding.until)));
        found
    }

    /// Whether somebody of that name exists.
    #[must_use]
    pub fn knows(&self, user: &str) -> bool {
        self.users.contains_key(user)
    }

    /// What changed since this was asked last, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Ends registrations whose time is over.
    pub fn expire(&mut self, now: SystemTime) {
        let mut gone = Vec::new();
        for (user, bindings) in &mut self.bindings {
            let before = bindings.len();
            bindings.retain(|binding| binding.until > now);
            if bindings.len() < before {
                gone.push(Change::Unbound { user: user.clone(), left: bindings.len() });
            }
        }
        self.bindings.retain(|_, bindings| !bindings.is_empty());
        gone.into_iter().for_each(|change| self.note(change));
    }

    /// Whether a source is heard at all: ask before parsing.
    #[must_use]
    pub fn hears(&self, source: IpAddr, now: SystemTime) -> bool {
        self.guard.hears(source, now)
    }

    /// Answers a REGISTER.
    pub fn register(&mut self, request: &ServerRequest, now: SystemTime) -> ServerReply {
        if !self.hears(request.source.ip(), now) {
            return ServerReply::Silence;
        }
        let Some((user, domain)) = request.header("To").and_then(address) else { return answer(400) };
        if !self.is_ours(&domain) {
            return answer(404);
        }
        match self.who(request, now) {
            Who::Known(name) if name == user => self.bind(&user, request, now),
            // A trusted network proves nothing about which phone is whose; only passwords bind.
            Who::Known(_) => answer(403),
            Who::Trusted => self.challenge(request.source.ip(), now, false, 401),
            Who::Nobody(reply) => reply,
        }
    }

    /// Decides about an INVITE: admitted with the caller's name (`None` for a trusted network), or answered.
    pub fn admit(&mut self, request: &ServerRequest, now: SystemTime) -> (ServerReply, Option<String>) {
        if !self.hears(request.source.ip(), now) {
            return (ServerReply::Silence, None);
        }
        let who = match self.who(request, now) {
            Who::Known(name) => {
                let caller = request.header("From").and_then(address);
                if caller.is_none_or(|(user, _)| user != name) {
                    return (answer(403), None);
                }
                Some(name)
            }
            Who::Trusted => None,
            Who::Nobody(reply) => return (reply, None),
        };
        if self.rates.admits(request.source.ip(), now) {
            return (ServerReply::Admit, who);
        }
        (respond(503, vec![("Retry-After".to_owned(), "5".to_owned())]), None)
    }

    fn who(&mut self, request: &ServerRequest, now: SystemTime) -> Who {
        if self.guard.trusts(request.source, request.transport) {
            return Who::Trusted;
        }
        let source = request.source.ip();
        let (header, code) =
            if request.method == "REGISTER" { ("Authorization", 401) } else { ("Proxy-Authorization", 407) };
        let ours =
            |value: &str| value.parse::<Authorization>().ok().filter(|one| one.realm == self.settings.realm);
        let answers = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header));
        let Some(authorization) = answers.filter_map(|(_, value)| ours(value)).next() else {
            return Who::Nobody(self.challenge(source, now, false, code));
        };
        let asked = Request { method: &request.method, uri: &request.uri, body: &request.body };
        let keys = self
            .users
            .get(&authorization.username)
            .filter(|_| self.guard.allows(&authorization.username, source, now));
        let key = |_: &str, hash| keys.into_iter().flatten().find(|key| key.algorithm() == hash).cloned();
        match self.verifier.check(&authorization, &asked, source, now, key) {
            Verdict::Right { username } => {
                self.guard.succeeded(&username, source, now);
                Who::Known(username)
            }
            Verdict::Stale => Who::Nobody(self.challenge(source, now, true, code)),
            Verdict::Foreign => Who::Nobody(self.challenge(source, now, false, code)),
            Verdict::OtherTarget => Who::Nobody(answer(400)),
            Verdict::Wrong { username } => {
                let banned = self.guard.failed(&username, source, now);
                Who::Nobody(if banned {
                    ServerReply::Silence
                } else {
                    self.challenge(source, now, false, code)
                })
            }
        }
    }

    fn challenge(&mut self, source: IpAddr, now: SystemTime, stale: bool, code: u16) -> ServerReply {
        let header = if code == 401 { "WWW-Authenticate" } else { "Proxy-Authenticate" };
        let challenges = self.verifier.challenges(source, now, stale);
        respond(code, challenges.iter().map(|one| (header.to_owned(), one.to_string())).collect())
    }

    fn is_ours(&self, domain: &str) -> bool {
        self.settings.domains.is_empty() || self.settings.domains.iter().any(|ours| ours == domain)
    }

    fn bind(&mut self, user: &str, request: &ServerRequest, now: SystemTime) -> ServerReply {
        let contacts = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Contact"));
        let Some(contacts) = contact::read(contacts.map(|(_, value)| value.as_str())) else {
            return answer(400);
        };
        let call_id = request.header("Call-ID").unwrap_or_default();
        let Some(cseq) = request.header("CSeq").and_then(number) else { return answer(400) };
        // A request that was overtaken by a later one changes nothing (RFC 3261 section 10.3, step 7).
        let known = self.bindings.get(user).into_iter().flatten();
        if known.into_iter().any(|one| one.call_id == call_id && one.cseq >= cseq)
            && contacts != Contacts::Some(Vec::new())
        {
            return answer(500);
        }
        let expires = request.header("Expires").map(|value| value.trim().parse::<u32>().unwrap_or(3600));
        match contacts {
            Contacts::All if expires == Some(0) => self.unbind_all(user),
            Contacts::All => return answer(400),
            Contacts::Some(contacts) => {
                let granted: Result<Vec<(Contact, Duration)>, ServerReply> =
                    contacts.into_iter().map(|one| self.grant(one, expires)).collect();
                match granted {
                    Ok(granted) => {
                        for (contact, time) in granted {
                            self.set(user, request, &contact, time, cseq, now);
                        }
                    }
                    Err(reply) => return reply,
                }
            }
        }
        self.bound(user, request, now)
    }

    /// How long a contact may stay, or 423.
    fn grant(&self, contact: Contact, header: Option<u32>) -> Result<(Contact, Duration), ServerReply> {
        let Some(asked) = contact.expires.or(header) else {
            return Ok((contact, self.settings.default_expires));
        };
        let asked = Duration::from_secs(asked.into());
        if !asked.is_zero() && asked < self.settings.min_expires {
            let least = self.settings.min_expires.as_secs().to_string();
            return Err(respond(423, vec![("Min-Expires".to_owned(), least)]));
        }
        Ok((contact, asked.min(self.settings.max_expires)))
    }

    fn set(
        &mut self,
        user: &str,
        request: &ServerRequest,
        contact: &Contact,
        time: Duration,
        cseq: u32,
        now: SystemTime,
    ) {
        let most = self.settings.most_contacts;
        let bindings = self.bindings.entry(user.to_owned()).or_default();
        bindings.retain(|binding| binding.until > now);
        let same = |binding: &Binding| {
            let same_device = contact.instance.is_some() && contact.instance == binding.instance;
            same_device || binding.contact == contact.uri
        };
        let before = bindings.len();
        bindings.retain(|binding| !same(binding));
        let was_known = bindings.len() < before;
        if time.is_zero() {
            let left = bindings.len();
            if was_known {
                self.note(Change::Unbound { user: user.to_owned(), left });
            }
            return;
        }
        while bindings.len() >= most.max(1) {
            // The place that was heard of longest ago makes room.
            bindings.remove(0);
        }
        bindings.push(Binding {
            contact: contact.uri.clone(),
            source: request.source,
            transport: request.transport,
            path: request
                .headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case("Path"))
                .map(|(_, value)| value.clone())
                .collect(),
            preference: contact.preference,
            instance: contact.instance.clone(),
            until: now + time,
            call_id: request.header("Call-ID").unwrap_or_default().to_owned(),
            cseq,
        });
        self.note(Change::Bound { user: user.to_owned(), is_new: !was_known });
    }

    fn unbind_all(&mut self, user: &str) {
        if self.bindings.remove(user).is_some() {
            self.note(Change::Unbound { user: user.to_owned(), left: 0 });
        }
    }

    /// 200 with every place and how long it is good for.
    fn bound(&self, user: &str, request: &ServerRequest, now: SystemTime) -> ServerReply {
        let mut headers = Vec::new();
        for binding in self.lookup(user, now) {
            let left = binding.until.duration_since(now).unwrap_or_default().as_secs();
            headers.push(("Contact".to_owned(), format!("<{}>;expires={left}", binding.contact)));
        }
        let paths = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Path"));
        headers.extend(paths.map(|(_, value)| ("Path".to_owned(), value.clone())));
        respond(200, headers)
    }

    fn note(&mut self, change: Change) {
        if self.changes.len() >= MOST_CHANGES {
            self.changes.drain(..MOST_CHANGES / 2);
        }
        self.changes.push(change);
    }
}

enum Who {
    Known(String),
    Trusted,
    Nobody(ServerReply),
}

fn respond(code: u16, headers: Vec<(String, String)>) -> ServerReply {
    ServerReply::Respond { code, headers }
}

fn answer(code: u16) -> ServerReply {
    respond(code, Vec::new())
}

fn number(cseq: &str) -> Option<u32> {
    cseq.split_ascii_whitespace().next()?.parse().ok()
}

/// User and domain of To or From, the domain in lower case.
fn address(header: &str) -> Option<(String, String)> {
    let uri = match (header.rfind('<'), header.rfind('>')) {
        (Some(open), Some(close)) if open < close => &header[open + 1..close],
        _ => header.split(';').next()?,
    };
    let uri: crate::uri::Uri = uri.trim().parse().ok()?;
    Some((uri.user_text(), uri.host.to_ascii_lowercase()))
}
