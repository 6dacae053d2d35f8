//! Which lines of a list are accounts, and why others are not.

use super::*;
use proptest::prelude::*;

#[test]
fn a_line_is_a_login_a_password_and_perhaps_a_name() {
    let list = parse("1001 secret-1 Ivan Petrov\n1002 secret-2");
    assert_eq!(shown(&list), [(1, "1001", "secret-1", "Ivan Petrov"), (2, "1002", "secret-2", "")]);
    assert_eq!(list.problems, []);
}

#[test]
fn tables_of_every_kind_say_the_same() {
    for text in [
        "1001,secret,Ivan Petrov",
        "1001;secret;Ivan Petrov",
        "1001\tsecret\tIvan Petrov",
        "1001 secret Ivan Petrov",
        "\"1001\",\"secret\",\"Ivan Petrov\"",
        "\u{feff}1001,secret,Ivan Petrov\r\n",
        "1001 , secret , Ivan Petrov , ",
    ] {
        let list = parse(text);
        assert_eq!(shown(&list), [(1, "1001", "secret", "Ivan Petrov")], "{text:?}");
        assert_eq!(list.problems, [], "{text:?}");
    }
}

#[test]
fn empty_lines_and_comments_are_left_out_but_counted() {
    let list = parse("# sales\r\n\r\n1001 secret\r# more\r1002 secret");
    assert_eq!(shown(&list), [(3, "1001", "secret", ""), (5, "1002", "secret", "")]);
}

#[test]
fn a_line_of_column_names_says_what_is_where() {
    for text in [
        "login,password,name\n1001,secret,Ivan",
        "Имя;Пароль;Логин\nIvan;secret;1001",
        "Name\tExtension\tSecret\nIvan\t1001\tsecret",
        "LOGIN PASSWORD NAME\n1001 secret Ivan",
    ] {
        let list = parse(text);
        assert_eq!(shown(&list), [(2, "1001", "secret", "Ivan")], "{text:?}");
        assert_eq!((list.problems, list.unused_columns, list.names_line), (vec![], vec![], Some(1)));
    }
}

#[test]
fn columns_of_which_nothing_is_made_are_told() {
    let list = parse("id,login,password,e-mail\n7,1001,secret,ivan@example.com");
    assert_eq!(shown(&list), [(2, "1001", "secret", "")]);
    assert_eq!(list.unused_columns, ["id", "e-mail"]);
}

#[test]
fn an_account_called_login_is_an_account() {
    assert_eq!(shown(&parse("login secret-1")), [(1, "login", "secret-1", "")]);
}

#[test]
fn every_line_that_is_no_account_says_why() {
    let list = parse(concat!(
        "1001 secret\n",
        "1002\n",
        ",secret\n",
        "1003,,Ivan\n",
        "iv@n secret\n",
        "1001 other\n",
        "1004,\"secret\n",
        "1005,secret,Ivan,Petrov\n",
    ));
    assert_eq!(shown(&list), [(1, "1001", "secret", "")]);
    let why: Vec<_> = list.problems.into_iter().map(|problem| (problem.line, problem.why)).collect();
    assert_eq!(
        why,
        [
            (2, Why::PasswordMissing),
            (3, Why::LoginMissing),
            (4, Why::PasswordMissing),
            (5, Why::BadLogin(BadSetting::Blanks)),
            (6, Why::Twice { first: 1 }),
            (7, Why::OpenQuote),
            (8, Why::TooManyValues),
        ]
    );
}

#[test]
fn values_out_of_bounds_say_so() {
    let too_long = |max| BadSetting::TooLong { max };
    let list = parse(&format!("{} s\n1 {}\n2 s {}", "l".repeat(129), "p".repeat(257), "n".repeat(65)));
    let why: Vec<_> = list.problems.into_iter().map(|problem| problem.why).collect();
    assert_eq!(
        why,
        [Why::BadLogin(too_long(128)), Why::BadPassword(too_long(256)), Why::BadName(too_long(64))]
    );
}

#[test]
fn a_list_ends_after_two_hundred_accounts_and_says_how_many_are_left_out() {
    let text: String = (0..MAX_LINES + 7).map(|n| format!("{n} secret\n")).collect();
    let list = parse(&text);
    assert_eq!(list.entries.len(), MAX_LINES);
    let why = Why::TooManyLines { left_out: 7 };
    assert_eq!(list.problems, [Problem { line: MAX_LINES + 1, why }]);
}

#[test]
fn no_password_is_shown_when_a_list_is_debugged() {
    let list = parse("1001 canary-9f2\n1001 canary-9f2\nx@ canary-9f2\n1002 \"canary-9f2");
    assert!(!format!("{list:?}").contains("canary-9f2"));
}

proptest! {
    #[test]
    fn every_line_is_an_account_or_a_problem(text in "([a-z0-9@,; \"\t]{0,12}\r?\n){0,12}") {
        let list = parse(&text);
        let all = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let all: Vec<usize> = all.map(|(index, _)| index + 1).collect();
        prop_assert_eq!(told(&list), all);
    }

    #[test]
    fn any_text_is_a_list(text in "(?s).{0,400}") {
        let list = parse(&text);
        prop_assert!(list.entries.len() <= MAX_LINES);
    }
}

/// Every line of which the list tells something.
fn told(list: &List) -> Vec<usize> {
    let entries = list.entries.iter().map(|entry| entry.line);
    let problems = list.problems.iter().map(|problem| problem.line);
    let mut told: Vec<usize> = entries.chain(problems).chain(list.names_line).collect();
    told.sort_unstable();
    told
}

fn shown(list: &List) -> Vec<(usize, &str, &str, &str)> {
    list.entries
        .iter()
        .map(|entry| {
            let name = entry.name.as_ref().map_or("", AccountName::as_str);
            (entry.line, entry.login.as_str(), entry.password.expose(), name)
        })
        .collect()
}
