//! Calls: through the practice PBX, with sound. A tone stands for each person, and is found at the other end.

use crate::world::World;
use anyhow::{Result, ensure};
use serde_json::json;
use testkit::Person;
use testkit::telephone::Telephone;

const OLGA_HZ: f64 = 440.0;
const IVAN_HZ: f64 = 700.0;

/// A person adds a practice account by a link, and waits until it is registered.
async fn joins(person: &Person, login: &str) -> Result<Telephone> {
    person.starts(None).await?;
    person.writes(&format!("/start {login}=practice-{login}=practice")).await?;
    let question = person.sees(&format!("Add the SIP account {login}")).await?;
    person.presses(&question, "Yes").await?;
    let phone = person.telephone();
    phone.is_registered(1).await?;
    Ok(phone)
}

/// A newcomer hears himself at 600, and drives the menu of 601.
async fn a_newcomer_hears_himself(world: &mut World) -> Result<()> {
    let olga = joins(&world.olga, "1001").await?;
    olga.says(OLGA_HZ).await?;
    olga.calls("600").await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await?;

    olga.says(0.0).await?;
    olga.calls("601").await?;
    olga.hears_something().await?;
    olga.says(OLGA_HZ).await?;
    olga.does(json!({"action": "digits", "digits": "3"})).await?;
    olga.hears(OLGA_HZ).await?;
    olga.does(json!({"action": "digits", "digits": "*,9"})).await?;
    olga.waits("been let go", |view| view["calls"] == json!([])).await.map(drop)
}

/// Two people call each other; each hears the other, and nobody hears himself.
async fn two_people_hear_each_other(world: &mut World) -> Result<()> {
    let (olga, ivan) = (joins(&world.olga, "1001").await?, joins(&world.ivan, "1002").await?);
    olga.says(OLGA_HZ).await?;
    ivan.says(IVAN_HZ).await?;
    olga.does(json!({"action": "dial", "number": "1002"})).await?;
    let ringing = ivan.is("ringing").await?;
    ensure!((ringing["direction"] == "in") && (ringing["number"] == "1001"), "{ringing}");
    ivan.does(json!({"action": "answer"})).await?;
    olga.is("talking").await?;
    olga.hears(IVAN_HZ).await?;
    ivan.hears(OLGA_HZ).await?;

    olga.does(json!({"action": "hold"})).await?;
    olga.is("held").await?;
    olga.does(json!({"action": "resume"})).await?;
    olga.hears(IVAN_HZ).await?;
    ivan.hangs_up().await?;
    olga.waits("been hung up on", |view| view["calls"] == json!([])).await.map(drop)
}

/// What the far end refuses is told with its code.
async fn refusals_are_told_with_their_code(world: &mut World) -> Result<()> {
    let olga = joins(&world.olga, "1001").await?;
    for (number, code) in [("603", 486), ("606", 403), ("700", 404)] {
        olga.does(json!({"action": "dial", "number": number})).await?;
        let refused = |view: &serde_json::Value| {
            view["last_ended"]["number"] == number && view["last_ended"]["code"] == code
        };
        olga.waits(&format!("been refused with {code} at {number}"), refused).await?;
    }
    Ok(())
}

/// 602 calls back: an incoming call that nobody else made.
async fn a_call_comes_back(world: &mut World) -> Result<()> {
    let olga = joins(&world.olga, "1001").await?;
    olga.calls("602").await?;
    olga.hangs_up().await?;
    let ringing = olga.is("ringing").await?;
    ensure!(ringing["number"] == "602", "{ringing}");
    olga.says(OLGA_HZ).await?;
    olga.does(json!({"action": "answer"})).await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await
}

call_stories![
    a_newcomer_hears_himself,
    two_people_hear_each_other,
    refusals_are_told_with_their_code,
    a_call_comes_back,
];
