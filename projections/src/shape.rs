//! Small words for writing down tables and reading rows.

use domain::Event;
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::{Position, Recorded};
use domain::sealed::Sealed;
use domain::{call, person, sip_account};
use event_store::projection::{Column, Key};
use event_store::sql::{Row, Type, Value};
use std::str::FromStr;

/// A column that always has a value.
pub(crate) const fn column(name: &'static str, kind: Type, about: &'static str) -> Column {
    Column { name, kind, nullable: false, about }
}

/// A column that may be NULL.
pub(crate) const fn optional(name: &'static str, kind: Type, about: &'static str) -> Column {
    Column { name, kind, nullable: true, about }
}

/// The account an event is about, and the event; none for events of anything else.
pub(crate) fn of_account(recorded: &Recorded<Event>) -> Option<(AccountNumber, &sip_account::Event)> {
    match &recorded.event {
        Event::SipAccount(event) => recorded.stream.parse().ok().map(|number| (number, event)),
        Event::Person(_) | Event::Call(_) => None,
    }
}

/// The person an event is about, and the event; none for events of anything else.
pub(crate) fn of_person(recorded: &Recorded<Event>) -> Option<(UserId, &person::Event)> {
    match &recorded.event {
        Event::Person(event) => recorded.stream.parse().ok().map(|id| (UserId(id), event)),
        Event::SipAccount(_) | Event::Call(_) => None,
    }
}

/// The call an event is about, and the event; none for events of anything else.
pub(crate) fn of_call(recorded: &Recorded<Event>) -> Option<(CallId, &call::Event)> {
    match &recorded.event {
        Event::Call(event) => recorded.stream.parse().ok().map(|id| (id, event)),
        Event::SipAccount(_) | Event::Person(_) => None,
    }
}

pub(crate) fn account_key(number: AccountNumber) -> Key {
    vec![number.get().into()]
}

pub(crate) fn call_key(call: CallId) -> Key {
    vec![text(call)]
}

/// A key of one account number, back again.
pub(crate) fn account_of(key: &Key) -> Option<AccountNumber> {
    match key.first() {
        Some(Value::Int(Some(number))) => u32::try_from(*number).ok()?.try_into().ok(),
        Some(_) | None => None,
    }
}

/// The transaction and the number of a position, as values. Both stay far below 2^63.
pub(crate) fn place(position: Position) -> [Value; 2] {
    [position.tx, position.pos].map(|number| i64::try_from(number).unwrap_or(i64::MAX).into())
}

/// A column that holds something with a text form.
pub(crate) fn parsed<T: FromStr>(row: &Row, column: usize) -> Option<T> {
    row.text(column).ok()?.parse().ok()
}

/// A column that holds something with a text form, or NULL. None when it holds something else.
#[expect(clippy::option_option, reason = "the outer one says that the row is broken")]
pub(crate) fn parsed_or_null<T: FromStr>(row: &Row, column: usize) -> Option<Option<T>> {
    row.text_or_null(column).ok()?.map(|text| text.parse().ok()).map_or(Some(None), |parsed| parsed.map(Some))
}

pub(crate) fn number(row: &Row, column: usize) -> Option<AccountNumber> {
    u32::try_from(row.int(column).ok()?).ok()?.try_into().ok()
}

pub(crate) fn user(row: &Row, column: usize) -> Option<UserId> {
    row.int(column).ok().map(UserId)
}

pub(crate) fn sealed(row: &Row, column: usize) -> Option<Sealed> {
    row.text(column).ok().map(Sealed::from_text)
}

/// A column that holds something sealed, or NULL. None when it holds something else.
#[expect(clippy::option_option, reason = "the outer one says that the row is broken")]
pub(crate) fn sealed_or_null(row: &Row, column: usize) -> Option<Option<Sealed>> {
    row.text_or_null(column).ok().map(|text| text.map(Sealed::from_text))
}

/// Something sealed, or NULL.
pub(crate) fn text_of_sealed(sealed: Option<&Sealed>) -> Value {
    sealed.map(Sealed::as_text).into()
}

/// Something with a text form, as a value.
pub(crate) fn text(value: impl ToString) -> Value {
    value.to_string().into()
}

/// Something with a text form, or NULL.
pub(crate) fn text_or_null(value: Option<impl ToString>) -> Value {
    value.map(|value| value.to_string()).into()
}

/// A person, or NULL.
pub(crate) fn user_or_null(user: Option<UserId>) -> Value {
    user.map(|user| user.0).into()
}

/// The names of a table's columns, for queries that want whole rows.
pub(crate) fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The types of a table's columns.
pub(crate) fn types(columns: &[Column]) -> Vec<Type> {
    columns.iter().map(|column| column.kind).collect()
}
