//! One script of commands, run through postgres-es and through our dispatcher, and how its outcome is written down.
//!
//! This file is compiled into both sides, which cannot be one program: each of them does with it what it does best.

use domain::ids::UserId;
use domain::log::Context;
use domain::person::{self, Language};
use domain::scenario::{ANNA, IVAN, OLGA, PETR, at, sealed, token};
use domain::settings::{Codecs, DialRulesText, Settings, Transport};
use domain::sip_account::{self, Change, Command, Grant, Origin, Resealed};
use serde_json::{Value, json};

/// One command for one aggregate.
pub enum Ask {
    /// Of the account of this number.
    Account(&'static str, sip_account::Command),
    /// Of the person of this id.
    Person(&'static str, person::Command),
}

/// One step: what is asked, by whom, when.
pub struct Step {
    /// What.
    pub ask: Ask,
    /// By whom and when.
    pub context: Context,
}

const FIRST: &str = "123456789";
const SECOND: &str = "200000001";

/// What happens, from the first greeting to the last deletion; some of it is refused, some changes nothing.
#[must_use]
pub fn steps() -> Vec<Step> {
    let mut script = Script::default();
    script.people();
    script.an_account_made_in_the_menu_and_handed_over();
    script.settings_shared_in_a_chat();
    script.many_changes();
    script.0
}

#[derive(Default)]
struct Script(Vec<Step>);

impl Script {
    fn account(&mut self, number: &'static str, by: UserId, minutes: i64, command: Command) {
        self.0.push(Step { ask: Ask::Account(number, command), context: Context::person(by, at(minutes)) });
    }

    fn person(&mut self, id: &'static str, by: UserId, minutes: i64, command: person::Command) {
        self.0.push(Step { ask: Ask::Person(id, command), context: Context::person(by, at(minutes)) });
    }

    fn people(&mut self) {
        let name = person::Command::Name {
            name: sealed("olga's name"),
            username: Some(sealed("olga")),
            fingerprint: "f00d".to_owned(),
        };
        self.person("1", OLGA, 0, name.clone());
        self.person("1", OLGA, 1, name);
        self.person("1", OLGA, 1, person::Command::ChooseLanguage(Language::Ru));
        self.person("2", IVAN, 2, person::Command::SwitchCallbackMode { on: false });
        self.person("2", IVAN, 3, person::Command::SwitchCallbackMode { on: true });
    }

    fn an_account_made_in_the_menu_and_handed_over(&mut self) {
        let create = Command::Create { origin: Origin::Menu, settings: Box::new(Settings::default()) };
        self.account(FIRST, OLGA, 10, Command::SwitchOff);
        self.account(FIRST, OLGA, 10, create);
        self.account(FIRST, OLGA, 11, Command::Change(Change::Name("Kasse „Süd“ ☎".parse().ok())));
        self.account(FIRST, OLGA, 11, Command::Change(Change::Password(sealed("first"))));
        self.account(FIRST, IVAN, 12, Command::Change(Change::Password(sealed("second"))));
        self.account(FIRST, OLGA, 12, Command::Change(Change::Transport(Transport::Tls)));
        self.account(FIRST, OLGA, 12, Command::Change(Change::Transport(Transport::Tls)));
        self.account(FIRST, OLGA, 13, Command::Apply { revision: None });
        self.account(FIRST, OLGA, 14, Command::Lend { user: ANNA, until: at(600) });
        self.account(FIRST, OLGA, 15, Command::EndLoan);
        self.account(
            FIRST,
            OLGA,
            16,
            Command::OfferTransfer { offer: token(1), to: Some(PETR), until: at(21) },
        );
        self.account(FIRST, IVAN, 17, Command::Take { offer: token(1), resealed: resealed("first", "anew") });
        self.account(FIRST, PETR, 18, Command::Take { offer: token(1), resealed: resealed("first", "anew") });
        self.account(
            FIRST,
            OLGA,
            19,
            Command::UndoTake { offer: token(1), resealed: resealed("anew", "again") },
        );
        self.account(FIRST, OLGA, 20, Command::Delete);
        self.account(FIRST, OLGA, 21, Command::SwitchOn);
    }

    fn settings_shared_in_a_chat(&mut self) {
        let settings =
            Settings { login: "1001".parse().ok(), password: Some(sealed("shared")), ..Settings::default() };
        let share = Command::ShareSettings {
            offer: token(2),
            to: None,
            grant: Grant::Give,
            settings: Box::new(settings),
            until: at(35),
            batch: None,
        };
        self.account(SECOND, OLGA, 30, share);
        self.account(
            SECOND,
            IVAN,
            31,
            Command::Take { offer: token(2), resealed: resealed("shared", "ivan's") },
        );
        self.account(
            SECOND,
            PETR,
            32,
            Command::Take { offer: token(2), resealed: resealed("shared", "petr's") },
        );
        self.account(SECOND, IVAN, 33, Command::OfferReturn { offer: token(3), until: at(38) });
        self.account(SECOND, IVAN, 34, Command::CancelOffer { offer: token(3) });
    }

    /// Long enough that both sides would take snapshots, if they were told to.
    fn many_changes(&mut self) {
        for n in 0..120_i64 {
            let change = match n % 3 {
                0 => Change::Rules(format!("\\+7 = 8{n}").parse::<DialRulesText>().unwrap_or_default()),
                1 => Change::Codecs(Codecs::default()),
                _ => Change::Name(format!("line {n}").parse().ok()),
            };
            self.account(SECOND, IVAN, 40 + n, Command::Change(change));
        }
    }
}

fn resealed(from: &str, to: &str) -> Option<Resealed> {
    Some(Resealed { from: sealed(from), to: sealed(to) })
}

/// An event as both sides print it.
#[must_use]
pub fn event(
    category: &str,
    id: &str,
    version: u64,
    name: &str,
    payload: &Value,
    context: Context,
) -> String {
    json!({
        "stream": format!("{category}/{id}"), "version": version, "type": name, "payload": payload,
        "by": context.by, "at": context.at,
    })
    .to_string()
}

/// What a step that was not done came to, as both sides print it.
#[must_use]
pub fn refusal(step: usize, why: &str) -> String {
    json!({"step": step, "refused": why}).to_string()
}
