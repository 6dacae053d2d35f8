//! Many people at once.

use super::{meets_the_service_account, registers};
use crate::world::World;
use anyhow::{Context as _, Result};
use futures::future::{join_all, try_join_all};
use testkit::Person;
use testkit::practice::MANY;

/// Twenty people call the echo at the same time through one service account; each hears the own tone and no other.
async fn twenty_people_talk_at_once(world: &mut World) -> Result<()> {
    let mut people = Vec::new();
    for login in MANY {
        let person = world.platform.newcomer(&format!("Anna{login}")).await?;
        people.push((person, login));
    }
    let world = &*world;
    let tone = |login: u16| 400.0 + 25.0 * f64::from(login - MANY.start());
    let ready = people.iter().map(async |(person, login)| {
        registers(world, person, &login.to_string()).await?;
        meets_the_service_account(person).await?;
        person.app().opens().await?;
        person.app().says(tone(*login)).await
    });
    try_join_all(ready).await?;
    let call = async |person: &Person, login: u16| {
        person.writes("600").await?;
        person.app().answers().await?;
        person.app().hears(tone(login)).await
    };
    let talks = join_all(people.iter().map(|(person, login)| call(person, *login))).await;
    for ((person, _), talk) in people.iter().zip(talks) {
        talk.with_context(|| format!("{} in a call", person.name))?;
    }
    // All of them still talk, and still hear themselves.
    try_join_all(people.iter().map(async |(person, login)| {
        person.app().talks().await?;
        person.app().hears(tone(*login)).await
    }))
    .await?;
    try_join_all(people.iter().map(async |(person, _)| {
        person.app().hangs_up().await?;
        person.app().is_over().await
    }))
    .await?;
    Ok(())
}

telegram_stories![twenty_people_talk_at_once];
