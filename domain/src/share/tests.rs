//! What a typed line is understood as.

use super::*;
use crate::dial_rules::WhyBadRule;
use crate::sealed::Sealed;
use crate::settings::{BadSetting, Transport};
use proptest::prelude::*;

#[test]
fn the_beginning_of_a_templates_name_is_enough() {
    assert_eq!(one("79261234567 pass муль").server, template("multifon"));
    assert_eq!(one("79261234567 pass MULTI").server, template("multifon"));
}

#[test]
fn the_full_form_is_understood_word_by_word() {
    let share =
        one(r"somelogin1 somepass1 sub.domain opus,g722/16000,alaw,mulaw,g729 rfc2833 [^+*#\w]= ^8=7");
    assert_eq!(share.login.as_str(), "somelogin1");
    assert_eq!(share.password.expose(), "somepass1");
    assert_eq!(share.server, typed("sub.domain", None));
    assert_eq!(share.codecs.map(|codecs| codecs.to_string()).as_deref(), Some("opus,g722,alaw,mulaw,g729"));
    assert_eq!(share.dtmf.map(|dtmf| dtmf.to_string()).as_deref(), Some("rfc2833"));
    assert_eq!(share.rules.as_str(), r"[^+*#\w]= ^8=7");
}

#[test]
fn blanks_around_the_words_and_after_commas_do_not_matter() {
    let share = one("  1001   secret  pbx.example.com  opus, alaw,  mulaw  rfc2833, info  ^8=7 ");
    assert_eq!(share, one("1001 secret pbx.example.com opus,alaw,mulaw rfc2833,info ^8=7"));
}

#[test]
fn a_registrar_may_be_an_address_a_name_with_a_dot_or_have_a_port() {
    for server in
        ["10.0.0.7", "10.0.0.7:5070", "pbx.example.com", "localhost", "pbx:5070", "[2001:db8::7]:5060"]
    {
        assert_eq!(one(&format!("1001 secret {server}")).server, typed(server, None), "{server}");
    }
}

#[test]
fn a_domain_may_follow_a_registrar() {
    assert_eq!(one("1001 secret 10.0.0.7 example.com opus").server, typed("10.0.0.7", Some("example.com")));
}

#[test]
fn a_domain_may_not_follow_a_template_that_knows_its_server() {
    let hint = Hint::DomainNeedsRegistrar { typed: "example.com".to_owned() };
    assert_eq!(hinted("1001 secret multifon example.com"), hint);
}

#[test]
fn a_template_of_a_pbx_wants_the_server_after_it() {
    assert_eq!(
        hinted("1001 secret asterisk"),
        Hint::TemplateNeedsServer { template: code("asterisk"), name: "Asterisk".to_owned() }
    );
    assert_eq!(
        one("1001 secret asterisk 10.0.0.7 ^8=7").server,
        Server::Template { code: code("asterisk"), server: Some(host("10.0.0.7")) }
    );
}

#[test]
fn each_template_that_fits_is_one_share() {
    let Understood::Shares(shares) = parse("1001 secret s", &Catalogue::builtin()) else {
        panic!("not shares")
    };
    assert!(shares.len() > 1, "{shares:?}");
    let Understood::Shares(one) = parse("1001 secret sipnet", &Catalogue::builtin()) else {
        panic!("not shares")
    };
    assert_eq!(one.len(), 1);
}

#[test]
fn dtmf_methods_may_come_without_codecs_and_rules_without_both() {
    assert_eq!(one("1001 secret a.example info").dtmf.map(|dtmf| dtmf.to_string()).as_deref(), Some("info"));
    assert_eq!(one("1001 secret a.example ^8=7").rules.as_str(), "^8=7");
    assert_eq!(one("1001 secret multifon 7.9").rules.as_str(), "7.9");
}

#[test]
fn a_line_not_yet_complete_hints_at_what_comes_next() {
    assert_eq!(hinted(""), Hint::NothingTyped);
    assert_eq!(hinted("  "), Hint::NothingTyped);
    assert_eq!(hinted("1001"), Hint::PasswordMissing);
    assert_eq!(hinted("1001 secret"), Hint::ServerMissing);
}

#[test]
fn what_is_wrong_is_told_precisely() {
    let no_host = |text: &str| BadSetting::NotAHost(text.to_owned());
    for (line, hint) in [
        ("me@home secret a.example", Hint::BadLogin(BadSetting::Blanks)),
        ("1001 secret nobody", Hint::NoSuchTemplate { typed: "nobody".to_owned() }),
        ("1001 secret pbx.", Hint::BadServer { typed: "pbx.".to_owned(), why: no_host("pbx.") }),
        ("1001 secret 1.2.3", Hint::BadServer { typed: "1.2.3".to_owned(), why: no_host("1.2.3") }),
        (
            "1001 secret a.example:99999",
            Hint::BadServer {
                typed: "a.example:99999".to_owned(),
                why: BadSetting::NotAPort("99999".to_owned()),
            },
        ),
        ("1001 secret a.example opus,foo", Hint::BadCodecs(BadSetting::UnknownCodec("foo".to_owned()))),
        ("1001 secret a.example opus,opus", Hint::BadCodecs(BadSetting::Twice("opus".to_owned()))),
        ("1001 secret a.example opus alaw", Hint::CodecsTwice),
        ("1001 secret a.example info,foo", Hint::BadDtmf(BadSetting::UnknownDtmf("foo".to_owned()))),
        ("1001 secret a.example info inband", Hint::DtmfTwice),
        ("1001 secret a.example ^8=7 opus", Hint::RulesComeLast { typed: "opus".to_owned() }),
        (
            "1001 secret a.example ^8=7 (8=7",
            Hint::BadRule { rule: "(8=7".to_owned(), why: WhyBadRule::UnclosedGroup },
        ),
    ] {
        assert_eq!(hinted(line), hint, "{line}");
    }
    assert_eq!(hinted(&"1".repeat(MAX_TEXT + 1)), Hint::TooLong { max: MAX_TEXT });
    let password = "p".repeat(300);
    assert_eq!(hinted(&format!("1 {password} a.b")), Hint::BadPassword(BadSetting::TooLong { max: 256 }));
}

