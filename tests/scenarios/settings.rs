//! Settings, dial rules and their tracer, languages.

use crate::acts::{self, ASSIGN};
use crate::world::World;
use anyhow::{Result, ensure};
use serde_json::json;
use testkit::person::BOT;

/// What is changed acts on Apply, or by itself after five minutes, whoever was there.
async fn settings_act_by_themselves_after_five_minutes(world: &mut World) -> Result<()> {
    let olga = world.olga.clone();
    let account = acts::creates(&olga, "1001").await?;
    let card = acts::opens(&olga, "1001").await?;
    let saved = olga.presses(&card, "Transport: UDP").await?;
    ensure!(saved["text"].as_str().is_some_and(|text| text.starts_with("Saved")), "{saved}");
    let card = olga.sees_change(&card, "Transport: TCP").await?;
    ensure!(card.text().contains("Your changes act when you press Apply"), "{}", card.text());
    acts::answers(&olga, &card, "Name", "Office").await?;
    olga.sees_button(BOT, "Name: Office").await?;
    world.platform.kill_all().await?;
    world.platform.advance_minutes(5).await?;
    world.platform.start_all()?;
    world.olga.asks("/softphone", "Your SIP accounts").await?;
    world.platform.settles().await?;
    let applied = world.platform.tool(&["log", "show", &account]).await?;
    ensure!(applied.matches("SettingsApplied").count() == 2, "once by hand, once by itself:\n{applied}");
    Ok(())
}

/// Dial rules are tried before anybody is called, rule by rule.
async fn the_tracer_shows_what_each_rule_does(world: &mut World) -> Result<()> {
    let olga = world.olga.clone();
    acts::creates(&olga, "1001").await?;
    let card = acts::opens(&olga, "1001").await?;
    acts::presses(&olga, &card, "Dial Rules").await?;
    let rules = olga.sees_change(&card, "Edit rules").await?;
    acts::answers(&olga, &rules, "Edit rules", r"[^+*#\w]= ^8=7 ^79\d{9}$").await?;
    let rules = olga.sees("Rules, from first to last").await?;
    world.power_cut().await?;
    acts::answers(&olga, &rules, "Try a number", "8 (926) 123-45-67").await?;
    let trace = olga.sees("The provider gets 79261234567").await?;
    ensure!(trace.text().contains("lets it pass"), "{}", trace.text());
    acts::answers(&olga, &trace, "Try another number", "112").await?;
    olga.sees("Not dialled with this account").await?;
    // Numbers are tried until one goes on elsewhere; then a number is a call.
    acts::list(&olga).await?;
    olga.writes("+7 (926) 123-45-67").await?;
    olga.sees("Call to").await?;
    Ok(())
}

/// Whose app speaks Russian is spoken to in Russian, until they choose otherwise.
async fn a_russian_takes_an_account_in_russian(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.does("language", json!({"language_code": "ru"})).await?;
    ivan.starts(None).await?;
    acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", ASSIGN).await?;
    world.power_cut().await?;
    let shown = acts::presses_take(&ivan, &message).await?;
    ensure!(shown["text"] == "Принято. Аккаунт в вашем списке.", "{shown}");
    let list = ivan.asks("/softphone", "SIP").await?;
    ensure!(list.button("владелец").is_some(), "{:?}", list.buttons());
    acts::presses(&ivan, &list, "1001@").await?;
    let card = ivan.sees_change(&list, "SIP-аккаунт ").await?;
    ensure!(card.text().contains("Владелец: Olga"), "{}", card.text());

    let languages = ivan.asks("/language", "На каком языке").await?;
    world.power_cut().await?;
    let chosen = ivan.presses(&languages, "English").await?;
    ensure!(chosen["text"] == "I speak English now", "{chosen}");
    acts::lists(&ivan, "1001", "owner Olga").await?;
    Ok(())
}

/// What was created by mistake is gone, and its password with it.
async fn a_deleted_account_is_nobodys(world: &mut World) -> Result<()> {
    let olga = world.olga.clone();
    let account = acts::creates(&olga, "1001").await?;
    let card = acts::opens(&olga, "1001").await?;
    acts::presses(&olga, &card, "Delete").await?;
    let sure = olga.sees_change(&card, "Yes").await?;
    world.power_cut().await?;
    acts::presses(&olga, &sure, "Yes").await?;
    olga.sees("1001@pbx.example.com is deleted").await?;
    acts::lacks(&olga, "1001").await?;
    world.platform.settles().await?;
    let look = world.platform.look().await?;
    let keys =
        format!("SELECT subject FROM es_keys WHERE subject LIKE '%{account}%' AND wrapped IS NOT NULL");
    ensure!(look.texts(&keys).await?.is_empty(), "the key of its password is shredded");
    look.close().await;
    Ok(())
}

stories![
    settings_act_by_themselves_after_five_minutes,
    the_tracer_shows_what_each_rule_does,
    a_russian_takes_an_account_in_russian,
    a_deleted_account_is_nobodys,
];
