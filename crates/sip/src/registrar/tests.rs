//! Phones at a registrar.

use super::*;
use crate::account::Transport;
use crate::digest::{self, Algorithm, Challenge, Ha1, Login, Request, Session};
use crate::guard::Trusted;
use crate::server::{ServerReply, ServerRequest};
use secrecy::SecretBox;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

fn registrar() -> Registrar {
    with(Settings { domains: vec!["pbx.test".to_owned()], ..Settings::new("pbx") })
}

fn with(settings: Settings) -> Registrar {
    let mut registrar = Registrar::new(settings, SecretBox::new(Box::new([5; 32])));
    for user in ["ivan", "anna"] {
        let key = |algorithm| Ha1::of(algorithm, user, "pbx", &"right".to_owned().into());
        registrar.set_user(user, vec![key(Algorithm::Md5), key(Algorithm::Sha256)]);
    }
    registrar
}

/// A phone that registers, and answers the challenge it is given.
struct Phone {
    user: &'static str,
    password: &'static str,
    source: &'static str,
    /// Which of the challenges it answers.
    pick: usize,
    cseq: u32,
    call_id: &'static str,
}

impl Phone {
    fn of(user: &'static str) -> Self {
        Self { user, password: "right", source: "192.0.2.10:5062", pick: 0, cseq: 0, call_id: "c" }
    }

    fn request(&mut self, method: &str, extra: &[(&str, &str)]) -> ServerRequest {
        self.cseq += 1;
        let address = format!("<sip:{}@pbx.test>", self.user);
        let mut headers = vec![
            ("From".to_owned(), format!("{address};tag=1")),
            ("To".to_owned(), address),
            ("Call-ID".to_owned(), self.call_id.to_owned()),
            ("CSeq".to_owned(), format!("{} {method}", self.cseq)),
        ];
        headers.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        ServerRequest {
            method: method.to_owned(),
            uri: "sip:pbx.test".to_owned(),
            headers,
            body: Vec::new(),
            source: self.source.parse().unwrap(),
            transport: Transport::Udp,
        }
    }

    fn sign(&mut self, request: &mut ServerRequest, reply: &ServerReply, header: &str) {
        let ServerReply::Respond { headers, .. } = reply else { panic!("no challenge: {reply:?}") };
        let challenges = headers.iter().filter(|(name, _)| name.ends_with("-Authenticate"));
        let challenge: Challenge =
            challenges.map(|(_, value)| value.parse().unwrap()).nth(self.pick).unwrap();
        let login = Login { username: self.user.to_owned(), password: self.password.to_owned().into() };
        let asked = Request { method: &request.method, uri: &request.uri, body: &request.body };
        let answer = Session::new(challenge).answer(&login, &asked, "cnonce".to_owned());
        request.headers.push((header.to_owned(), answer.to_string()));
        self.cseq += 1;
        request.headers[3].1 = format!("{} {}", self.cseq, request.method);
    }

    fn registers(
        &mut self,
        registrar: &mut Registrar,
        extra: &[(&str, &str)],
        now: SystemTime,
    ) -> ServerReply {
        let mut request = self.request("REGISTER", extra);
        let challenge = registrar.register(&request, now);
        if code(&challenge) != 401 {
            return challenge;
        }
        self.sign(&mut request, &challenge, "Authorization");
        registrar.register(&request, now)
    }

    fn calls(&mut self, registrar: &mut Registrar, now: SystemTime) -> (ServerReply, Option<String>) {
        let mut request = self.request("INVITE", &[]);
        let (challenge, who) = registrar.admit(&request, now);
        if code(&challenge) != 407 {
            return (challenge, who);
        }
        self.sign(&mut request, &challenge, "Proxy-Authorization");
        registrar.admit(&request, now)
    }
}

fn code(reply: &ServerReply) -> u16 {
    match reply {
        ServerReply::Respond { code, .. } => *code,
        ServerReply::Admit | ServerReply::Silence => 0,
    }
}

fn header<'a>(reply: &'a ServerReply, name: &str) -> Vec<&'a str> {
    let ServerReply::Respond { headers, .. } = reply else { return Vec::new() };
    headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str()).collect()
}

const HERE: (&str, &str) = ("Contact", "<sip:ivan@10.0.0.5:5062>");

#[test]
fn a_phone_registers_with_either_hash_and_is_found_where_it_really_is() {
    for pick in [0, 1] {
        let mut registrar = registrar();
        let reply =
            Phone { pick, ..Phone::of("ivan") }.registers(&mut registrar, &[HERE, ("Expires", "300")], at(0));
        assert_eq!(header(&reply, "Contact"), ["<sip:ivan@10.0.0.5:5062>;expires=300"]);
        let found = registrar.lookup("ivan", at(299));
        assert_eq!(found[0].hop().address, "192.0.2.10:5062".parse().unwrap());
        assert!(registrar.lookup("ivan", at(300)).is_empty());
        assert_eq!(registrar.take_changes(), [Change::Bound { user: "ivan".to_owned(), is_new: true }]);
    }
}

