//! What the payload of a link means, and what does not fit into one.

use super::*;
use crate::settings::BadSetting;
use proptest::prelude::*;

#[test]
fn a_plain_link_holds_login_password_and_template_code() {
    assert_eq!(share("79261234567=pass_-1=multifon"), line("79261234567 pass_-1 multifon"));
}

#[test]
fn an_encoded_link_holds_all_that_the_inline_form_may_hold() {
    let text = "1001 secret 10.0.0.7:5070 alaw ^8=7";
    assert_eq!(share(&URL_SAFE_NO_PAD.encode(text)), line(text));
}

#[test]
fn padding_after_an_encoded_link_does_not_matter() {
    let text = "1001 secret 10.0.0.7";
    assert!(!text.len().is_multiple_of(3));
    assert_eq!(share(&base64::engine::general_purpose::URL_SAFE.encode(text)), line(text));
}

#[test]
fn a_login_of_an_encoded_link_may_be_in_any_script() {
    assert_eq!(share(&URL_SAFE_NO_PAD.encode("иван пароль муль")), line("иван пароль муль"));
}

#[test]
fn tokens_lead_to_offers_and_to_kept_settings() {
    let token = OfferToken::from_bits([9; 16]);
    assert_eq!(read(&offer(&token)), Ok(Link::Offer(token.clone())));
    assert_eq!(read(&kept(&token)), Ok(Link::Kept(token)));
}

#[test]
fn a_login_may_begin_like_a_token() {
    assert_eq!(share("t_1001=secret=multifon"), line("t_1001 secret multifon"));
    assert_eq!(share("s_1001=secret=multifon"), line("s_1001 secret multifon"));
}

#[test]
fn a_referral_names_the_partner_and_may_hold_another_payload() {
    assert_eq!(read("utm_docs"), Ok(Link::Referral { partner: "docs".to_owned(), then: None }));
    assert_eq!(read("utm_docs="), Ok(Link::Referral { partner: "docs".to_owned(), then: None }));
    let token = OfferToken::from_bits([9; 16]);
    for (payload, then) in [
        ("1=secret=multifon".to_owned(), Link::Share(Box::new(line("1 secret multifon")))),
        (offer(&token), Link::Offer(token)),
    ] {
        let referral = Link::Referral { partner: "my_shop".to_owned(), then: Some(Box::new(then)) };
        assert_eq!(read(&format!("utm_my_shop={payload}")), Ok(referral));
    }
}

#[test]
fn what_is_wrong_with_a_link_is_told_precisely() {
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let needs_server = Hint::TemplateNeedsServer {
        template: "asterisk".parse().expect("it is a code"),
        name: "Asterisk".to_owned(),
    };
    for (payload, bad) in [
        ("", BadLink::Empty),
        ("a b", BadLink::BadCharacters),
        ("привет", BadLink::BadCharacters),
        ("t_short", BadLink::BadToken),
        ("s_", BadLink::BadToken),
        ("utm_", BadLink::BadReferral),
        ("utm_=1=2=3", BadLink::BadReferral),
        ("utm_a=utm_b", BadLink::BadReferral),
        ("hello", BadLink::NoForm),
        ("a=b", BadLink::NotThreeValues),
        ("a=b=multifon=", BadLink::NotThreeValues),
        ("a==multifon", BadLink::NotThreeValues),
        ("a=b=nobody", BadLink::NoShare(Hint::NoSuchTemplate { typed: "nobody".to_owned() })),
        ("a=b=multi", BadLink::NoShare(Hint::NoSuchTemplate { typed: "multi".to_owned() })),
        ("a=b=asterisk", BadLink::NoShare(needs_server)),
        (&encoded("1001 secret"), BadLink::NoShare(Hint::ServerMissing)),
        (&encoded("a@b secret c.d"), BadLink::NoShare(Hint::BadLogin(BadSetting::Blanks))),
    ] {
        assert_eq!(read(payload), Err(bad), "{payload}");
    }
    assert_eq!(read(&"a".repeat(MAX_PAYLOAD + 1)), Err(BadLink::TooLong));
    assert!(matches!(read(&encoded("1001 secret s")), Err(BadLink::SeveralTemplates { found: 2.. })));
}

#[test]
fn a_link_that_does_not_fit_says_by_how_much() {
    let long = line(&format!("1001 {} multifon", "p".repeat(40)));
    assert_eq!(super::base64(&long), Err(DoesNotFit::TooLong { length: 72 }));
}

#[test]
fn a_plain_link_takes_only_letters_digits_and_two_signs() {
    let make = |login: &str, password: &str| {
        let code = "multifon".parse().expect("it is a code");
        plain(&login.parse().expect("it is a login"), &password.parse().expect("it is a password"), &code)
    };
    assert_eq!(make("1.2", "secret"), Err(DoesNotFit::LoginCharacters));
    assert_eq!(make("1001", "p@ss"), Err(DoesNotFit::PasswordCharacters));
    assert_eq!(make("utm_1", "secret"), Err(DoesNotFit::LooksLikeReferral));
    assert_eq!(make("1001", &"p".repeat(60)), Err(DoesNotFit::TooLong { length: 74 }));
    assert_eq!(make("1001", "secret").as_deref(), Ok("1001=secret=multifon"));
}

#[test]
fn a_password_with_a_blank_is_not_encoded_into_something_else() {
    let mut share = line("1001 secret multifon");
    share.password = "two words".parse().expect("it is a password");
    assert_eq!(super::base64(&share), Err(DoesNotFit::BlankInPassword));
}

proptest! {
    #[test]
    fn any_payload_is_a_link_or_a_reason_why_not(payload in ".{0,70}") {
        drop(read(&payload));
    }

    #[test]
    fn any_payload_of_the_alphabet_is_a_link_or_a_reason_why_not(payload in "(t_|s_|utm_)?[A-Za-z0-9_=-]{0,64}") {
        drop(read(&payload));
    }

    #[test]
    fn a_plain_link_is_read_as_what_was_put_in(login in "[A-Za-z0-9_-]{1,20}", password in "[A-Za-z0-9_-]{1,20}") {
        let code: TemplateCode = "multifon".parse().expect("it is a code");
        let login: Login = login.parse().expect("it is a login");
        let password: Password = password.parse().expect("it is a password");
        if let Ok(payload) = plain(&login, &password, &code) {
            let share = share(&payload);
            prop_assert_eq!((share.login, share.password), (login, password));
            prop_assert_eq!(share.server, Server::Template { code, server: None });
        }
    }

    #[test]
    fn an_encoded_link_is_read_as_what_was_put_in(
        login in "[^@\\s\\p{C}]{1,8}", password in "[^\\s\\p{C}]{1,10}", rest in "(multifon|a\\.example)( alaw)?( info)?( \\^8=7)?",
    ) {
        let share = line(&format!("{login} {password} {rest}"));
        if let Ok(payload) = super::base64(&share) {
            prop_assert_eq!(self::share(&payload), share);
        }
    }
}

fn read(payload: &str) -> Result<Link, BadLink> {
    parse(payload, &Catalogue::builtin())
}

fn share(payload: &str) -> Share {
    match read(payload) {
        Ok(Link::Share(share)) => *share,
        other => panic!("{payload}: {other:?}"),
    }
}

fn line(text: &str) -> Share {
    match share::parse(text, &Catalogue::builtin()) {
        Understood::Shares(mut shares) => shares.pop().expect("there is one"),
        Understood::Hint(hint) => panic!("{text}: {hint:?}"),
    }
}
