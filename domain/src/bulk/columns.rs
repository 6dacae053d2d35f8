//! Which value of a line is which: as agreed, or as a first line of column names says.

use super::Why;
use super::fields::{OpenQuote, fields};

/// What the values of a line are, from left to right. The default is `login password [name]`.
pub(super) struct Columns(Vec<Column>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Login,
    Password,
    Name,
    Unused,
}

/// The values that make an account; empty where there are none.
#[derive(Default)]
pub(super) struct Values {
    pub(super) login: String,
    pub(super) password: String,
    pub(super) name: String,
}

impl Default for Columns {
    fn default() -> Self {
        Self(vec![Column::Login, Column::Password, Column::Name])
    }
}

impl Columns {
    /// Reads a line of column names, and gives the columns that nothing is made of beside them.
    /// A line that does not name both a login and a password is an account, or tries to be one.
    pub(super) fn named_by(line: &str) -> Option<(Self, Vec<String>)> {
        let names = fields(line, usize::MAX).ok()?;
        let mut columns: Vec<Column> = Vec::new();
        let mut unused = Vec::new();
        for name in &names {
            let column = Column::named(name);
            let again = column != Column::Unused && columns.contains(&column);
            let column = if again { Column::Unused } else { column };
            if column == Column::Unused {
                unused.push(name.clone());
            }
            columns.push(column);
        }
        let complete = columns.contains(&Column::Login) && columns.contains(&Column::Password);
        complete.then_some((Self(columns), unused))
    }

    /// The values of a line.
    pub(super) fn values(&self, line: &str) -> Result<Values, Why> {
        let fields = fields(line, self.0.len()).map_err(|OpenQuote| Why::OpenQuote)?;
        let mut values = Values::default();
        for (index, field) in fields.into_iter().enumerate() {
            match self.0.get(index) {
                Some(Column::Login) => values.login = field,
                Some(Column::Password) => values.password = field,
                Some(Column::Name) => values.name = field,
                Some(Column::Unused) => {}
                None if field.is_empty() => {}
                None => return Err(Why::TooManyValues),
            }
        }
        Ok(values)
    }
}

impl Column {
    fn named(name: &str) -> Self {
        match name.trim().to_lowercase().as_str() {
            "login"
            | "user"
            | "username"
            | "user name"
            | "extension"
            | "ext"
            | "account"
            | "логин"
            | "пользователь"
            | "номер"
            | "внутренний" => Self::Login,
            "password" | "pass" | "secret" | "пароль" => Self::Password,
            "name" | "label" | "full name" | "имя" | "название" | "фио" | "сотрудник" => {
                Self::Name
            }
            _ => Self::Unused,
        }
    }
}
