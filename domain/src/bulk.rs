//! A list of accounts, as an administrator sends it: a line each of `login password [name]`, typed or exported.
//!
//! Blanks, tabs, commas and semicolons divide; quotes as in CSV; a line of column names is understood; empty lines and
//! lines that begin with `#` are left out. Every other line becomes an [`Entry`] or a [`Problem`]: none is lost.

mod columns;
mod fields;

use crate::password::Password;
use crate::settings::{AccountName, BadSetting, Login};
use columns::Columns;
use std::collections::HashMap;
use std::collections::hash_map;

/// The greatest number of accounts in one list.
pub const MAX_LINES: usize = 200;

/// A list, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// The accounts, in the order of the list.
    pub entries: Vec<Entry>,
    /// The lines that are none, in the order of the list.
    pub problems: Vec<Problem>,
    /// The line of column names, where there is one.
    pub names_line: Option<usize>,
    /// Columns that it names, and that nothing is made of.
    pub unused_columns: Vec<String>,
}

/// One account of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands; the first line is 1.
    pub line: usize,
    /// SIP user and authentication user.
    pub login: Login,
    /// The password, in clear.
    pub password: Password,
    /// The label, and who it is for.
    pub name: Option<AccountName>,
}

/// A line that is no account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which one; the first line is 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a line. Holds no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No login, though there is something else.
    #[error("there is no login")]
    LoginMissing,
    /// Only a login.
    #[error("there is no password")]
    PasswordMissing,
    /// Not a login.
    #[error("the login: {0}")]
    BadLogin(BadSetting),
    /// Not a password.
    #[error("the password: {0}")]
    BadPassword(BadSetting),
    /// Not a name.
    #[error("the name: {0}")]
    BadName(BadSetting),
    /// The login stands on an earlier line already.
    #[error("the login is on line {first} already")]
    Twice {
        /// The earlier line.
        first: usize,
    },
    /// A quote is not closed on its line.
    #[error("a quote is not closed")]
    OpenQuote,
    /// More values than columns.
    #[error("there are more values than login, password and name")]
    TooManyValues,
    /// The list is longer than [`MAX_LINES`] accounts; this line and those after it are left out.
    #[error("the list is longer than {MAX_LINES} accounts; {left_out} lines are left out")]
    TooManyLines {
        /// How many lines are left out, this one among them.
        left_out: usize,
    },
}

/// Reads a list. Every text gives one, if only of problems.
#[must_use]
pub fn parse(text: &str) -> List {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.split('\n').map(str::trim).enumerate().map(|(index, line)| (index + 1, line));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).peekable();
    let mut list = List::default();
    let columns = match lines.peek().and_then(|(_, line)| Columns::named_by(line)) {
        Some((columns, unused)) => {
            list.unused_columns = unused;
            list.names_line = lines.next().map(|(number, _)| number);
            columns
        }
        None => Columns::default(),
    };
    let mut seen = HashMap::new();
    let mut accounts = 0;
    while let Some((number, line)) = lines.next() {
        if accounts == MAX_LINES {
            let why = Why::TooManyLines { left_out: 1 + lines.count() };
            list.problems.push(Problem { line: number, why });
            break;
        }
        accounts += 1;
        match entry(number, line, &columns, &mut seen) {
            Ok(entry) => list.entries.push(entry),
            Err(why) => list.problems.push(Problem { line: number, why }),
        }
    }
    list
}

fn entry(line: usize, text: &str, columns: &Columns, seen: &mut HashMap<Login, usize>) -> Result<Entry, Why> {
    let values = columns.values(text)?;
    let login: Login = match values.login.as_str() {
        "" => return Err(Why::LoginMissing),
        login => login.parse().map_err(Why::BadLogin)?,
    };
    let password = match values.password.as_str() {
        "" => return Err(Why::PasswordMissing),
        password => password.parse().map_err(Why::BadPassword)?,
    };
    let name = match values.name.as_str() {
        "" => None,
        name => Some(name.parse().map_err(Why::BadName)?),
    };
    match seen.entry(login.clone()) {
        hash_map::Entry::Occupied(first) => return Err(Why::Twice { first: *first.get() }),
        hash_map::Entry::Vacant(place) => place.insert(line),
    };
    Ok(Entry { line, login, password, name })
}

#[cfg(test)]
mod tests;
