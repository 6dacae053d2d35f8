//! The canary: every SIP password of every story. It may be typed, and may not be anywhere afterwards.

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event_store::sql::Dialect;
use testkit::Platform;

/// The password of every SIP account in every story.
pub(crate) const PASSWORD: &str = "Kanarienvogel-7";

/// In no chat, as anybody in it sees it, and in nothing that the bot told Telegram.
pub(crate) async fn nobody_sees_the_password(platform: &Platform) -> Result<()> {
    for person in platform.everybody().await? {
        for chat in person.everything().await? {
            ensure!(!holds(chat.to_string().as_bytes()), "{} sees the password: {chat:#}", person.name);
        }
    }
    let calls = platform.calls().await?;
    for call in calls.as_array().into_iter().flatten() {
        let said = &call["params"];
        ensure!(!holds(said.to_string().as_bytes()), "the bot says the password: {call:#}");
    }
    Ok(())
}

/// In no file of the scenario and in no table. The processes have ended, so that everything is on the disk.
pub(crate) async fn nothing_holds_the_password(platform: &Platform) -> Result<()> {
    for file in platform.files()? {
        ensure!(!holds(&std::fs::read(&file)?), "the password stands in {}", file.display());
    }
    let look = platform.look().await?;
    // A SQLite database is among the files.
    if look.dialect() == Dialect::Postgres {
        let tables = look.tables().await?;
        ensure!(tables.iter().any(|table| table == "es_events"), "there are tables to search: {tables:?}");
        for table in tables {
            for row in look.rows(&table).await? {
                ensure!(!holds(row.as_bytes()), "the password stands in {table}: {row}");
            }
        }
    }
    look.close().await;
    Ok(())
}

/// As it is, in hexadecimal (bytes in PostgreSQL), and in base64, whatever stands before it.
fn holds(bytes: &[u8]) -> bool {
    let hexadecimal: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![PASSWORD.to_owned(), hexadecimal];
    forms.extend((0..3).map(|before| {
        let encoded = URL_SAFE_NO_PAD.encode(format!("{}{PASSWORD}", "x".repeat(before)));
        // The first and the last letters depend on what stands around it.
        let first = [0, 2, 3][before];
        encoded[first..encoded.len() - 2].to_owned()
    }));
    forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
}

#[test]
fn the_password_is_found_in_whatever_form_it_stands() {
    assert!(holds(b"1001 Kanarienvogel-7 pbx.example.com"));
    for before in ["", "1", "10", "100", "1001"] {
        let payload = URL_SAFE_NO_PAD.encode(format!("{before} {PASSWORD} pbx.example.com"));
        assert!(holds(payload.as_bytes()), "{payload}");
    }
    assert!(!holds(b"1001 Kanarienvogel-8 pbx.example.com"));
}