#[test]
fn the_challenges_come_in_the_order_that_the_settings_have() {
    let algorithms = |registrar: &mut Registrar| -> Vec<Algorithm> {
        let reply = registrar.register(&Phone::of("ivan").request("REGISTER", &[]), at(0));
        digest_challenges(&reply).into_iter().map(|challenge| challenge.algorithm).collect()
    };
    assert_eq!(algorithms(&mut registrar()), [Algorithm::Sha256, Algorithm::Md5]);
    let old_phones = Settings { algorithms: vec![Algorithm::Md5], ..Settings::new("pbx") };
    assert_eq!(algorithms(&mut with(old_phones)), [Algorithm::Md5]);
}

fn digest_challenges(reply: &ServerReply) -> Vec<Challenge> {
    header(reply, "WWW-Authenticate").into_iter().map(|value| value.parse().unwrap()).collect()
}

#[test]
fn a_question_without_contacts_lists_them() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    phone.registers(&mut registrar, &[HERE, ("Contact", "<sip:ivan@10.0.0.6>;q=0.3;expires=120")], at(0));
    let reply = phone.registers(&mut registrar, &[], at(10));
    assert_eq!(
        header(&reply, "Contact"),
        ["<sip:ivan@10.0.0.5:5062>;expires=590", "<sip:ivan@10.0.0.6>;expires=110"]
    );
}

#[test]
fn contacts_are_removed_one_by_one_and_all_at_once() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    phone.registers(&mut registrar, &[HERE, ("Contact", "<sip:ivan@10.0.0.6>")], at(0));
    phone.registers(&mut registrar, &[("Contact", "<sip:ivan@10.0.0.6>;expires=0")], at(1));
    assert_eq!(registrar.lookup("ivan", at(2)).len(), 1);
    assert_eq!(
        code(&phone.registers(&mut registrar, &[("Contact", "*")], at(2))),
        400,
        "a star needs Expires: 0"
    );
    assert_eq!(code(&phone.registers(&mut registrar, &[("Contact", "*"), ("Expires", "0")], at(3))), 200);
    assert!(registrar.lookup("ivan", at(4)).is_empty());
}

#[test]
fn too_short_is_refused_with_423_and_too_long_is_cut() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    let short = phone.registers(&mut registrar, &[HERE, ("Expires", "10")], at(0));
    assert_eq!((code(&short), header(&short, "Min-Expires")), (423, vec!["60"]));
    let long = phone.registers(&mut registrar, &[HERE, ("Expires", "99999")], at(0));
    assert_eq!(header(&long, "Contact"), ["<sip:ivan@10.0.0.5:5062>;expires=3600"]);
}

#[test]
fn the_oldest_place_makes_room() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    let contacts: Vec<String> = (0..8).map(|n| format!("<sip:ivan@10.0.0.{n}>")).collect();
    for contact in &contacts {
        phone.registers(&mut registrar, &[("Contact", contact)], at(0));
    }
    let found = registrar.lookup("ivan", at(1));
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|binding| binding.contact != "sip:ivan@10.0.0.2"));
}

#[test]
fn a_device_that_moved_is_one_place() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    for place in ["10.0.0.1", "10.0.0.2"] {
        let contact = format!("<sip:ivan@{place}>;+sip.instance=\"<urn:uuid:1>\"");
        phone.registers(&mut registrar, &[("Contact", &contact)], at(0));
    }
    let found = registrar.lookup("ivan", at(1));
    assert_eq!((found.len(), found[0].contact.as_str()), (1, "sip:ivan@10.0.0.2"));
}

#[test]
fn a_request_that_was_overtaken_changes_nothing() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    phone.cseq = 10;
    phone.registers(&mut registrar, &[HERE], at(0));
    phone.cseq = 1;
    assert_eq!(code(&phone.registers(&mut registrar, &[("Contact", "*"), ("Expires", "0")], at(1))), 500);
    assert_eq!(registrar.lookup("ivan", at(2)).len(), 1);
}

#[test]
fn nobody_registers_for_somebody_else() {
    let mut registrar = registrar();
    let mut phone = Phone::of("ivan");
    let mut request = phone.request("REGISTER", &[HERE]);
    let challenge = registrar.register(&request, at(0));
    phone.sign(&mut request, &challenge, "Authorization");
    request.headers[1].1 = "<sip:anna@pbx.test>".to_owned();
    assert_eq!(code(&registrar.register(&request, at(0))), 403);
}

#[test]
fn another_domain_is_not_found() {
    let mut request = Phone::of("ivan").request("REGISTER", &[HERE]);
    request.headers[1].1 = "<sip:ivan@other.test>".to_owned();
    assert_eq!(code(&registrar().register(&request, at(0))), 404);
}

#[test]
fn an_unknown_user_meets_the_same_as_a_wrong_password() {
    for (user, password) in [("ivan", "wrong"), ("nobody", "right")] {
        let reply = Phone { password, ..Phone::of(user) }.registers(&mut registrar(), &[HERE], at(0));
        let shape: Vec<bool> = digest_challenges(&reply).iter().map(|challenge| challenge.stale).collect();
        assert_eq!((code(&reply), shape), (401, vec![false, false]));
    }
}

