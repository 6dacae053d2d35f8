//! Every button survives the round trip, and what is no button of ours is stale.

use super::*;
use proptest::prelude::*;

/// Every button, with the widest values it may hold. A new variant does not compile until it is here.
fn all() -> Vec<Button> {
    let account = AccountNumber::MAX;
    let offer = OfferToken::from_bits([0xff; 16]);
    let batch = BatchId(OfferToken::from_bits([0xfe; 16]));
    let code: TemplateCode = "t".repeat(32).parse().expect("the longest code");
    let page = u16::MAX;
    let mut all = vec![
        Button::Home,
        Button::Help,
        Button::ShareHelp,
        Button::Languages,
        Button::ChooseLanguage(Language::En),
        Button::ChooseLanguage(Language::Ru),
        Button::Accounts(page),
        Button::New,
        Button::CallbackMode { on: true },
        Button::Account(account),
        Button::Codecs(account),
        Button::Dtmf(account),
        Button::Templates(account, page),
        Button::Template(account, code),
        Button::Rules(account),
        Button::Worker(account),
        Button::Recording { account, on: false },
        Button::RecordingChat(account),
        Button::ClearRecordingChat(account),
        Button::User(account),
        Button::PickUser(account),
        Button::Unlink(account),
        Button::Lend(account),
        Button::LendFor { account, hours: page },
        Button::Transfer(account),
        Button::BindTransfer(account),
        Button::Apply(account),
        Button::Switch { account, on: true },
        Button::Delete(account),
        Button::DeleteYes(account),
        Button::Links(account),
        Button::Take { account, offer: offer.clone() },
        Button::CancelOffer { account, offer: offer.clone() },
        Button::Undo { account, offer: offer.clone() },
        Button::AddFromLink(offer.clone()),
        Button::DropLink(offer),
        Button::CancelInput,
        Button::Bulk,
        Button::BulkPreview(batch.clone(), page),
        Button::BulkGrant(batch.clone(), Grant::Give),
        Button::BulkGrant(batch.clone(), Grant::Assign),
        Button::BulkMake(batch.clone()),
        Button::BulkDrop(batch.clone()),
        Button::BulkBoard(batch, page),
        Button::Reconnect(account),
        Button::CallHelp,
        Button::DialNumber(u32::MAX, page),
        Button::DialOn(u32::MAX, page, account),
    ];
    let call = CallId::from_bits(u128::MAX);
    all.extend(OnCall::all().into_iter().map(|what| Button::Call(call, what)));
    all.extend(Transport::ALL.map(|to| Button::Transport(account, to)));
    all.extend(Ask::ALL.map(|ask| Button::Ask(account, ask)));
    all.extend(Ask::ALL.map(|ask| Button::Clear(account, ask)));
    for how in Arrange::ALL {
        all.extend(Codec::ALL.iter().map(|codec| Button::Codec(account, how, *codec)));
        all.extend(DtmfMethod::ALL.iter().map(|method| Button::DtmfMethod(account, how, *method)));
    }
    all
}

/// The name of a button's variant. There is no wildcard, so a new variant leads here, and from here to [`all`].
fn variant(button: &Button) -> &'static str {
    match button {
        Button::Home => "Home",
        Button::Help => "Help",
        Button::ShareHelp => "ShareHelp",
        Button::Languages => "Languages",
        Button::ChooseLanguage(_) => "ChooseLanguage",
        Button::Accounts(_) => "Accounts",
        Button::New => "New",
        Button::CallbackMode { .. } => "CallbackMode",
        Button::Account(_) => "Account",
        Button::Ask(..) => "Ask",
        Button::Clear(..) => "Clear",
        Button::Transport(..) => "Transport",
        Button::Codecs(_) => "Codecs",
        Button::Codec(..) => "Codec",
        Button::Dtmf(_) => "Dtmf",
        Button::DtmfMethod(..) => "DtmfMethod",
        Button::Templates(..) => "Templates",
        Button::Template(..) => "Template",
        Button::Rules(_) => "Rules",
        Button::Worker(_) => "Worker",
        Button::Recording { .. } => "Recording",
        Button::RecordingChat(_) => "RecordingChat",
        Button::ClearRecordingChat(_) => "ClearRecordingChat",
        Button::User(_) => "User",
        Button::PickUser(_) => "PickUser",
        Button::Unlink(_) => "Unlink",
        Button::Lend(_) => "Lend",
        Button::LendFor { .. } => "LendFor",
        Button::Transfer(_) => "Transfer",
        Button::BindTransfer(_) => "BindTransfer",
        Button::Apply(_) => "Apply",
        Button::Switch { .. } => "Switch",
        Button::Delete(_) => "Delete",
        Button::DeleteYes(_) => "DeleteYes",
        Button::Links(_) => "Links",
        Button::Take { .. } => "Take",
        Button::CancelOffer { .. } => "CancelOffer",
        Button::Undo { .. } => "Undo",
        Button::AddFromLink(_) => "AddFromLink",
        Button::DropLink(_) => "DropLink",
        Button::CancelInput => "CancelInput",
        Button::Bulk => "Bulk",
        Button::BulkPreview(..) => "BulkPreview",
        Button::BulkGrant(..) => "BulkGrant",
        Button::BulkMake(_) => "BulkMake",
        Button::BulkDrop(_) => "BulkDrop",
        Button::BulkBoard(..) => "BulkBoard",
        Button::Reconnect(_) => "Reconnect",
        Button::CallHelp => "CallHelp",
        Button::DialNumber(..) => "DialNumber",
        Button::DialOn(..) => "DialOn",
        Button::Call(_, what) => match what {
            OnCall::Key(_) => "Key",
            OnCall::LostKey => "LostKey",
            OnCall::Hold => "Hold",
            OnCall::Resume => "Resume",
            OnCall::HangUp => "HangUp",
            OnCall::Decline => "Decline",
            OnCall::Switch => "SwitchLine",
            OnCall::EndOther => "EndOther",
            OnCall::Connect => "Connect",
            OnCall::Transfer => "TransferCall",
            OnCall::Record(_) => "Record",
            OnCall::RecordingLocked => "RecordingLocked",
            OnCall::Redial => "Redial",
        },
    }
}