#[test]
fn shared_settings_are_the_templates_with_what_was_typed_over_them() {
    let catalogue = Catalogue::builtin();
    let sealed = Sealed::from_text("v1.sealed".to_owned());
    let multifon = catalogue.find(&code("multifon")).expect("it is in the catalogue");

    let plain = one("79261234567 pass multifon").settings(&catalogue, sealed.clone());
    assert_eq!(plain.template, Some(multifon.code.clone()));
    assert_eq!((plain.domain, plain.proxy), (multifon.domain.clone(), multifon.proxy.clone()));
    assert_eq!((plain.transport, plain.codecs), (multifon.transport, multifon.codecs.clone()));
    assert_eq!(plain.login.map(String::from).as_deref(), Some("79261234567"));
    assert_eq!(plain.password, Some(sealed.clone()));

    let changed = one("79261234567 pass multifon gsm inband ^8=7").settings(&catalogue, sealed.clone());
    assert_eq!(
        (changed.codecs.to_string(), changed.dtmf.to_string()),
        ("gsm".to_owned(), "inband".to_owned())
    );
    assert_eq!(changed.rules.as_str(), "^8=7");

    let typed = one("1001 secret 10.0.0.7 example.com").settings(&catalogue, sealed.clone());
    assert_eq!((typed.domain, typed.proxy), (Some(host("example.com")), Some(host("10.0.0.7"))));
    assert_eq!(typed.transport, Transport::Udp);

    let own = one("1001 secret asterisk 10.0.0.7").settings(&catalogue, sealed);
    assert_eq!((own.domain, own.proxy), (Some(host("10.0.0.7")), None));
}

#[test]
fn a_password_is_not_shown_when_a_share_is_debugged() {
    assert!(!format!("{:?}", one("1001 canary-9f2 a.example")).contains("canary-9f2"));
}

#[test]
fn rules_that_look_like_a_domain_are_still_rules_when_printed_and_read_again() {
    let share = one("1001 secret a.example = b.example");
    assert_eq!(share.rules.as_str(), "b.example");
    assert_eq!(one(&share.typed_with_password()), share);
}

proptest! {
    #[test]
    fn any_text_is_understood(typed in ".{0,80}") {
        let _: Understood = parse(&typed, &Catalogue::builtin());
    }

    #[test]
    fn every_share_printed_is_understood_as_itself(typed in line()) {
        let catalogue = Catalogue::builtin();
        if let Understood::Shares(shares) = parse(&typed, &catalogue) {
            prop_assert!(!shares.is_empty() && shares.len() <= Catalogue::MAX_FOUND);
            for share in shares {
                let printed = share.typed_with_password();
                prop_assert_eq!(parse(&printed, &catalogue), Understood::Shares(vec![share]), "{}", printed);
            }
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-zA-Z0-9.,:=^$]{1,8}",
        Just("multi".to_owned()),
        Just("s".to_owned()),
        Just("asterisk".to_owned()),
        Just("pbx.example.com:5070".to_owned()),
        Just("10.0.0.7".to_owned()),
        Just("=".to_owned()),
        Just("opus,".to_owned()),
        Just("opus,ulaw".to_owned()),
        Just("rfc2833".to_owned()),
        Just("^8=7".to_owned()),
        Just(r"\d{3}".to_owned()),
    ];
    proptest::collection::vec(word, 2..9).prop_map(|words| format!("1001 {}", words.join(" ")))
}

fn one(typed: &str) -> Share {
    match parse(typed, &Catalogue::builtin()) {
        Understood::Shares(shares) => {
            assert_eq!(shares.len(), 1, "{shares:?}");
            shares[0].clone()
        }
        Understood::Hint(hint) => panic!("{hint:?}"),
    }
}

fn hinted(typed: &str) -> Hint {
    match parse(typed, &Catalogue::builtin()) {
        Understood::Shares(shares) => panic!("{shares:?}"),
        Understood::Hint(hint) => hint,
    }
}

fn template(text: &str) -> Server {
    Server::Template { code: code(text), server: None }
}

fn typed(registrar: &str, domain: Option<&str>) -> Server {
    Server::Typed { registrar: host(registrar), domain: domain.map(host) }
}

fn host(text: &str) -> HostPort {
    text.parse().expect("it is a host")
}

fn code(text: &str) -> crate::settings::TemplateCode {
    text.parse().expect("it is a code")
}