#[test]
fn five_wrong_passwords_lead_to_silence_for_that_source_only() {
    let mut registrar = registrar();
    let mut thief = Phone { password: "wrong", source: "192.0.2.66:5060", ..Phone::of("ivan") };
    for _ in 0..4 {
        assert_eq!(code(&thief.registers(&mut registrar, &[HERE], at(0))), 401);
    }
    assert_eq!(thief.registers(&mut registrar, &[HERE], at(0)), ServerReply::Silence);
    assert_eq!(thief.registers(&mut registrar, &[HERE], at(1)), ServerReply::Silence);
    assert_eq!(thief.calls(&mut registrar, at(1)).0, ServerReply::Silence);
    assert_eq!(code(&Phone::of("anna").registers(&mut registrar, &[HERE], at(1))), 200);
    assert_eq!(
        code(&thief.registers(&mut registrar, &[HERE], at(3601))),
        401,
        "an hour later it is heard again"
    );
}

#[test]
fn a_forged_source_bans_nobody() {
    let mut registrar = registrar();
    let mut forger = Phone { password: "wrong", ..Phone::of("ivan") };
    for _ in 0..100 {
        let mut request = forger.request("REGISTER", &[HERE]);
        let made_up =
            r#"Digest username="ivan", realm="pbx", nonce="AAAA", uri="sip:pbx.test", response="00""#;
        request.headers.push(("Authorization".to_owned(), made_up.to_owned()));
        assert_eq!(code(&registrar.register(&request, at(0))), 401);
    }
    assert_eq!(code(&Phone::of("ivan").registers(&mut registrar, &[HERE], at(1))), 200);
}

#[test]
fn a_registered_phone_calls_under_its_own_name_only() {
    let mut registrar = registrar();
    assert_eq!(Phone::of("ivan").calls(&mut registrar, at(0)), (ServerReply::Admit, Some("ivan".to_owned())));
    let mut phone = Phone::of("ivan");
    let mut request = phone.request("INVITE", &[]);
    let (challenge, _) = registrar.admit(&request, at(0));
    phone.sign(&mut request, &challenge, "Proxy-Authorization");
    request.headers[0].1 = "<sip:anna@pbx.test>;tag=1".to_owned();
    assert_eq!(code(&registrar.admit(&request, at(0)).0), 403);
}

#[test]
fn a_trusted_network_calls_without_a_password_but_binds_nothing() {
    let network = "198.51.100.0/24".parse().unwrap();
    let trusted = vec![Trusted { network, port: None, transport: None }];
    let mut registrar = with(Settings { trusted, ..Settings::new("pbx") });
    let mut trunk = Phone { source: "198.51.100.9:5060", ..Phone::of("79000000001") };
    assert_eq!(trunk.calls(&mut registrar, at(0)), (ServerReply::Admit, None));
    assert_eq!(code(&registrar.register(&trunk.request("REGISTER", &[HERE]), at(0))), 401);
}

#[test]
fn a_flood_of_calls_is_slowed_down() {
    let mut registrar = with(Settings { calls: (2, 1.0), ..Settings::new("pbx") });
    let mut phone = Phone::of("ivan");
    let codes: Vec<u16> = (0..3).map(|_| code(&phone.calls(&mut registrar, at(0)).0)).collect();
    assert_eq!(codes, [0, 0, 503]);
    assert_eq!(code(&phone.calls(&mut registrar, at(1)).0), 0);
}

#[test]
fn registrations_end_and_users_go() {
    let mut registrar = registrar();
    Phone::of("ivan").registers(&mut registrar, &[HERE], at(0));
    Phone::of("anna").registers(&mut registrar, &[("Contact", "<sip:anna@10.0.0.7>;expires=60")], at(0));
    registrar.take_changes();
    registrar.expire(at(61));
    assert_eq!(registrar.take_changes(), [Change::Unbound { user: "anna".to_owned(), left: 0 }]);
    registrar.remove_user("ivan");
    assert!(!registrar.knows("ivan") && registrar.lookup("ivan", at(62)).is_empty());
}

#[test]
fn the_path_is_kept_and_told_back() {
    let mut registrar = registrar();
    let path = ("Path", "<sip:edge.test;lr>");
    let reply = Phone::of("ivan").registers(&mut registrar, &[HERE, path], at(0));
    assert_eq!(header(&reply, "Path"), ["<sip:edge.test;lr>"]);
    assert_eq!(registrar.lookup("ivan", at(1))[0].path, ["<sip:edge.test;lr>"]);
}

#[test]
fn the_topmost_challenge_that_a_client_can_meet_is_its_choice() {
    let reply = registrar().register(&Phone::of("ivan").request("REGISTER", &[]), at(0));
    let chosen = digest::choose(header(&reply, "WWW-Authenticate"));
    assert_eq!((chosen.len(), chosen[0].algorithm), (1, Algorithm::Sha256));
}