/// How many variants [`variant`] names.
const VARIANTS: usize = 64;

#[test]
fn every_variant_is_among_all_buttons() {
    let named: std::collections::BTreeSet<_> = all().iter().map(variant).collect();
    assert_eq!(named.len(), VARIANTS);
}

#[test]
fn every_button_survives_the_round_trip_within_telegrams_limit() {
    for button in all() {
        let data = button.to_string();
        assert!(data.len() <= MAX_DATA, "{data}");
        assert_eq!(data.parse(), Ok(button), "{data}");
    }
}

#[test]
fn no_two_buttons_say_the_same() {
    let said: std::collections::BTreeSet<_> = all().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), all().len());
}

#[test]
fn a_button_is_readable() {
    let account = AccountNumber::MIN;
    assert_eq!(Button::Account(account).to_string(), "v1:acc:100000000");
    let offer = OfferToken::from_bits([0; 16]);
    assert_eq!(Button::Take { account, offer }.to_string(), "v1:take:100000000:AAAAAAAAAAAAAAAAAAAAAA");
}

#[test]
fn an_older_newer_or_made_up_button_is_stale() {
    for data in [
        "",
        "v1",
        "v1:",
        "v0:home",
        "v2:home",
        "home",
        "v1:home:1",
        "v1:acc:12",
        "v1:acc:000000001",
        "v1:list:-1",
        "v1:list:01",
        "v1:list:+1",
        "v1:list:65536",
        "v1:take:123456789:short",
        "v1:codec:123456789:add:mp3",
        "v1:template:123456789:ASTERISK",
        "v1:switch:123456789:maybe",
    ] {
        assert_eq!(data.parse::<Button>(), Err(StaleButton), "{data}");
    }
}

proptest! {
    #[test]
    fn any_data_is_a_button_or_stale_and_a_button_says_exactly_that_data(data in "\\PC{0,64}") {
        if let Ok(button) = data.parse::<Button>() {
            prop_assert_eq!(button.to_string(), data);
        }
    }

    #[test]
    fn data_that_looks_like_ours_is_read_strictly(
        word in "acc|list|ask|take|switch|template|lend-for|bulk-board|dial|call",
        rest in "[:a-z0-9_-]{0,50}",
    ) {
        let data = format!("v1:{word}:{rest}");
        if let Ok(button) = data.parse::<Button>() {
            prop_assert_eq!(button.to_string(), data);
        }
    }

    #[test]
    fn any_page_and_offer_survive_the_round_trip(
        number in 100_000_000_u32..=999_999_999,
        bits in any::<[u8; 16]>(),
        page in any::<u16>(),
    ) {
        let account: AccountNumber = number.try_into().expect("it has nine digits");
        let offer = OfferToken::from_bits(bits);
        for button in [
            Button::Take { account, offer: offer.clone() },
            Button::Undo { account, offer: offer.clone() },
            Button::BulkBoard(BatchId(offer), page),
            Button::Templates(account, page),
        ] {
            prop_assert_eq!(button.to_string().parse(), Ok(button));
        }
    }
}
