//! From a number to a call: numbers and contacts, the lines that fit, the choice between them.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use super::views::{health, title};
use crate::incoming::{MessageRef, Place};
use crate::outgoing::{Outgoing, Screen};
use crate::rate_limit::Limited;
use crate::screen::alert::{CallTrouble, call_trouble};
use crate::screen::{dial, prompt};
use crate::view::Health;
use crate::view::call::{Choice, Line, NoLine, WhyNot};
use domain::call::{Number, dialled_in, without_separators};
use domain::dial_rules::{DialRules, Outcome};
use domain::ids::{AccountNumber, CallId, UserId};
use domain::sip_account::SipAccount;
use event_store::log::Fault;
use projections::account_board;
use std::sync::PoisonError;

/// As many accounts are tried; nobody has more lines to choose from.
const ACCOUNTS: u32 = 50;

/// Numbers out of one contact that can be chosen.
const NUMBERS: usize = 20;

/// An account that dials a number.
struct Fit {
    account: AccountNumber,
    owner: UserId,
    title: String,
    dialled: Number,
}

/// What the person's accounts make of a number.
#[derive(Default)]
struct Lines {
    fit: Vec<Fit>,
    not: Vec<NoLine>,
}

/// What comes of a number: a call, or something to be shown.
enum Dialling {
    Begun,
    Shows(Screen),
    Trouble(CallTrouble),
}

impl Flow {
    pub(super) async fn contact(
        &self,
        talk: &Talk<'_>,
        _message: MessageRef,
        phones: &[String],
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut numbers: Vec<Number> = Vec::new();
        for number in phones.iter().filter_map(|phone| phone.parse::<Number>().ok()).take(NUMBERS) {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        match numbers.as_slice() {
            [] => Ok(vec![Outgoing::to(talk.errand.by, prompt::nothing_awaited(&talk.reader()))]),
            [number] => self.dial_message(talk, number).await,
            [_, _, ..] => {
                let choice = talk.errand.update;
                self.dials.keep(talk.errand.by, choice, &numbers, talk.errand.at).await?;
                let numbers = numbers.iter().map(|number| number.as_str().to_owned()).collect();
                let screen = dial::choose_number(&talk.reader(), &Choice { choice, numbers });
                Ok(vec![Outgoing::to(talk.errand.by, screen)])
            }
        }
    }

    /// A text that answers nothing: a number, or something to be helped with.
    pub(super) async fn other_text(&self, talk: &Talk<'_>, text: &str) -> Result<Vec<Outgoing>, Fault> {
        let Some(dialled) = dialled_in(text) else {
            return Ok(vec![Outgoing::to(talk.errand.by, prompt::nothing_awaited(&talk.reader()))]);
        };
        match dialled.parse::<Number>() {
            Ok(number) => self.dial_message(talk, &number).await,
            Err(_) => Ok(vec![Outgoing::to(talk.errand.by, dial::bad_number(&talk.reader()))]),
        }
    }

    /// A message with one number in it.
    async fn dial_message(&self, talk: &Talk<'_>, number: &Number) -> Result<Vec<Outgoing>, Fault> {
        Ok(match self.dial(talk, number, talk.errand.update, 0).await? {
            // The call's card follows by itself.
            Dialling::Begun => Vec::new(),
            Dialling::Shows(screen) => vec![Outgoing::to(talk.errand.by, screen)],
            Dialling::Trouble(trouble) => {
                let html = crate::text::escaped(&call_trouble(&talk.reader(), trouble), 200);
                vec![Outgoing::to(talk.errand.by, crate::screen::parts::Page::new(html).screen())]
            }
        })
    }

    /// One of several numbers was chosen.
    pub(super) async fn dial_chosen(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        choice: u32,
        at: u16,
    ) -> Result<Reply, Fault> {
        let Some(number) = self.waiting_number(talk, choice, at).await? else {
            return Ok(Self::choice_over(talk));
        };
        Ok(self.shown(talk, place, self.dial(talk, &number, choice, at).await?))
    }

    /// One of several lines was chosen.
    pub(super) async fn dial_on(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        choice: u32,
        at: u16,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let Some(number) = self.waiting_number(talk, choice, at).await? else {
            return Ok(Self::choice_over(talk));
        };
        Ok(self.shown(talk, place, self.dial_through(talk, account, &number).await?))
    }

    /// The number of a call that is over, through the same account.
    pub(super) async fn redial(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        number: &Number,
    ) -> Result<Reply, Fault> {
        Ok(match self.dial_through(talk, account, number).await? {
            Dialling::Begun => Reply::default(),
            Dialling::Shows(screen) => Reply::shows([Outgoing::to(talk.errand.by, screen)]),
            Dialling::Trouble(trouble) => Reply::alert(call_trouble(&talk.reader(), trouble)),
        })
    }

    /// What became of a chooser: it goes, or shows why there is no call.
    fn shown(&self, talk: &Talk<'_>, place: &Place, dialling: Dialling) -> Reply {
        match (dialling, place) {
            (Dialling::Begun, Place::Chat(message)) => Reply::shows([Outgoing::Delete { message: *message }]),
            (Dialling::Begun, Place::Inline(_)) => Reply::default(),
            (Dialling::Shows(screen), place) => Reply::shows([Outgoing::in_place(place, screen)]),
            (Dialling::Trouble(trouble), _) => Reply::alert(call_trouble(&talk.reader(), trouble)),
        }
    }

    fn choice_over(talk: &Talk<'_>) -> Reply {
        Reply::alert(call_trouble(&talk.reader(), CallTrouble::ChoiceOver))
    }

    async fn waiting_number(&self, talk: &Talk<'_>, choice: u32, at: u16) -> Result<Option<Number>, Fault> {
        let numbers = self.dials.numbers(talk.errand.by, choice, talk.errand.at).await?;
        Ok(numbers.get(usize::from(at)).cloned())
    }

    /// Dials through the one line that fits, lets the person choose between several, or says why there is none.
    async fn dial(&self, talk: &Talk<'_>, number: &Number, choice: u32, at: u16) -> Result<Dialling, Fault> {
        if self.office.has_called(&talk.errand).await? {
            return Ok(Dialling::Begun);
        }
        let lines = self.lines(talk, number).await?;
        match lines.fit.as_slice() {
            [] => Ok(Dialling::Shows(dial::no_lines(&talk.reader(), number.as_str(), &lines.not))),
            [line] => self.begin_call(talk, line, number).await,
            several => {
                if choice == talk.errand.update {
                    self.dials
                        .keep(talk.errand.by, choice, std::slice::from_ref(number), talk.errand.at)
                        .await?;
                }
                let several: Vec<Line> = several.iter().map(line_of).collect();
                let screen = dial::choose_line(&talk.reader(), choice, at, number.as_str(), &several);
                Ok(Dialling::Shows(screen))
            }
        }
    }

    /// Dials through this account, if it may still dial the number.
    async fn dial_through(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        number: &Number,
    ) -> Result<Dialling, Fault> {
        if self.office.has_called(&talk.errand).await? {
            return Ok(Dialling::Begun);
        }
        let mut lines = Lines::default();
        lines.add(talk, account, &self.office.account(account).await?, number);
        match lines.fit.first() {
            Some(line) => self.begin_call(talk, line, number).await,
            None => Ok(Dialling::Shows(dial::no_lines(&talk.reader(), number.as_str(), &lines.not))),
        }
    }

    async fn begin_call(&self, talk: &Talk<'_>, line: &Fit, number: &Number) -> Result<Dialling, Fault> {
        use event_store::dispatcher::ExecuteError;
        let allowed = {
            let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
            limits.allow(talk.errand.by, Limited::Dial, talk.errand.at)
        };
        if !allowed {
            return Ok(Dialling::Trouble(CallTrouble::TooManyCalls));
        }
        let through = (line.account, line.owner);
        match self.office.request_call(&talk.errand, through, number, &line.dialled).await {
            Ok(()) => Ok(Dialling::Begun),
            Err(ExecuteError::Fault(fault)) => Err(fault),
            Err(ExecuteError::Refused(_) | ExecuteError::Full { .. }) => {
                Ok(Dialling::Trouble(CallTrouble::NotNow))
            }
        }
    }

    /// What each account of the person makes of a number.
    async fn lines(&self, talk: &Talk<'_>, number: &Number) -> Result<Lines, Fault> {
        self.catch_up("account_board").await?;
        let rows = account_board::page_of(&*self.database, talk.errand.by, 0, ACCOUNTS).await?;
        let mut lines = Lines::default();
        for row in rows {
            let state = self.office.account(row.number).await?;
            lines.add(talk, row.number, &state, number);
        }
        Ok(lines)
    }

    /// The number that a call is transferred to, or why its account may not dial it. The gateway lets the rules act.
    pub(super) async fn transfer_number(
        &self,
        talk: &Talk<'_>,
        call: CallId,
        text: &str,
    ) -> Result<Result<Number, Screen>, Fault> {
        let reader = &talk.reader();
        let typed = without_separators(dialled_in(text).unwrap_or(text));
        let (Ok(number), Some(story)) = (typed.parse::<Number>(), self.office.call_story(call).await?) else {
            return Ok(Err(dial::bad_number(reader)));
        };
        let account = self.office.account(story.account).await?;
        Ok(match by_rules(&account, &number) {
            Ok(_) => Ok(number),
            Err(outcome) => {
                let title = account.settings().map(title).unwrap_or_default();
                let line = NoLine { account: story.account, title, why: WhyNot::Rules(outcome) };
                Err(dial::no_lines(reader, number.as_str(), &[line]))
            }
        })
    }
}

impl Lines {
    /// Adds an account, if the person has to do with it.
    fn add(&mut self, talk: &Talk<'_>, account: AccountNumber, state: &SipAccount, number: &Number) {
        let Some(owned) = state.owned() else { return };
        let (me, owner) = (talk.errand.by, owned.ownership.owner());
        let settings = state.applied().map_or(&owned.settings.current, |applied| &applied.settings);
        let title = title(&owned.settings.current);
        let mut not = |why| self.not.push(NoLine { account, title: title.clone(), why });
        let over = state.loan_until().is_some_and(|until| until <= talk.errand.at);
        let user = if over { owner } else { owned.ownership.user() };
        if user != me {
            if owner == me {
                not(WhyNot::UsedByAnother);
            }
            return;
        }
        let health = health(settings.is_complete(), owned.settings.on, &owned.registration);
        match health {
            Health::Incomplete | Health::Off | Health::Failed { .. } => return not(WhyNot::Health(health)),
            Health::NotRegisteredYet | Health::Active => {}
        }
        match by_rules(state, number) {
            Ok(dialled) => self.fit.push(Fit { account, owner, title, dialled }),
            Err(outcome) => not(WhyNot::Rules(outcome)),
        }
    }
}

/// What the rules that act make of a number.
fn by_rules(state: &SipAccount, number: &Number) -> Result<Number, Outcome> {
    let acting = state.applied().map(|applied| &applied.settings).or_else(|| state.settings());
    let rules = acting.map(|settings| DialRules::from(&settings.rules)).unwrap_or_default();
    match rules.apply(number.as_str()) {
        Outcome::Allowed(dialled) => {
            let dialled = without_separators(&dialled);
            dialled.parse().map_err(|_| Outcome::Allowed(String::new()))
        }
        refused @ (Outcome::Refused { .. } | Outcome::TooLong) => Err(refused),
    }
}

fn line_of(fit: &Fit) -> Line {
    Line { account: fit.account, title: fit.title.clone(), dials: fit.dialled.as_str().to_owned() }
}
